"""Stable Diffusion 1.5's architecture at its full size, with random weights, in two forms: a checkpoint of 2 GB in half
precision, and the same weights as an ONNX folder of about 4 GB. Prints the seconds that the export took.

    python tools/reference/full_size.py models/sd15-random [4|9] VOCABULARY_FOLDER

The checkpoint is models/sd15-random.safetensors. The vocabulary is CLIP's: vocab.json and merges.txt.
"""
import json
import pathlib
import shutil
import sys
import time
import warnings

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from single_file import ldm_text, ldm_unet, ldm_vae
from transformers import CLIPTextConfig, CLIPTextModel

warnings.filterwarnings("ignore")
torch.manual_seed(0)
folder = pathlib.Path(sys.argv[1])
channels = int(sys.argv[2])
vocabulary = pathlib.Path(sys.argv[3])


class Call(torch.nn.Module):
    def __init__(self, module, call):
        super().__init__()
        self.module = module
        self.call = call

    def forward(self, *inputs):
        return self.call(self.module, *inputs)


single = {}
seconds = 0


def keep(names, module):
    """Write the checkpoint in half precision and read it back."""
    state = module.state_dict()
    for theirs, own in names(list(state)):
        tensor = state[own].half()
        single[theirs] = tensor.reshape(*tensor.shape, 1, 1) if ".mid.attn_1." in theirs and tensor.dim() == 2 else tensor
    module.load_state_dict({name: value.half().float() if value.is_floating_point() else value for name, value in state.items()})


def export(part, module, call, inputs, names, output, free):
    global seconds
    (folder / part).mkdir(parents=True)
    begun = time.time()
    torch.onnx.export(
        Call(module.eval(), call),
        tuple(inputs),
        str(folder / part / "model.onnx"),
        input_names=names,
        output_names=[output],
        dynamic_axes=free,
        opset_version=17,
        dynamo=False,
        do_constant_folding=False,
    )
    seconds += time.time() - begun


shutil.rmtree(folder, ignore_errors=True)
free = {"sample": {0: "batch", 2: "height", 3: "width"}, "encoder_hidden_states": {0: "batch", 1: "tokens"}}
with torch.no_grad():
    unet = UNet2DConditionModel(
        in_channels=channels,
        cross_attention_dim=768,
        attention_head_dim=8,
        block_out_channels=(320, 640, 1280, 1280),
        down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
        up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        layers_per_block=2,
        sample_size=64,
    )
    keep(lambda names: [(theirs, own) for own, theirs in ldm_unet(names).items()], unet)
    export(
        "unet",
        unet,
        lambda m, x, t, c: m(x, t, c, return_dict=False)[0],
        [torch.randn(2, channels, 64, 64), torch.tensor(1.0), torch.randn(2, 77, 768)],
        ["sample", "timestep", "encoder_hidden_states"],
        "out_sample",
        free,
    )
    del unet
    vae = AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
        sample_size=512,
    )
    keep(lambda names: [(theirs, own) for own, theirs in ldm_vae(names).items()], vae)
    export(
        "vae_encoder",
        vae,
        lambda m, x: m.encode(x).latent_dist.parameters,
        [torch.rand(1, 3, 512, 512)],
        ["sample"],
        "latent_parameters",
        free,
    )
    export(
        "vae_decoder",
        vae,
        lambda m, z: m.decode(z, return_dict=False)[0],
        [torch.randn(1, 4, 64, 64)],
        ["latent_sample"],
        "sample",
        {"latent_sample": free["sample"]},
    )
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=49408, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12
        )
    )
    keep(
        lambda names: [
            (theirs, own) for theirs, [own] in ldm_text(names, "cond_stage_model.", is_open=False, extra=False).items()
        ],
        text,
    )
    export(
        "text_encoder",
        text,
        lambda m, i: m(i, return_dict=True).last_hidden_state,
        [torch.zeros(1, 77, dtype=torch.int64)],
        ["input_ids"],
        "last_hidden_state",
        {"input_ids": {0: "batch"}},
    )
shutil.copytree(vocabulary, folder / "tokenizer")
(folder / "scheduler").mkdir()
(folder / "scheduler" / "scheduler_config.json").write_text(
    json.dumps({"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1})
)
(folder / "model_index.json").write_text(json.dumps({"_class_name": "OnnxStableDiffusionPipeline"}))
save_file({name: tensor.contiguous() for name, tensor in single.items()}, folder.with_suffix(".safetensors"))
print(f"exported in {seconds:.1f} s")
