"""Tiny networks with random weights, and tokenizers for them."""
import collections
import json

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from pictures import WIDTH
from transformers import CLIPTextConfig

TEXT = """a photo of a lighthouse by the sea at dusk, a wide landscape with mountains and clouds, an old house beside the
road, a forest in the fog, a city at night, a portrait of a cat on a wooden table, highly detailed oil painting, the
background scenery beyond the frame, blurry low quality text and watermark, sand and water and grass and stone"""


def byte_characters():
    """The 256 characters at the start of CLIP's vocabulary."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in plain]
    return [chr(b) for b in plain] + [chr(256 + i) for i in range(len(rest))]


def write_tokenizer(folder, pad):
    """Train byte pair encoding on TEXT and write the files of a CLIP tokenizer."""
    words = collections.Counter(TEXT.replace(",", " ,").split())
    split = {w: [*w[:-1], w[-1] + "</w>"] for w in words}
    merges = []
    for _ in range(160):
        pairs = collections.Counter()
        for w, n in words.items():
            for pair in zip(split[w], split[w][1:]):
                pairs[pair] += n
        if not pairs:
            break
        best = max(pairs, key=lambda p: (pairs[p], p))
        merges.append(best)
        for w, parts in split.items():
            at = 0
            while at < len(parts) - 1:
                if (parts[at], parts[at + 1]) == best:
                    parts[at : at + 2] = ["".join(best)]
                at += 1
    letters = byte_characters()
    tokens = letters + [c + "</w>" for c in letters] + ["".join(m) for m in merges] + ["<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(m) for m in merges) + "\n")
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "CLIPTokenizer",
                "model_max_length": 77,
                "bos_token": "<|startoftext|>",
                "eos_token": "<|endoftext|>",
                "unk_token": "<|endoftext|>",
                "pad_token": pad,
            }
        )
    )
    return len(tokens)


def text_config(size, width, layers, projection=16):
    return CLIPTextConfig(
        vocab_size=size,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        max_position_embeddings=77,
        projection_dim=projection,
        bos_token_id=size - 2,
        eos_token_id=size - 1,
        pad_token_id=size - 1,
    )


def unet(channels, context, **more):
    return UNet2DConditionModel(
        sample_size=8,
        in_channels=channels,
        out_channels=4,
        block_out_channels=(8, 16),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=context,
        attention_head_dim=2,
        norm_num_groups=4,
        **more,
    )


def scale_weights(module, by):
    """Scale all weights: with small random ones the prompt has almost no effect."""
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.dim() > 1:
                parameter.mul_(by)
    return module.eval()


def vae():
    return AutoencoderKL(
        block_out_channels=(4, 4, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=WIDTH,
    )
