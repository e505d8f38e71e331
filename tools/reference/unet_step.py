"""Time steps of Stable Diffusion 1.5's UNet in torch: prints seconds for each line on stdin.

    python tools/reference/unet_step.py CHANNELS THREADS [cpu|cuda]

On a GPU it computes in half precision.
"""
import sys
import time

import torch
from diffusers import UNet2DConditionModel

torch.manual_seed(0)
torch.set_num_threads(int(sys.argv[2]))
channels = int(sys.argv[1])
device = sys.argv[3] if len(sys.argv) > 3 else "cpu"
precision = torch.half if device == "cuda" else torch.float
unet = UNet2DConditionModel(
    in_channels=channels,
    cross_attention_dim=768,
    attention_head_dim=8,
    block_out_channels=(320, 640, 1280, 1280),
    down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
    up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
    layers_per_block=2,
    sample_size=64,
).eval().to(device, precision)
sample = torch.randn(1, channels, 64, 64).to(device, precision)
context = torch.randn(1, 77, 768).to(device, precision)
timestep = torch.tensor(500.0, device=device)


def step():
    unet(sample, timestep, context)
    if device == "cuda":
        torch.cuda.synchronize()


with torch.no_grad():
    for _ in range(3):
        step()
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        step()
        print(time.perf_counter() - start, flush=True)
