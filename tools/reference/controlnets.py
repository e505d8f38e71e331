"""Tiny ControlNets, and diffusers' results with them and the checkpoints of `checkpoints.py`.

    python tools/reference/controlnets.py test/fixtures/diffusion/controlnets VOCABULARY_FOLDER

Weights are numbers that follow from their names. NAME.json has the tensors' shapes and how large their numbers are, and the
names in the layout of the ControlNet authors. NAME.f32 has the residuals, one after the other.
"""
import inspect
import json
import pathlib
import shutil
import sys

import torch
import numpy as np
from checkpoints import SCHEDULE, VOCABULARY, fill, make_modules, numbers
from diffusers import (
    ControlNetModel,
    ControlNetUnionModel,
    EulerDiscreteScheduler,
    StableDiffusionControlNetImg2ImgPipeline,
    StableDiffusionControlNetInpaintPipeline,
    StableDiffusionXLControlNetInpaintPipeline,
    StableDiffusionXLControlNetUnionInpaintPipeline,
)
from pictures import HEIGHT, WIDTH, mask, picture
from single_file import ldm_unet
from transformers import CLIPTokenizer

OUT = pathlib.Path(sys.argv[1])


def ldm_controlnet(names):
    """A ControlNet's names in the authors' layout."""
    inner = ldm_unet([n for n in names if not n.startswith("controlnet_")])
    found = {n: theirs.replace("model.diffusion_model.", "control_model.") for n, theirs in inner.items()}
    for n in names:
        if n.startswith("controlnet_"):
            place = n.replace("controlnet_mid_block", "middle_block_out.0").replace("controlnet_cond_embedding.conv_in", "input_hint_block.0")
            place = place.replace("controlnet_cond_embedding.conv_out", "input_hint_block.14")
            if place.startswith("controlnet_cond_embedding.blocks."):
                number, end = place.removeprefix("controlnet_cond_embedding.blocks.").split(".")
                place = f"input_hint_block.{2 * int(number) + 2}.{end}"
            if place.startswith("controlnet_down_blocks."):
                number, end = place.removeprefix("controlnet_down_blocks.").split(".")
                place = f"zero_convs.{number}.0.{end}"
            found[n] = "control_model." + place
    return found


def make_controlnet(name, kind):
    # The second one has the same layers and other weights.
    unet = make_modules(4, kind)["unet"]
    if "union" in name:
        width = unet.config.block_out_channels[0]
        more = dict(num_control_type=8, num_trans_channel=width, num_proj_channel=width, num_trans_head=8, num_trans_layer=1)
        kept = inspect.signature(ControlNetUnionModel.__init__).parameters
        shared = {k: v for k, v in unet.config.items() if k in kept}
        net = ControlNetUnionModel(**{**shared, **more})
    else:
        net = ControlNetModel.from_unet(unet, conditioning_channels=3, controlnet_conditioning_channel_order="rgb")
    shapes = {}
    fill(name, net, shapes)
    return net, shapes


def write_residuals(name, kind):
    net, shapes = make_controlnet(name, kind)
    (OUT / f"{name}.json").write_text(json.dumps(dict(part=shapes, original=ldm_controlnet(shapes)), separators=(",", ":")) + "\n")
    height, width = HEIGHT // 8, WIDTH // 8
    context = net.config.cross_attention_dim
    more = {}
    if kind == "sdxl":
        more = dict(added_cond_kwargs=dict(text_embeds=numbers("text_embeds", (1, 128), 9), time_ids=torch.tensor([[48.0, 64, 0, 0, 48, 64]])))
    with torch.no_grad():
        down, middle = net(
            numbers("sample", (1, 4, height, width), 9),
            torch.tensor(500.0),
            encoder_hidden_states=numbers("context", (1, 77, context), 9),
            controlnet_cond=numbers("hint", (1, 3, HEIGHT, WIDTH), 10),
            conditioning_scale=0.7,
            return_dict=False,
            **more,
        )
    values = torch.cat([one.flatten() for one in (*down, middle)])
    values.numpy().tofile(OUT / f"{name}.f32")
    print(name, [tuple(one.shape) for one in (*down, middle)], [one.abs().max().item() for one in (*down, middle)])


def inpaint_hint():
    """0 to 1, and −1 where the picture is painted."""
    values = torch.from_numpy(np.array(picture()).astype(np.float32) / 255).permute(2, 0, 1)
    values[:, torch.from_numpy(np.array(mask())) > 127] = -1
    return values[None].contiguous()


def tile_hint():
    return torch.from_numpy(np.array(picture()).astype(np.float32) / 255).permute(2, 0, 1)[None].contiguous()


