"""torch's results for each kind of layer in checkpoints. Inputs are hashes of their names.

    python tools/reference/layers.py test/fixtures/diffusion/layers.json
"""
import json
import math
import pathlib
import sys
import zlib

import numpy as np
import torch
import torch.nn.functional as F


def numbers(name, shape):
    """Values from −1 to 1 that half precision represents exactly, as in `checkpoints.py`."""
    index = np.arange(math.prod(shape), dtype=np.uint64)
    h = (index * 2654435761 + zlib.crc32(name.encode())) & 0xFFFFFFFF
    h = ((h ^ (h >> np.uint64(15))) * 2246822519) & 0xFFFFFFFF
    h = ((h ^ (h >> np.uint64(13))) * 3266489917) & 0xFFFFFFFF
    h = h ^ (h >> np.uint64(16))
    values = ((h & np.uint64(1023)).astype(np.float64) * 2 - 1023) / 1024
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def heads(x, count):
    return x.unflatten(-1, (count, -1)).transpose(1, 2)


def attention(targets, sources, bias=False):
    """Attention with batch size 2 and three heads of width 4."""
    q, k, v = (numbers(name, (2, rows, 12)) for name, rows in (("q", targets), ("k", sources), ("v", sources)))
    mask = numbers("bias", (1, 1, targets, sources)) if bias else None
    mixed = F.scaled_dot_product_attention(*(heads(one, 3) for one in (q, k, v)), attn_mask=mask)
    return mixed.transpose(1, 2).flatten(2).reshape(-1, 12)


def sinusoids(values, width):
    angles = torch.tensor(values)[:, None] * torch.exp(-math.log(10000) * torch.arange(width // 2) / (width // 2))
    return torch.cat([torch.cos(angles), torch.sin(angles)], 1)


x = numbers("x", (2, 8, 6, 5))
rows = numbers("rows", (7, 12))
weight, bias = numbers("conv.weight", (4, 8, 3, 3)), numbers("conv.bias", (4,))
inner = F.linear(rows, numbers("net.0.proj.weight", (20, 12)), numbers("net.0.proj.bias", (20,)))
values, gates = inner.chunk(2, -1)
expected = {
    "linear": F.linear(rows, numbers("linear.weight", (5, 12)), numbers("linear.bias", (5,))),
    "linear without bias": F.linear(rows, numbers("linear.weight", (5, 12))),
    "conv": F.conv2d(x, weight, bias, padding=1),
    "conv of stride 2": F.conv2d(x, weight, bias, padding=1, stride=2),
    "conv with a pixel more on two sides": F.conv2d(F.pad(x, (0, 1, 0, 1)), weight, bias, stride=2),
    "group norm": F.group_norm(x, 4, numbers("norm.weight", (8,)), numbers("norm.bias", (8,)), 1e-5),
    "layer norm": F.layer_norm(rows, (12,), numbers("wide.weight", (12,)), numbers("wide.bias", (12,)), 1e-5),
    "attention to itself": attention(6, 6),
    "attention to others": attention(6, 9),
    "attention with a bias": attention(6, 6, True),
    "SiLU": F.silu(x),
    "twice the size": F.interpolate(x, scale_factor=2.0, mode="nearest"),
    "gated feed forward": F.linear(values * F.gelu(gates), numbers("net.2.weight", (12, 10)), numbers("net.2.bias", (12,))),
    "sinusoids": sinusoids([0.0, 3.5, 999.0], 8),
}
pathlib.Path(sys.argv[1]).write_text(
    json.dumps({name: {"shape": list(v.shape), "values": [float(f"{n:.7g}") for n in v.flatten()]} for name, v in expected.items()}) + "\n"
)
