"""Random tiny models in the layouts that people have: folders and single files."""
import json

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, StableDiffusionXLPipeline, UNet2DConditionModel
from safetensors.torch import save_file
from single_file import ldm_text, ldm_unet, ldm_vae
from tiny_models import scale_weights, text_config, write_tokenizer
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

KINDS = ("sd1", "sd1", "sd2", "sdxl")
LAYOUTS = ("folder", "folder", "sharded folder", "bf16 folder", "fp16 folder")
# Read as fp16 weights and computed in half precision.
HALF_LAYOUTS = ("fp16 folder",)


def random_edm(random):
    """The content of a scheduler_config.json of a model that was trained as in Karras et al. 2022."""
    return dict(
        _class_name=random.choice(["EDMEulerScheduler", "EDMDPMSolverMultistepScheduler"]),
        prediction_type=random.choice(["epsilon", "v_prediction"]),
        sigma_min=0.002,
        sigma_max=random.choice([80.0, 120.0]),
        sigma_data=random.choice([0.5, 1.0]),
        sigma_schedule=random.choice(["karras", "exponential"]),
        rho=7.0,
        final_sigmas_type=random.choice(["zero", "sigma_min"]),
        solver_order=random.choice([1, 2, 3]),
        lower_order_final=random.choice([True, False]),
        euler_at_final=random.choice([True, False]),
    )


def random_schedule(random, prediction):
    """The content of a scheduler_config.json."""
    config = dict(
        num_train_timesteps=random.choice([1000, 1000, 1000, 500]),
        beta_start=random.choice([0.00085, 0.00085, 0.0005]),
        beta_end=random.choice([0.012, 0.012, 0.02]),
        beta_schedule=random.choice(["scaled_linear", "scaled_linear", "linear", "squaredcos_cap_v2"]),
        prediction_type=prediction,
    )
    for key, values in (
        ("timestep_spacing", [None, "linspace", "leading", "trailing"]),
        ("steps_offset", [None, 0, 1]),
        ("set_alpha_to_one", [None, True, False]),
        ("solver_order", [None, None, 1, 2, 3]),
        ("solver_type", [None, None, "midpoint", "heun", "bh1", "bh2"]),
        ("lower_order_final", [None, None, True, False]),
        ("euler_at_final", [None, None, True, False]),
        ("final_sigmas_type", [None, None, "zero", "sigma_min"]),
    ):
        value = random.choice(values)
        if value is not None:
            config[key] = value
    if config.get("timestep_spacing") == "trailing" and prediction == "v_prediction":
        config["rescale_betas_zero_snr"] = random.random() < 0.5
    if random.random() < 0.05:
        config["trained_betas"] = [round(0.001 + 0.00001 * i, 6) for i in range(config["num_train_timesteps"])]
    return config


def random_unet(random, kind, channels, context, guidance_width, is_single):
    """is_single: only what follows from the weights, as single files have no configuration."""
    is_xl = kind == "sdxl"
    levels = 2 if is_single else random.choice([2, 3])
    cross = [random.random() < 0.7 for _ in range(levels)]
    cross[random.randrange(levels)] = True
    if is_single:
        linear = kind != "sd1"
        blocks = (64, 128) if linear else (32, 64)
        heads = (1, 2) if linear else 8
    else:
        linear = random.random() < 0.5
        blocks = tuple([8, 16, 16][:levels])
        heads = random.choice([2, 4, tuple(random.choice([1, 2, 4]) for _ in range(levels))])
    more = {}
    if is_xl:
        more |= dict(
            addition_embed_type="text_time",
            addition_time_embed_dim=256,
            projection_class_embeddings_input_dim=(128 if is_single else 16) + 6 * 256,
            transformer_layers_per_block=tuple(random.choice([1, 2]) for _ in range(levels)),
        )
    if not is_single:
        more["mid_block_type"] = random.choice(["UNetMidBlock2DCrossAttn"] * 3 + [None, "UNetMidBlock2D"])
    return UNet2DConditionModel(
        sample_size=8,
        in_channels=channels,
        out_channels=4,
        block_out_channels=blocks,
        layers_per_block=random.choice([1, 2]),
        down_block_types=tuple("CrossAttnDownBlock2D" if c else "DownBlock2D" for c in cross),
        up_block_types=tuple("CrossAttnUpBlock2D" if c else "UpBlock2D" for c in reversed(cross)),
        cross_attention_dim=context,
        attention_head_dim=heads,
        norm_num_groups=32 if is_single else 4,
        use_linear_projection=linear,
        time_cond_proj_dim=guidance_width,
        **more,
    )


