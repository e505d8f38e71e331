"""Layers with each kind of fine-tuning, as PEFT and formulas of LyCORIS compute them.

    python tools/reference/fine_tuning.py test/fixtures/diffusion/fine-tuning.json

Each case has the tensors of a file and the outputs of a layer, `linear` or `conv`, with the updated weight. The weights and
inputs are those of `layers.py`.
"""
import json
import math
import pathlib
import sys
import zlib

import numpy as np
import torch
import torch.nn.functional as F
from peft import IA3Config, LoHaConfig, LoKrConfig, LoraConfig, OFTConfig, get_peft_model, get_peft_model_state_dict


def numbers(name, shape):
    """Values from −1 to 1, as in `layers.py`."""
    index = np.arange(math.prod(shape), dtype=np.uint64)
    h = (index * 2654435761 + zlib.crc32(name.encode())) & 0xFFFFFFFF
    h = ((h ^ (h >> np.uint64(15))) * 2246822519) & 0xFFFFFFFF
    h = ((h ^ (h >> np.uint64(13))) * 3266489917) & 0xFFFFFFFF
    h = h ^ (h >> np.uint64(16))
    values = ((h & np.uint64(1023)).astype(np.float64) * 2 - 1023) / 1024
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


SHAPES = {"linear": (5, 12), "conv": (4, 8, 3, 3)}
INPUTS = {"linear": numbers("rows", (7, 12)), "conv": numbers("x", (2, 8, 6, 5))}


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(12, 5)
        self.conv = torch.nn.Conv2d(8, 4, 3, padding=1)
        for name, shape in SHAPES.items():
            layer = getattr(self, name)
            layer.weight.data = numbers(f"{name}.weight", shape)
            layer.bias.data = numbers(f"{name}.bias", shape[:1])

    def forward(self, x):
        return x


def plain(values):
    return dict(shape=list(values.shape), values=[float(f"{n:.7g}") for n in values.flatten().tolist()])


def apply(name, weight, bias):
    return F.linear(INPUTS[name], weight, bias) if name == "linear" else F.conv2d(INPUTS[name], weight, bias, padding=1)


def with_peft(kind, config, target):
    net = get_peft_model(Net(), config)
    state = get_peft_model_state_dict(net)
    torch.manual_seed(1)
    for key, tensor in net.state_dict().items():
        # The magnitude of DoRA and the vector of IA3 stay near what they are.
        if "lora_magnitude" in key or "ia3" in key:
            tensor.mul_(1 + 0.3 * torch.rand_like(tensor))
        elif any(part in key for part in ("lora_", "hada_", "lokr_")):
            tensor.copy_(torch.randn_like(tensor) * 0.5)
        elif "oft_R" in key:
            tensor.copy_(torch.randn_like(tensor) * 0.1)
    state = get_peft_model_state_dict(net)
    tensors = {key: plain(tensor) for key, tensor in state.items()}
    merged = getattr(net.merge_and_unload(), target)
    with torch.no_grad():
        output = apply(target, merged.weight, merged.bias)
    return dict(kind=kind, target=target, alpha=getattr(config, "alpha", getattr(config, "lora_alpha", None)), tensors=tensors, expected=plain(output))


def by_formula(kind, target, tensors, updated, added_bias=0):
    """tensors and updated: functions of the layer's weight."""
    weight, bias = numbers(f"{target}.weight", SHAPES[target]), numbers(f"{target}.bias", SHAPES[target][:1])
    made = {f"lora_unet_{target}.{key}": plain(value) for key, value in tensors.items()}
    return dict(kind=kind, target=target, alpha=None, tensors=made, expected=plain(apply(target, updated(weight), bias + added_bias)))


def lycoris():
    random = torch.Generator().manual_seed(2)
    draw = lambda *shape: torch.randn(*shape, generator=random) * 0.5
    a, b = draw(2, 8, 1, 1)[..., 0, 0], draw(4, 2)
    up, down, middle, alpha = draw(4, 2, 1, 1), draw(2, 8, 1, 1), draw(2, 2, 3, 3), torch.tensor(3.0)
    tucker = torch.einsum("nmkl,in,mj->ijkl", middle, up[..., 0, 0], down[..., 0, 0])
    yield by_formula("LoCon", "conv", {"lora_up.weight": up, "lora_down.weight": down, "lora_mid.weight": middle, "alpha": alpha}, lambda w: w + 1.5 * tucker)
    cores = [draw(2, 2, 3, 3) for _ in range(2)]
    factors = [(draw(2, 4), draw(2, 8)) for _ in range(2)]
    rebuilt = [torch.einsum("ijkl,jr,ip->prkl", core, b, a) for core, (a, b) in zip(cores, factors)]
    loha = {f"hada_w{i + 1}_{part}": factors[i]["ab".index(part)] for i in range(2) for part in "ab"}
    loha |= {f"hada_t{i + 1}": cores[i] for i in range(2)} | {"alpha": alpha}
    yield by_formula("LoHa with cores", "conv", loha, lambda w: w + 1.5 * rebuilt[0] * rebuilt[1])
    w1, w2a, w2b = draw(2, 4), draw(2, 2), draw(2, 2 * 9)
    yield by_formula("LoKr", "conv", {"lokr_w1": w1, "lokr_w2_a": w2a, "lokr_w2_b": w2b, "alpha": alpha}, lambda w: w + 1.5 * torch.kron(w1, w2a @ w2b).reshape(w.shape))
    k1, k2 = draw(1, 3), draw(5, 4)
    yield by_formula("LoKr with whole factors", "linear", {"lokr_w1": k1, "lokr_w2": k2, "alpha": alpha}, lambda w: w + torch.kron(k1, k2))
    difference, bias = draw(4, 8, 3, 3), draw(4)
    yield by_formula("difference", "conv", {"diff": difference, "diff_b": bias}, lambda w: w + difference, bias)
    vector = draw(12)
    yield by_formula("IA3 on the input", "linear", {"weight": vector, "on_input": torch.tensor(1.0)}, lambda w: w + w * vector)
    rows = draw(5)
    yield by_formula("IA3 on the output", "linear", {"weight": rows, "on_input": torch.tensor(0.0)}, lambda w: w + w * rows[:, None])
    up, down = draw(4, 2, 1, 1), draw(2, 8, 3, 3)
    norms = 1 + draw(1, 8, 1, 1).abs()

    def by_column(w):
        changed = w + (up[..., 0, 0] @ down.flatten(1)).reshape(w.shape)
        return changed * norms / changed.transpose(0, 1).flatten(1).norm(dim=1).reshape(1, -1, 1, 1)

    yield by_formula("DoRA by column", "conv", {"lora_up.weight": up, "lora_down.weight": down, "dora_scale": norms}, by_column)


