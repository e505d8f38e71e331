"""Tiny checkpoints in the common layouts, and diffusers' results with them.

    python tools/reference/checkpoints.py test/fixtures/diffusion/checkpoints VOCABULARY_FOLDER

Weights are numbers that follow from their names, so that they need not be kept: NAME.json tells the tensors of each part in
diffusers' layout, with their shapes and how large their numbers are, and which of them make up each tensor of a single file.
That diffusers reads such a file as the same model is checked here. The cases are as `pipelines.py` writes them, with prompts
in CLIP's own vocabulary, which single files imply.
"""
import json
import math
import pathlib
import shutil
import sys
import tempfile
import warnings
import zlib

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    EulerDiscreteScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from PIL import Image
from pictures import HEIGHT, WIDTH, mask, picture
from safetensors.torch import save_file
from single_file import ldm_text, ldm_unet, ldm_vae
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

warnings.filterwarnings("ignore")
OUT = pathlib.Path(sys.argv[1])
VOCABULARY = sys.argv[2]
DiagonalGaussianDistribution.sample = lambda self, generator=None: self.mode()


def numbers(name, shape, exponent):
    """Values that half precision represents exactly."""
    index = np.arange(math.prod(shape), dtype=np.uint64)
    h = (index * 2654435761 + zlib.crc32(name.encode())) & 0xFFFFFFFF
    h = ((h ^ (h >> np.uint64(15))) * 2246822519) & 0xFFFFFFFF
    h = ((h ^ (h >> np.uint64(13))) * 3266489917) & 0xFFFFFFFF
    h = h ^ (h >> np.uint64(16))
    if exponent is None:
        values = 1 + ((h & np.uint64(63)).astype(np.float64) - 32) / 256
    else:
        values = ((h & np.uint64(1023)).astype(np.float64) * 2 - 1023) * 2.0**-exponent
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def exponent_of(name, shape):
    """The exponent of a tensor: values are up to 1023 / 2^exponent; None for values around 1."""
    if len(shape) == 1:
        return None if name.endswith("weight") else 14
    if "embedding.weight" in name and len(shape) == 2 and "linear" not in name:
        return 13
    fan = math.prod(shape[1:])
    return round(math.log2(591 * math.sqrt(fan) / 1.5))


def fill(part, module, shapes):
    state = {}
    for name, tensor in module.state_dict().items():
        if not tensor.is_floating_point():
            continue
        plain = name.removeprefix("text_model.")
        exponent = exponent_of(plain, tensor.shape)
        state[name] = numbers(f"{part}/{plain}", tuple(tensor.shape), exponent)
        shapes[plain] = [list(tensor.shape), exponent]
    module.load_state_dict(state, strict=False)
    return module.eval()


def text_config(width, layers, activation, projection=64):
    return CLIPTextConfig(
        vocab_size=49408,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        max_position_embeddings=77,
        projection_dim=projection,
        hidden_act=activation,
    )


def write_single(path, modules, ldm):
    tensors = {}
    for name, (part, sources, shape) in ldm.items():
        state = {n.removeprefix("text_model."): t for n, t in modules[part].state_dict().items()}
        tensor = torch.cat([state[n] for n in sources])
        if name.endswith(".text_projection"):
            tensor = tensor.T
        tensors[name] = tensor.reshape(shape).contiguous().clone()
    save_file(tensors, path)


SCHEDULE = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1)


def make_modules(channels, kind):
    """The networks of a model, not filled yet."""
    is_refiner, is_second = kind == "refiner", kind == "sd2"
    is_xl = kind == "sdxl" or is_refiner
    wide = kind != "sd1"
    blocks = (64, 128) if wide else (32, 64)
    more = {}
    if wide:
        more |= dict(use_linear_projection=True, attention_head_dim=(1, 2))
    else:
        more |= dict(attention_head_dim=8)
    if is_xl:
        more |= dict(
            transformer_layers_per_block=(1, 2),
            addition_embed_type="text_time",
            addition_time_embed_dim=256,
            projection_class_embeddings_input_dim=128 + (5 if is_refiner else 6) * 256,
        )
    net = UNet2DConditionModel(
        sample_size=8,
        in_channels=channels,
        out_channels=4,
        block_out_channels=blocks,
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D") if is_xl else ("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D") if is_xl else ("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=128 if is_refiner else 64 + 128 if is_xl else 64,
        **more,
    )
    auto = AutoencoderKL(
        block_out_channels=(32,) * 4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=4,
        sample_size=WIDTH,
        scaling_factor=0.13025 if is_xl else 0.18215,
    )
    modules = dict(unet=net, vae=auto)
    activation = "gelu" if is_second else "quick_gelu"
    if not is_refiner:
        modules["text_encoder"] = CLIPTextModel(text_config(64, 2 if is_second else 3, activation))
    if is_xl:
        modules["text_encoder_2"] = CLIPTextModelWithProjection(text_config(128, 3, "gelu", 128))
    return modules


