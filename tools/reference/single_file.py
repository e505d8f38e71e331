"""Names of tensors in a single-file checkpoint, by diffusers' names."""


def ldm_unet(names):
    """A UNet's names in a single file."""
    blocks = {"conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2"}
    for i, at in enumerate(("mid_block.resnets.0", "mid_block.attentions.0", "mid_block.resnets.1")):
        blocks[at] = f"middle_block.{i}"
    for part, at in (("time_embedding", "time_embed"), ("add_embedding", "label_emb.0")):
        blocks[f"{part}.linear_1"], blocks[f"{part}.linear_2"] = f"{at}.0", f"{at}.2"
    has = lambda prefix: any(n.startswith(prefix) for n in names)
    number = 1
    for level in range(9):
        at = f"down_blocks.{level}"
        for i in range(9):
            if has(f"{at}.resnets.{i}."):
                blocks[f"{at}.resnets.{i}"] = f"input_blocks.{number}.0"
                blocks[f"{at}.attentions.{i}"] = f"input_blocks.{number}.1"
                number += 1
        if has(f"{at}.downsamplers"):
            blocks[f"{at}.downsamplers.0.conv"] = f"input_blocks.{number}.0.op"
            number += 1
    number = 0
    for level in range(9):
        at = f"up_blocks.{level}"
        for i in range(9):
            if has(f"{at}.resnets.{i}."):
                blocks[f"{at}.resnets.{i}"] = f"output_blocks.{number}.0"
                blocks[f"{at}.attentions.{i}"] = f"output_blocks.{number}.1"
                number += 1
        if has(f"{at}.upsamplers"):
            place = 2 if has(f"{at}.attentions") else 1
            blocks[f"{at}.upsamplers.0.conv"] = f"output_blocks.{number - 1}.{place}.conv"
    parts = {
        "norm1": "in_layers.0",
        "conv1": "in_layers.2",
        "time_emb_proj": "emb_layers.1",
        "norm2": "out_layers.0",
        "conv2": "out_layers.3",
        "conv_shortcut": "skip_connection",
    }
    return {n: "model.diffusion_model." + renamed(n, blocks, parts, ".resnets.") for n in names}


def ldm_vae(names):
    blocks = {}
    for half, kind in (("encoder", "down"), ("decoder", "up")):
        for level in range(4):
            own = level if kind == "down" else 3 - level
            for i in range(3):
                blocks[f"{half}.{kind}_blocks.{level}.resnets.{i}"] = f"{half}.{kind}.{own}.block.{i}"
            blocks[f"{half}.{kind}_blocks.{level}.{kind}samplers.0.conv"] = f"{half}.{kind}.{own}.{kind}sample.conv"
        blocks[f"{half}.mid_block.resnets.0"] = f"{half}.mid.block_1"
        blocks[f"{half}.mid_block.resnets.1"] = f"{half}.mid.block_2"
        blocks[f"{half}.mid_block.attentions.0"] = f"{half}.mid.attn_1"
        blocks[f"{half}.conv_norm_out"] = f"{half}.norm_out"
    parts = {
        "conv_shortcut": "nin_shortcut",
        "group_norm": "norm",
        "to_q": "q",
        "to_k": "k",
        "to_v": "v",
        "to_out.0": "proj_out",
    }
    return {n: "first_stage_model." + renamed(n, blocks, parts, "") for n in names}


def renamed(name, blocks, parts, within):
    steps = name.split(".")
    for length in range(len(steps) - 1, 0, -1):
        head = ".".join(steps[:length])
        if head in blocks:
            middle, end = ".".join(steps[length:-1]), steps[-1]
            middle = parts.get(middle, middle) if within in name else middle
            return ".".join(filter(None, [blocks[head], middle, end]))
    return name


def ldm_text(names, prefix, is_open, extra):
    """The diffusers tensors that a tensor of the single file consists of."""
    if not is_open:
        return {f"{prefix}transformer.text_model.{n}": [n] for n in names}
    found = {}
    ends = {
        "embeddings.token_embedding.weight": "token_embedding.weight",
        "embeddings.position_embedding.weight": "positional_embedding",
        "final_layer_norm.weight": "ln_final.weight",
        "final_layer_norm.bias": "ln_final.bias",
        "text_projection.weight": "text_projection",
    }
    inner = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "self_attn.out_proj": "attn.out_proj", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj"}
    layers = 0
    for n in names:
        if n in ends:
            found[f"{prefix}model.{ends[n]}"] = [n]
            continue
        _, _, layer, *rest = n.split(".")
        layers = max(layers, int(layer) + 1)
        at = f"{prefix}model.transformer.resblocks.{layer}"
        part, end = ".".join(rest[:-1]), rest[-1]
        if part in inner:
            found[f"{at}.{inner[part]}.{end}"] = [n]
        elif part == "self_attn.q_proj":
            found[f"{at}.attn.in_proj_{end}"] = [n.replace("q_proj", p) for p in ("q_proj", "k_proj", "v_proj")]
    # A layer that nobody uses, as Stable Diffusion 2 has it.
    for key in list(found):
        if extra and f"resblocks.{layers - 1}." in key:
            found[key.replace(f"resblocks.{layers - 1}.", f"resblocks.{layers}.")] = found[key]
    return found
