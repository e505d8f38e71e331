"""Tiny diffusion models with random weights in the common layouts, and diffusers' results with them.

    python tools/reference/pipelines.py test/fixtures/diffusion

Each case folder holds what `npm run parity` reads: case.json, image.png, mask.png, noise.f32, and what diffusers made of
it: expected.f32 (final latents) and expected.png. noise.f32 holds the initial noise and, after it, the noise that the
sampler drew in its steps.
"""
import json
import pathlib
import shutil
import sys
import warnings

import numpy as np
import onnx
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
    LMSDiscreteScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
    UniPCMultistepScheduler,
)
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from PIL import Image
from pictures import HEIGHT, WIDTH, mask, picture
from tiny_models import scale_weights, text_config, unet, vae, write_tokenizer
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

warnings.filterwarnings("ignore")
torch.manual_seed(0)
OUT = pathlib.Path(sys.argv[1])

# The mean of what the encoder says, not a sample of it.
DiagonalGaussianDistribution.sample = lambda self, generator=None: self.mode()

SCHEDULE = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1)


# Which axes are of any length.
FREE = {
    "input_ids": [0],
    "sample": [0, 2, 3],
    "latent_sample": [0, 2, 3],
    "timestep": [0],
    "encoder_hidden_states": [0, 1],
    "text_embeds": [0],
    "time_ids": [0],
    "timestep_cond": [0],
}


class Wrap(torch.nn.Module):
    def __init__(self, call):
        super().__init__()
        self.call = call

    def forward(self, *inputs):
        return self.call(*inputs)


def export(module, call, inputs, names, outputs, file, half=False, fixed=False):
    file.parent.mkdir(parents=True)
    if half:
        module.half()
        inputs = [v.half() if v.is_floating_point() else v for v in inputs]
    wrap = Wrap(call)
    wrap.module = module
    axes = {name: {i: f"{name}_{i}" for i in FREE[name] if i < value.dim()} for name, value in zip(names, inputs)}
    torch.onnx.export(
        wrap,
        tuple(inputs),
        str(file),
        input_names=names,
        output_names=outputs,
        dynamic_axes={} if fixed else axes,
        opset_version=17,
        dynamo=False,
    )
    if half:
        module.float()
    graph = onnx.load(str(file))
    onnx.checker.check_model(graph)
    onnx.save(graph, str(file))