def write_model(name, channels, kind):
    torch.manual_seed(0)
    shapes = {}
    is_refiner, is_second = kind == "refiner", kind == "sd2"
    is_xl = kind == "sdxl" or is_refiner
    prediction = "v_prediction" if is_second else "epsilon"
    modules = make_modules(channels, kind)
    net = modules["unet"]
    for part, module in modules.items():
        shapes[part] = {}
        fill(part, module, shapes[part])
    if is_second:
        # By this a velocity model is known.
        at = [n for n in net.state_dict() if n.startswith("up_blocks") and n.endswith("transformer_blocks.0.norm1.bias")]
        last = sorted(at)[-1]
        shapes["unet"][last][1] = 12
        net.load_state_dict({last: numbers(f"unet/{last}", net.state_dict()[last].shape, 12)}, strict=False)

    # Where each tensor of a single file comes from, and its shape there.
    ldm = {}
    for part, names in (("unet", ldm_unet(shapes["unet"])), ("vae", ldm_vae(shapes["vae"]))):
        for own, theirs in names.items():
            shape = shapes[part][own][0]
            if part == "vae" and ".mid.attn_1." in theirs and len(shape) == 2:
                shape = [*shape, 1, 1]
            ldm[theirs] = [part, [own], shape]
    if is_refiner:
        texts = [("text_encoder_2", "conditioner.embedders.0.", True)]
    elif is_xl:
        texts = [("text_encoder", "conditioner.embedders.0.", False), ("text_encoder_2", "conditioner.embedders.1.", True)]
    else:
        texts = [("text_encoder", "cond_stage_model.", is_second)]
    for part, prefix, is_open in texts:
        for theirs, sources in ldm_text(shapes[part], prefix, is_open, is_second).items():
            shape = list(shapes[part][sources[0]][0])
            shape[0] *= len(sources)
            ldm[theirs] = [part, sources, shape]

    pads = ["!"] if is_second else ["<|endoftext|>", "!"] if is_xl else ["<|endoftext|>"]
    tokenizers = [CLIPTokenizer.from_pretrained(VOCABULARY, pad_token=pad, model_max_length=77) for pad in pads]
    parts = dict(modules, tokenizer=tokenizers[0], scheduler=EulerDiscreteScheduler(**SCHEDULE, prediction_type=prediction))
    if is_xl:
        parts["tokenizer_2"] = tokenizers[1]
    if is_refiner:
        parts |= dict(tokenizer=None, text_encoder=None, requires_aesthetics_score=True, force_zeros_for_empty_prompt=False)
    configs = {part: json.loads(module.config.to_json_string()) for part, module in modules.items() if part.startswith("text")}
    for part in ("unet", "vae"):
        configs[part] = {k: v for k, v in modules[part].config.items() if not k.startswith("_")}
    kept = {
        "unet": ["attention_head_dim", "norm_num_groups", "sample_size"],
        "vae": ["norm_num_groups", "scaling_factor"],
        "text_encoder": ["hidden_act", "num_attention_heads", "num_hidden_layers"],
    }
    configs = {part: {k: config[k] for k in kept[part.removesuffix("_2")]} for part, config in configs.items()}
    schedule = dict(SCHEDULE, _class_name="EulerDiscreteScheduler", num_train_timesteps=1000, prediction_type=prediction)
    (OUT / f"{name}.json").write_text(
        json.dumps(
            dict(
                parts=shapes,
                single=ldm,
                configs=configs,
                schedule=schedule,
                **(dict(index=dict(requires_aesthetics_score=True, force_zeros_for_empty_prompt=False)) if is_refiner else {}),
            ),
            separators=(",", ":"),
        )
        + "\n"
    )
    check(name, parts, modules, ldm, kind, channels)
    return parts, is_xl, prediction