def skew(blocks):
    return blocks - blocks.transpose(-1, -2)


def cayley(blocks, limit=0):
    q, one = skew(blocks), torch.eye(blocks.shape[-1])
    norm = q.norm()
    q = q * limit / norm if 0 < limit < norm else q
    return (one + q) @ torch.linalg.inv(one - q)


def oft():
    """OFT as kohya's scripts, A1111's web UI and LyCORIS compute it: rows of the weight are rotated."""
    random = torch.Generator().manual_seed(3)
    draw = lambda *shape: torch.randn(*shape, generator=random) * 0.5
    rotated = lambda r, w: torch.einsum("knm,knp->kmp", r, w.reshape(r.shape[0], r.shape[1], -1)).reshape(w.shape)
    rows = torch.tensor(0.1)
    for count, size, target in ((2, 2, "conv"), (1, 4, "conv"), (1, 5, "linear")):
        blocks = draw(count, size, size)
        yield by_formula(f"OFT of {count} × {size}", target, {"oft_blocks": blocks}, lambda w: rotated(cayley(blocks), w))
    large = draw(1, 5, 5) * 6
    yield by_formula("OFT with large angles", "linear", {"oft_blocks": large}, lambda w: rotated(cayley(large), w))
    # alpha limits the norm, here to 0.1 · 4.
    yield by_formula("OFT with a limit", "conv", {"oft_blocks": blocks[:, :4, :4], "alpha": rows}, lambda w: rotated(cayley(blocks[:, :4, :4], 0.4), w))
    blocks2, scales = draw(2, 2, 2), 1 + draw(4, 1, 1, 1)
    yield by_formula("OFT with rescaling", "conv", {"oft_blocks": blocks2, "rescale": scales}, lambda w: scales * rotated(cayley(blocks2), w))
    whole = torch.linalg.qr(draw(2, 2, 2))[0]
    yield by_formula("old LyCORIS OFT", "conv", {"oft_diag": whole}, lambda w: rotated(whole, w))
    butterfly = draw(2, 2, 2, 2)

    def with_butterfly(w):
        r, current = cayley(butterfly), w.reshape(4, -1)
        for i in range(2):
            half = 2**i
            order = torch.arange(4).reshape(-1, 2, half).transpose(1, 2).flatten()
            mixed = torch.einsum("bij,bjp->bip", r[i], current[order].reshape(2, 2, -1)).reshape(4, -1)
            current = torch.empty_like(mixed)
            current[order] = mixed
        return current.reshape(w.shape)

    yield by_formula("BOFT", "conv", {"oft_blocks": butterfly}, with_butterfly)


def main():
    cases = [*lycoris(), *oft()]
    for target in SHAPES:
        cases.append(with_peft("PEFT’s DoRA", LoraConfig(r=2, lora_alpha=3, use_dora=True, target_modules=[target]), target))
        cases.append(with_peft("PEFT’s LoHa", LoHaConfig(r=2, alpha=2, target_modules=[target]), target))
        cases.append(with_peft("PEFT’s LoKr", LoKrConfig(r=2, alpha=2, target_modules=[target]), target))
    cases.append(with_peft("PEFT’s IA3", IA3Config(target_modules=["linear"], feedforward_modules=[]), "linear"))
    cases.append(with_peft("PEFT’s IA3 on the input", IA3Config(target_modules=["linear"], feedforward_modules=["linear"]), "linear"))
    for target, size in (("linear", 4), ("linear", 3), ("conv", 4)):
        cases.append(with_peft(f"PEFT’s OFT of {size}", OFTConfig(r=0, oft_block_size=size, target_modules=[target]), target))
    shared = OFTConfig(r=0, oft_block_size=3, block_share=True, target_modules=["linear"])
    cases.append(with_peft("PEFT’s OFT with shared blocks", shared, "linear"))
    pathlib.Path(sys.argv[1]).write_text("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]\n")


main()