def write_case(name, kind, chosen, controls, guess=False, start=0.0, end=1.0, strength=1.0, guidance=5.0):
    """controls: the module and the weight of each ControlNet."""
    modules = make_modules(4, kind)
    for part, module in modules.items():
        fill(part, module, {})
    is_xl = kind == "sdxl"
    tokenizers = [CLIPTokenizer.from_pretrained(VOCABULARY, pad_token=pad, model_max_length=77) for pad in ("<|endoftext|>", "!")]
    parts = dict(modules, tokenizer=tokenizers[0], scheduler=EulerDiscreteScheduler(**SCHEDULE))
    parts |= dict(tokenizer_2=tokenizers[1]) if is_xl else dict(safety_checker=None, feature_extractor=None)
    net_name = f"controlnet-{'union' if 'Union' in chosen.__name__ else kind}"
    net, _ = make_controlnet(net_name, kind)
    pipe = chosen(**parts, controlnet=[net] * len(controls) if len(controls) > 1 else net)
    pipe.set_progress_bar_config(disable=True)
    noise = np.random.default_rng(len(name)).standard_normal((1, 4, HEIGHT // 8, WIDTH // 8)).astype(np.float32)
    sys.modules[chosen.__module__].randn_tensor = lambda *_, **__: torch.from_numpy(noise.copy())
    hints = [inpaint_hint() if module == "inpaint" else tile_hint() for module, _ in controls]
    weights = [weight for _, weight in controls]
    is_union = "union" in net_name
    if is_union:
        # Black under the mask.
        hints = [hint.clamp(min=0) for hint in hints]
    is_inpaint = "Inpaint" in chosen.__name__
    settings = dict(prompt="a lighthouse by the sea", negative="blurry, watermark", steps=5, guidance=guidance)
    arguments = dict(
        prompt=settings["prompt"],
        negative_prompt=settings["negative"],
        num_inference_steps=5,
        guidance_scale=guidance,
        image=picture(),
        control_image=hints if len(controls) > 1 else hints[0],
        controlnet_conditioning_scale=weights if len(controls) > 1 else weights[0],
        control_guidance_start=start,
        control_guidance_end=end,
        guess_mode=guess,
        strength=strength,
        output_type="latent",
    )
    if is_inpaint:
        arguments |= dict(mask_image=mask(), width=WIDTH, height=HEIGHT)
    if is_union:
        arguments |= dict(control_mode=[7 if module == "inpaint" else 6 for module, _ in controls])
    with torch.no_grad():
        latents = pipe(**arguments).images
    folder = OUT / "cases" / name
    folder.mkdir(parents=True)
    mode = "guess" if guess else "balanced"
    common = dict(model=net_name, start=start, end=end, mode=mode)
    case = dict(
        settings,
        model=kind,
        task="inpaint" if is_inpaint else "img2img",
        scheduler="Euler",
        strength=strength,
        width=WIDTH,
        height=HEIGHT,
        controls=[
            dict(common, hint=f"hint-{index}.f32", module=module, weight=weight) for index, (module, weight) in enumerate(controls)
        ],
    )
    if is_xl:
        case |= dict(bound=3e-4, boundReason="guidance multiplies the rounding of SDXL's embeddings")
    (folder / "case.json").write_text(json.dumps(case, indent=2) + "\n")
    picture().save(folder / "image.png", optimize=True)
    if is_inpaint:
        mask().save(folder / "mask.png", optimize=True)
    for index, hint in enumerate(hints):
        hint.numpy().tofile(folder / f"hint-{index}.f32")
    noise.tofile(folder / "noise.f32")
    latents.numpy().astype(np.float32).tofile(folder / "expected.f32")
    print(name, latents.abs().max().item())


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    for kind in ("sd1", "sd2", "sdxl"):
        write_residuals(f"controlnet-{kind}", kind)
    inpaint, xl = StableDiffusionControlNetInpaintPipeline, StableDiffusionXLControlNetInpaintPipeline
    write_case("inpaint", "sd1", inpaint, [("inpaint", 0.02)])
    write_case("start-end", "sd1", inpaint, [("inpaint", 0.02)], start=0.2, end=0.7, strength=0.8)
    write_case("guess", "sd1", inpaint, [("inpaint", 0.05)], guess=True)
    write_case("two", "sd1", inpaint, [("inpaint", 0.02), ("tile", 0.01)])
    write_case("tile", "sd1", StableDiffusionControlNetImg2ImgPipeline, [("tile", 0.02)], strength=0.6)
    _, shapes = make_controlnet("controlnet-union", "sdxl")
    (OUT / "controlnet-union.json").write_text(json.dumps(dict(part=shapes, original={}), separators=(",", ":")) + "\n")
    write_case("union", "sdxl", StableDiffusionXLControlNetUnionInpaintPipeline, [("inpaint", 0.02)], strength=0.9999)
    write_case("union-tile", "sdxl", StableDiffusionXLControlNetUnionInpaintPipeline, [("tile", 0.02)], strength=0.8)
    write_case("sdxl", "sdxl", xl, [("inpaint", 0.02)], strength=0.9999)


if __name__ == "__main__":
    main()