def check(name, parts, modules, ldm, kind, channels):
    """Check that diffusers reads the single file as the same model."""
    is_xl = kind in ("sdxl", "refiner")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        write_single(folder / "one.safetensors", modules, ldm)
        chosen = StableDiffusionInpaintPipeline if channels == 9 else StableDiffusionPipeline
        if is_xl:
            chosen = StableDiffusionXLImg2ImgPipeline if kind == "refiner" else StableDiffusionXLPipeline
        extra = {} if is_xl else dict(safety_checker=None, feature_extractor=None)
        chosen(**parts, **extra).save_pretrained(folder / "folder")
        read = chosen.from_single_file(str(folder / "one.safetensors"), config=str(folder / "folder"), **extra)
        for part, module in modules.items():
            found = getattr(read, part).state_dict()
            for key, tensor in module.state_dict().items():
                assert torch.equal(found[key].float(), tensor), (name, part, key)


def write_case(name, model, channels, made, lora=None, rescale=0.0, refiner=None, crop=None):
    parts, is_xl, prediction = made
    task = "inpaint" if channels == 9 else "txt2img"
    scheduler = EulerDiscreteScheduler(**SCHEDULE, prediction_type=prediction)
    call = {} if is_xl else dict(safety_checker=None, feature_extractor=None)
    chosen = StableDiffusionXLPipeline if is_xl else StableDiffusionInpaintPipeline if channels == 9 else StableDiffusionPipeline
    pipe = chosen(**{**parts, "scheduler": scheduler}, **call)
    pipe.set_progress_bar_config(disable=True)
    if lora:
        pipe.load_lora_weights(lora, adapter_name="tiny")
        pipe.set_adapters(["tiny"], [0.8])
    noise = np.random.default_rng(len(name)).standard_normal((1, 4, HEIGHT // 8, WIDTH // 8)).astype(np.float32)
    module = __import__(chosen.__module__, fromlist=["randn_tensor"])
    module.randn_tensor = lambda *_, **__: torch.from_numpy(noise.copy())
    settings = dict(prompt="a lighthouse by the sea, oil painting", negative="blurry, watermark", steps=4, guidance=7.5)
    arguments = dict(
        prompt=settings["prompt"],
        negative_prompt=settings["negative"],
        num_inference_steps=4,
        guidance_scale=7.5,
        output_type="latent",
        width=WIDTH,
        height=HEIGHT,
    )
    if task == "inpaint":
        arguments |= dict(image=picture(), mask_image=mask(), strength=1.0)
    if rescale:
        arguments |= dict(guidance_rescale=rescale)
    if refiner:
        arguments |= dict(denoising_end=0.5)
    if crop:
        arguments |= dict(image=wide_picture(), mask_image=wide_mask(), padding_mask_crop=crop, output_type="pil")
    with torch.no_grad():
        latents = latents_of(pipe, arguments)
        if refiner:
            latents = refine(refiner, latents, arguments)
        decoded = parts["vae"].decode(latents / parts["vae"].config.scaling_factor, return_dict=False)[0]
    if lora:
        settings["prompt"] += " <lora:tiny:0.8>"
    folder = OUT / "cases" / name
    folder.mkdir(parents=True)
    if rescale:
        settings |= dict(guidanceRescale=rescale)
    if refiner:
        settings |= dict(refiner="sdxl-refiner", switchAt=0.5)
    if crop:
        settings |= dict(paddingMaskCrop=crop)
    case = dict(settings, model=model, task=task, scheduler="Euler", spacing="linear", strength=1.0, width=WIDTH, height=HEIGHT)
    if is_xl:
        reason = "torch's own result is 1.5e-5 from double precision after one call, and guidance multiplies that"
        case |= dict(bound=3e-4, boundReason=reason)
    (folder / "case.json").write_text(json.dumps(case, indent=2) + "\n")
    if crop:
        wide_picture().save(folder / "image.png", optimize=True)
        wide_mask().save(folder / "mask.png", optimize=True)
    elif task == "inpaint":
        picture().save(folder / "image.png", optimize=True)
        mask().save(folder / "mask.png", optimize=True)
    noise.tofile(folder / "noise.f32")
    latents.numpy().astype(np.float32).tofile(folder / "expected.f32")
    pixels = ((decoded[0] / 2 + 0.5).clamp(0, 1) * 255).round().permute(1, 2, 0).numpy().astype(np.uint8)
    Image.fromarray(pixels).save(folder / "expected.png", optimize=True)
    print(name, "latents", latents.abs().max().item(), "pixels", pixels.std())


def latents_of(pipe, arguments):
    """The latents before they are decoded; with padding_mask_crop the pipeline returns only pictures."""
    kept = []

    def keep(pipe, step, timestep, values):
        kept.append(values["latents"])
        return {}

    result = pipe(**arguments, callback_on_step_end=keep).images
    return result if isinstance(result, torch.Tensor) else kept[-1]


def refine(made, latents, arguments):
    parts, _, prediction = made
    scheduler = EulerDiscreteScheduler(**SCHEDULE, prediction_type=prediction)
    pipe = StableDiffusionXLImg2ImgPipeline(**{**parts, "scheduler": scheduler})
    pipe.set_progress_bar_config(disable=True)
    same = {k: v for k, v in arguments.items() if k not in ("width", "height", "denoising_end")}
    return pipe(**same, image=latents, denoising_start=0.5).images


def wide_picture():
    """Larger than what is painted: the picture in one corner of its mirror images."""
    wide = Image.new("RGB", (WIDTH * 2, HEIGHT * 2))
    for x in range(2):
        for y in range(2):
            one = picture()
            one = one.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if x else one
            wide.paste(one.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if y else one, (x * WIDTH, y * HEIGHT))
    return wide


def wide_mask():
    """With 8 pixels around it, a masked area as large as what is painted."""
    wide = Image.new("L", (WIDTH * 2, HEIGHT * 2))
    wide.paste(255, (20, 12, 20 + WIDTH - 16, 12 + HEIGHT - 16))
    return wide


def write_lora(name, parts):
    """A LoRA of rank 4 in the layout of kohya's scripts, for the attention and text encoder layers that diffusers supports."""
    shapes, tensors = {}, {}
    wanted = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "proj_in", "proj_out", "mlp.fc1", "mlp.fc2")
    for part, prefix in (("unet", "lora_unet"), ("text_encoder", "lora_te_text_model")):
        for own, tensor in parts[part].state_dict().items():
            layer = own.removeprefix("text_model.").removesuffix(".weight")
            if not own.endswith(".weight") or not layer.endswith(wanted):
                continue
            at = f"{prefix}_{layer.replace('.', '_')}"
            tail = list(tensor.shape[2:])
            shapes[f"{at}.lora_down.weight"] = [[4, tensor.shape[1], *tail], 14]
            shapes[f"{at}.lora_up.weight"] = [[tensor.shape[0], 4, *tail], 11]
            shapes[f"{at}.alpha"] = [[], -1]
    for key, (shape, exponent) in shapes.items():
        tensors[key] = torch.tensor(2.0) if key.endswith("alpha") else numbers(key, tuple(shape), exponent)
    (OUT / f"{name}.json").write_text(json.dumps(shapes, separators=(",", ":")) + "\n")
    return tensors


def write_controlled(net):
    """The UNet's output with a ControlNet's residuals. Inputs are hashes of their names."""
    shapes = [(32, 8), (32, 8), (32, 4), (64, 4)]
    residuals = [numbers(f"residual.{i}", (1, channels, side, side), 9) for i, (channels, side) in enumerate(shapes)]
    with torch.no_grad():
        said = net(
            numbers("sample", (1, 4, 8, 8), 9),
            torch.tensor(500.0),
            encoder_hidden_states=numbers("context", (1, 77, 64), 9),
            down_block_additional_residuals=residuals,
            mid_block_additional_residual=numbers("residual.mid", (1, 64, 4, 4), 9),
        ).sample
    said.numpy().astype(np.float32).tofile(OUT / "controlled.f32")


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    for name, channels, kind in (("sd1", 4, "sd1"), ("sd1-inpaint", 9, "sd1"), ("sd2-v", 4, "sd2"), ("sdxl", 4, "sdxl")):
        made = write_model(name, channels, kind)
        write_case(name, name, channels, made)
        if name == "sd2-v":
            write_case("sd2-v-guidance-rescale", name, channels, made, rescale=0.7)
        if name == "sd1-inpaint":
            write_case("sd1-inpaint-padding-mask-crop", name, channels, made, crop=8)
        if name == "sdxl":
            refiner = write_model("sdxl-refiner", 4, "refiner")
            write_case("sdxl-refined", name, channels, made, refiner=refiner)
        if name == "sd1":
            write_controlled(made[0]["unet"])
            write_case("sd1-lora", name, channels, made, write_lora("lora", made[0]))


if __name__ == "__main__":
    main()