def write_model(name, *, channels, dialect, prediction="epsilon", is_xl=False, half=False, pad="<|endoftext|>", guidance_channels=None, fixed=False):
    folder = OUT / "models" / name
    size = write_tokenizer(folder / "tokenizer", pad)
    tokenizer = CLIPTokenizer.from_pretrained(str(folder / "tokenizer"))
    scheduler = EulerDiscreteScheduler(**SCHEDULE, prediction_type=prediction)
    auto = scale_weights(vae(), 1.3)
    if is_xl:
        auto.register_to_config(scaling_factor=0.13025)
    ids = torch.zeros(1, 77, dtype=torch.int64)
    latents = torch.randn(1, 4, HEIGHT // 8, WIDTH // 8)
    parts = dict(vae=auto, tokenizer=tokenizer, scheduler=scheduler)
    ids_type = torch.int32 if dialect == "A" else torch.int64

    if is_xl:
        write_tokenizer(folder / "tokenizer_2", "!")
        parts["tokenizer_2"] = CLIPTokenizer.from_pretrained(str(folder / "tokenizer_2"))
        parts["text_encoder"] = scale_weights(CLIPTextModel(text_config(size, 8, 3)), 3)
        parts["text_encoder_2"] = scale_weights(CLIPTextModelWithProjection(text_config(size, 16, 3, 16)), 3)
        parts["unet"] = scale_weights(
            unet(
                channels,
                24,
                addition_embed_type="text_time",
                addition_time_embed_dim=4,
                projection_class_embeddings_input_dim=16 + 6 * 4,
            ),
            1.5,
        )
        for key, output in (("text_encoder", "pooler_output"), ("text_encoder_2", "text_embeds")):
            encoder = parts[key]

            def encode(i, encoder=encoder, output=output):
                result = encoder(i, output_hidden_states=True, return_dict=True)
                return getattr(result, output), result.last_hidden_state, *result.hidden_states

            names = [output, "last_hidden_state"] + [f"hidden_states.{i}" for i in range(4)]
            export(encoder, encode, [ids.to(ids_type)], ["input_ids"], names, folder / key / "model.onnx", half)
    else:
        parts["text_encoder"] = scale_weights(CLIPTextModel(text_config(size, 16, 2)), 3)
        parts["unet"] = scale_weights(unet(channels, 16, time_cond_proj_dim=guidance_channels), 1.5)
        encoder = parts["text_encoder"]

        def encode(i):
            result = encoder(i, return_dict=True)
            return result.last_hidden_state, result.pooler_output

        export(
            encoder,
            encode,
            [ids.to(ids_type)],
            ["input_ids"],
            ["last_hidden_state", "pooler_output"],
            folder / "text_encoder" / "model.onnx",
        )

    net = parts["unet"]
    sample = torch.randn(1, channels, HEIGHT // 8, WIDTH // 8)
    context = torch.randn(1, 77, net.config.cross_attention_dim)
    if is_xl:

        def denoise(x, t, c, text, time):
            return net(x, t, c, added_cond_kwargs=dict(text_embeds=text, time_ids=time), return_dict=False)[0]

        inputs = [sample, torch.tensor(1.0), context, torch.randn(1, 16), torch.randn(1, 6)]
        names = ["sample", "timestep", "encoder_hidden_states", "text_embeds", "time_ids"]
    elif guidance_channels:

        def denoise(x, t, c, guidance):
            return net(x, t, c, timestep_cond=guidance, return_dict=False)[0]

        inputs = [sample, torch.tensor(1.0), context, torch.randn(1, guidance_channels)]
        names = ["sample", "timestep", "encoder_hidden_states", "timestep_cond"]
    else:

        def denoise(x, t, c):
            return net(x, t, c, return_dict=False)[0]

        # Some exports take whole timesteps only.
        whole = torch.tensor(1, dtype=torch.int64) if prediction == "v_prediction" else torch.tensor(1.0)
        time = torch.tensor([1.0]) if dialect == "A" else whole
        inputs, names = [sample, time, context], ["sample", "timestep", "encoder_hidden_states"]
    export(net, denoise, inputs, names, ["out_sample"], folder / "unet" / "model.onnx", half, fixed)

    def encode_picture(x):
        distribution = auto.encode(x).latent_dist
        return distribution.mode() if dialect == "A" else distribution.parameters

    output = "latent_sample" if dialect == "A" else "latent_parameters"
    pixels = torch.rand(1, 3, HEIGHT, WIDTH)
    export(auto, encode_picture, [pixels], ["sample"], [output], folder / "vae_encoder" / "model.onnx", half, fixed)
    export(
        auto,
        lambda z: auto.decode(z, return_dict=False)[0],
        [latents],
        ["latent_sample"],
        ["sample"],
        folder / "vae_decoder" / "model.onnx",
        half,
        fixed,
    )
    # Said to be trained at 128 × 128 pixels.
    (folder / "unet" / "config.json").write_text(json.dumps({"sample_size": 16}))
    if is_xl:
        (folder / "vae_decoder" / "config.json").write_text(json.dumps({"scaling_factor": 0.13025}))
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text(
        json.dumps(
            dict(
                SCHEDULE,
                _class_name="LCMScheduler" if guidance_channels else "EulerDiscreteScheduler",
                num_train_timesteps=1000,
                prediction_type=prediction,
            )
        )
    )
    kind = "StableDiffusionXL" if is_xl else "StableDiffusion"
    (folder / "model_index.json").write_text(
        json.dumps({"_class_name": f"ORT{kind}{'Inpaint' if channels == 9 else ''}Pipeline"})
    )
    return parts, is_xl


SCHEDULERS = {
    "DPM++ 2M": (DPMSolverMultistepScheduler, {}),
    "DPM++ 2M SDE": (DPMSolverMultistepScheduler, dict(algorithm_type="sde-dpmsolver++")),
    "Euler": (EulerDiscreteScheduler, {}),
    "Euler a": (EulerAncestralDiscreteScheduler, {}),
    "UniPC": (UniPCMultistepScheduler, {}),
    "DDIM": (DDIMScheduler, dict(clip_sample=False)),
    "LMS": (LMSDiscreteScheduler, {}),
    "Heun": (HeunDiscreteScheduler, {}),
    "LCM": (LCMScheduler, {}),
}

PIPELINES = {
    ("txt2img", False): StableDiffusionPipeline,
    ("img2img", False): StableDiffusionImg2ImgPipeline,
    ("inpaint", False): StableDiffusionInpaintPipeline,
    ("txt2img", True): StableDiffusionXLPipeline,
    ("img2img", True): StableDiffusionXLImg2ImgPipeline,
    ("inpaint", True): StableDiffusionXLInpaintPipeline,
}


def write_case(name, models, model, task, scheduler, spacing="linear", steps=4, strength=1.0, guidance=7.5, batch=1, clip_skip=None):
    parts, is_xl = models[model]
    cls, more = SCHEDULERS[scheduler]
    config = dict(SCHEDULE, prediction_type=parts["scheduler"].config.prediction_type, **more)
    if spacing == "karras":
        config["use_karras_sigmas"] = True
    call = dict(safety_checker=None, feature_extractor=None) if not is_xl else {}
    chosen = PIPELINES[(task, is_xl)]
    pipe = chosen(**{**parts, "scheduler": cls(**config)}, **call)
    pipe.set_progress_bar_config(disable=True)
    shape = (batch, 4, HEIGHT // 8, WIDTH // 8)
    generator = np.random.default_rng(len(name) * 7919 + steps)
    drawn = []

    def draw(*_, **__):
        drawn.append(generator.standard_normal(shape).astype(np.float32))
        return torch.from_numpy(drawn[-1].copy())

    for module in {chosen.__module__, cls.__module__}:
        patched = __import__(module, fromlist=["randn_tensor"])
        if hasattr(patched, "randn_tensor"):
            patched.randn_tensor = draw

    prompt = "a lighthouse by the sea, oil painting"
    negative = "blurry text and watermark"
    arguments = dict(
        prompt=prompt,
        negative_prompt=negative,
        num_inference_steps=steps,
        guidance_scale=guidance,
        num_images_per_prompt=batch,
        output_type="latent",
    )
    if task == "txt2img":
        arguments |= dict(width=WIDTH, height=HEIGHT)
    else:
        arguments |= dict(image=picture(), strength=strength)
    if task == "inpaint":
        arguments |= dict(mask_image=mask(), width=WIDTH, height=HEIGHT)
    if clip_skip:
        # diffusers looks for the last norm where transformers had it before version 5.
        CLIPTextModel.text_model = property(lambda self: self)
        # The usual layer counts as 0 there, as 2 for SDXL in A1111's words.
        arguments |= dict(clip_skip=clip_skip - (2 if is_xl else 1))
    with torch.no_grad():
        latents = pipe(**arguments).images
        decoded = parts["vae"].decode(latents / parts["vae"].config.scaling_factor, return_dict=False)[0]
    folder = OUT / "cases" / name
    folder.mkdir(parents=True)
    case = dict(
        model=f"../../models/{model}",
        task=task,
        prompt=prompt,
        negative=negative,
        steps=steps,
        scheduler=scheduler,
        spacing=spacing,
        guidance=guidance,
        strength=strength,
        width=WIDTH,
        height=HEIGHT,
    )
    if batch > 1:
        case["batch"] = batch
    if clip_skip:
        case["clipSkip"] = clip_skip
    if model.endswith("half"):
        case |= dict(bound=0.02, boundReason="half precision")
    (folder / "case.json").write_text(json.dumps(case, indent=2) + "\n")
    if task != "txt2img":
        picture().save(folder / "image.png", optimize=True)
    if task == "inpaint":
        mask().save(folder / "mask.png", optimize=True)
    np.concatenate(drawn).tofile(folder / "noise.f32")
    latents.numpy().astype(np.float32).tofile(folder / "expected.f32")
    if batch == 1:
        pixels = ((decoded[0] / 2 + 0.5).clamp(0, 1) * 255).round().permute(1, 2, 0).numpy().astype(np.uint8)
        Image.fromarray(pixels).save(folder / "expected.png", optimize=True)


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    models = {
        "sd1": write_model("sd1", channels=4, dialect="A"),
        "sd1-inpaint": write_model("sd1-inpaint", channels=9, dialect="B"),
        "sd2-v": write_model("sd2-v", channels=4, dialect="B", prediction="v_prediction", pad="!"),
        "sdxl": write_model("sdxl", channels=4, dialect="B", is_xl=True),
        "sd1-half": write_model("sd1-half", channels=9, dialect="A", half=True),
        "lcm": write_model("lcm", channels=4, dialect="B", guidance_channels=16),
        "sd1-fixed": write_model("sd1-fixed", channels=9, dialect="A", fixed=True),
    }
    for scheduler in SCHEDULERS:
        slug = scheduler.lower().replace("+", "p").replace(" ", "-")
        for model in ("sd1", "sd1-inpaint"):
            for strength in (0.3, 0.75, 1.0):
                steps = 10 if strength == 0.3 else 6
                write_case(f"inpaint-{model}-{slug}-{strength}", models, model, "inpaint", scheduler, "linear", steps, strength)
        if scheduler not in ("DDIM", "LCM", "Euler a"):
            write_case(f"karras-{slug}", models, "sd1-inpaint", "inpaint", scheduler, "karras", 6, 1.0)
    for model in ("sd1", "sd2-v", "sdxl"):
        write_case(f"txt2img-{model}", models, model, "txt2img", "DPM++ 2M")
        write_case(f"txt2img-{model}-euler", models, model, "txt2img", "Euler")
        write_case(f"img2img-{model}", models, model, "img2img", "DDIM", steps=8, strength=0.6)
        write_case(f"inpaint-{model}-unguided", models, model, "inpaint", "DPM++ 2M", guidance=1.0, strength=0.75)
        write_case(f"batch-{model}", models, model, "txt2img", "DPM++ 2M", batch=4)
    write_case("batch-sd1-inpaint", models, "sd1-inpaint", "inpaint", "DPM++ 2M", batch=4, strength=0.75)
    write_case("txt2img-lcm", models, "lcm", "txt2img", "LCM", guidance=8.0)
    write_case("inpaint-lcm", models, "lcm", "inpaint", "LCM", guidance=8.0, strength=0.75)
    write_case("fixed-inpaint", models, "sd1-fixed", "inpaint", "DPM++ 2M", batch=4)
    # Without guidance: diffusers skips no layers of the negative prompt's, unlike A1111's web UI.
    write_case("clip-skip-sdxl", models, "sdxl", "txt2img", "Euler", guidance=1.0, clip_skip=3)
    write_case("clip-skip-sd1", models, "sd1", "txt2img", "Euler", guidance=1.0, clip_skip=2)
    write_case("half-inpaint", models, "sd1-half", "inpaint", "DPM++ 2M", steps=6)


main()