def random_vae(random, kind, is_single):
    more = {}
    # diffusers' other pipelines don't read them.
    if kind == "sdxl" and not is_single and random.random() < 0.3:
        more = dict(latents_mean=[-1.5, 1.8, -1.3, 2.5], latents_std=[8.4, 5.9, 6.5, 5.2])
    return AutoencoderKL(
        **more,
        block_out_channels=(32,) * 4 if is_single else (4, 4, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=32 if is_single else 4,
        sample_size=64,
        scaling_factor=(0.13025 if kind == "sdxl" else 0.18215) if is_single else random.choice([0.18215, 0.13025, 0.5]),
    )


def single_text_config(width, activation, layers):
    return CLIPTextConfig(
        vocab_size=49408,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        projection_dim=width,
        hidden_act=activation,
    )


def random_parts(random, folder, kind, channels, guidance_width, vocabulary):
    """The networks and tokenizers of a model. vocabulary: CLIP's, for a single file; None for a folder."""
    is_xl, is_single = kind == "sdxl", vocabulary is not None
    pads = ["!" if kind == "sd2" else "<|endoftext|>", "!"][: 2 if is_xl else 1]
    parts = {}
    for suffix, pad in zip(("", "_2"), pads):
        if is_single:
            parts[f"tokenizer{suffix}"] = CLIPTokenizer.from_pretrained(vocabulary, pad_token=pad, model_max_length=77)
        else:
            size = write_tokenizer(folder / f"tokenizer{suffix}", pad)
            parts[f"tokenizer{suffix}"] = CLIPTokenizer.from_pretrained(str(folder / f"tokenizer{suffix}"))
    if is_single:
        widths = [64, 128]
        activations = ["gelu" if kind == "sd2" else "quick_gelu", "gelu"]
        configs = [single_text_config(*pair, 3) for pair in zip(widths, activations)]
    else:
        widths = [8, 16] if is_xl else [16]
        configs = [text_config(size, width, random.choice([2, 3])) for width in widths]
        for config, activation in zip(configs, ["gelu" if kind == "sd2" else "quick_gelu", "gelu"]):
            config.hidden_act = activation
    parts["text_encoder"] = scale_weights(CLIPTextModel(configs[0]), 1 if is_single else 3)
    if is_xl:
        parts["text_encoder_2"] = scale_weights(CLIPTextModelWithProjection(configs[1]), 1 if is_single else 3)
    context = sum(widths) if is_xl else widths[0]
    parts["unet"] = scale_weights(random_unet(random, kind, channels, context, guidance_width, is_single), 1.3)
    parts["vae"] = scale_weights(random_vae(random, kind, is_single), 1.3)
    return parts


def write_model(random, parts, path, kind, layout, schedule):
    """Write a model where Overscan finds it. Weights are rounded to those that the layout stores."""
    if layout == "single file":
        return write_single_file(parts, path, kind)
    types = {"bf16 folder": torch.bfloat16, "fp16 folder": torch.float16}
    modules = {name: part for name, part in parts.items() if isinstance(part, torch.nn.Module)}
    for name, module in modules.items():
        more = dict(max_shard_size="20KB") if layout == "sharded folder" else {}
        if layout == "fp16 folder" and random.random() < 0.5:
            more["variant"] = "fp16"
        module.to(types.get(layout, torch.float32)).save_pretrained(str(path / name), **more)
        module.float()
    (path / "scheduler").mkdir()
    (path / "scheduler" / "scheduler_config.json").write_text(json.dumps(schedule))
    (path / "model_index.json").write_text(
        json.dumps({"_class_name": f"StableDiffusion{'XL' if kind == 'sdxl' else ''}Pipeline"})
    )
    return path


def write_single_file(parts, path, kind):
    tensors = {}
    modules = {name: part for name, part in parts.items() if isinstance(part, torch.nn.Module)}
    states = {
        name: {key.removeprefix("text_model."): value for key, value in module.state_dict().items() if value.is_floating_point()}
        for name, module in modules.items()
    }
    for part, names in (("unet", ldm_unet(list(states["unet"]))), ("vae", ldm_vae(list(states["vae"])))):
        for own, theirs in names.items():
            tensor = states[part][own]
            if part == "vae" and ".mid.attn_1." in theirs and tensor.dim() == 2:
                tensor = tensor[..., None, None]
            tensors[theirs] = tensor
    is_second = kind == "sd2"
    texts = [("text_encoder", "cond_stage_model.", is_second)]
    if kind == "sdxl":
        texts = [("text_encoder", "conditioner.embedders.0.", False), ("text_encoder_2", "conditioner.embedders.1.", True)]
    for part, prefix, is_open in texts:
        for theirs, sources in ldm_text(list(states[part]), prefix, is_open, is_second).items():
            tensor = torch.cat([states[part][source] for source in sources])
            tensors[theirs] = tensor.T if theirs.endswith(".text_projection") else tensor
    file = path.with_suffix(".safetensors")
    save_file({name: tensor.contiguous().clone() for name, tensor in tensors.items()}, str(file))
    return file


def pipeline_class(kind):
    return StableDiffusionXLPipeline if kind == "sdxl" else StableDiffusionPipeline
