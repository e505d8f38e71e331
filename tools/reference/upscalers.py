"""Results of small upscalers in torch, for test/inference/engines/upscale.

    python tools/reference/upscalers.py > test/fixtures/upscalers.json

The networks are written down here as their papers and BasicSR describe them. Weights are numbers that follow from their names, as in
`checkpoints.py`, so that they need not be kept. For each network: the shapes of its tensors, and its result on a small picture.
"""
import json
import math
import sys
import zlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def numbers(name, shape, scale):
    """Values of about `scale`, a hash of the tensor's name."""
    index = np.arange(math.prod(shape), dtype=np.uint64)
    h = (index * 2654435761 + zlib.crc32(name.encode())) & 0xFFFFFFFF
    h = ((h ^ (h >> np.uint64(15))) * 2246822519) & 0xFFFFFFFF
    h = ((h ^ (h >> np.uint64(13))) * 3266489917) & 0xFFFFFFFF
    h = h ^ (h >> np.uint64(16))
    values = ((h & np.uint64(1023)).astype(np.float64) * 2 - 1023) * 2.0**-scale
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


class DenseBlock(nn.Module):
    def __init__(self, channels, growth):
        super().__init__()
        for index in range(5):
            out = channels if index == 4 else growth
            setattr(self, f"conv{index + 1}", nn.Conv2d(channels + index * growth, out, 3, 1, 1))

    def forward(self, x):
        known = [x]
        for index in range(4):
            known.append(F.leaky_relu(getattr(self, f"conv{index + 1}")(torch.cat(known, 1)), 0.2))
        return self.conv5(torch.cat(known, 1)) * 0.2 + x


class Block(nn.Module):
    def __init__(self, channels, growth):
        super().__init__()
        self.rdb1 = DenseBlock(channels, growth)
        self.rdb2 = DenseBlock(channels, growth)
        self.rdb3 = DenseBlock(channels, growth)

    def forward(self, x):
        return self.rdb3(self.rdb2(self.rdb1(x))) * 0.2 + x


class RRDBNet(nn.Module):
    def __init__(self, unshuffle, channels=8, growth=4, blocks=2):
        super().__init__()
        self.unshuffle = unshuffle
        self.conv_first = nn.Conv2d(3 * unshuffle**2, channels, 3, 1, 1)
        self.body = nn.Sequential(*[Block(channels, growth) for _ in range(blocks)])
        self.conv_body = nn.Conv2d(channels, channels, 3, 1, 1)
        self.conv_up1 = nn.Conv2d(channels, channels, 3, 1, 1)
        self.conv_up2 = nn.Conv2d(channels, channels, 3, 1, 1)
        self.conv_hr = nn.Conv2d(channels, channels, 3, 1, 1)
        self.conv_last = nn.Conv2d(channels, 3, 3, 1, 1)

    def forward(self, x):
        if self.unshuffle > 1:
            x = F.pixel_unshuffle(x, self.unshuffle)
        first = self.conv_first(x)
        x = first + self.conv_body(self.body(first))
        for up in (self.conv_up1, self.conv_up2):
            x = F.leaky_relu(up(F.interpolate(x, scale_factor=2, mode="nearest")), 0.2)
        return self.conv_last(F.leaky_relu(self.conv_hr(x), 0.2))


class SRVGGNetCompact(nn.Module):
    def __init__(self, scale, channels=8, convs=4):
        super().__init__()
        self.scale = scale
        layers = [nn.Conv2d(3, channels, 3, 1, 1), nn.PReLU(channels)]
        for _ in range(convs):
            layers += [nn.Conv2d(channels, channels, 3, 1, 1), nn.PReLU(channels)]
        self.body = nn.Sequential(*layers, nn.Conv2d(channels, 3 * scale**2, 3, 1, 1))

    def forward(self, x):
        return F.pixel_shuffle(self.body(x), self.scale) + F.interpolate(x, scale_factor=self.scale, mode="nearest")


# Even and odd sides, but multiples of 2 for the network that unshuffles.
HEIGHT, WIDTH = 6, 10
SCALES = {"rrdbnet-x4": (RRDBNet(1), 12), "rrdbnet-x2": (RRDBNet(2), 12), "srvgg-x4": (SRVGGNetCompact(4), 12)}


def picture():
    at = torch.arange(3 * HEIGHT * WIDTH, dtype=torch.float64)
    levels = ((at * 37) % 251).to(torch.float32)
    return (levels / 255).reshape(1, 3, HEIGHT, WIDTH)


cases = {}
for name, (network, exponent) in SCALES.items():
    state = {key: numbers(key, tuple(value.shape), exponent) for key, value in network.state_dict().items()}
    network.load_state_dict(state)
    with torch.no_grad():
        result = network(picture())[0]
    cases[name] = {
        "exponent": exponent,
        "shapes": {key: list(value.shape) for key, value in state.items()},
        "size": list(result.shape),
        "values": [round(value, 6) for value in result.flatten().tolist()],
    }
    print(name, float(result.min()), float(result.max()), float(result.std()), file=sys.stderr)
json.dump(cases, sys.stdout, separators=(",", ":"))
print()
