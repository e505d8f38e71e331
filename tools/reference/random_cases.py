"""Random cases for `npm run parity`: models, configurations and parameters, and what diffusers makes of them.

    npx tsx tools/reference/vocabulary.ts VOCABULARY_DIR
    python tools/reference/random_cases.py CASES_DIR --seed 1 --count 200 --vocabulary VOCABULARY_DIR
    npm run parity -- CASES_DIR

Without --vocabulary there are no single files, which imply CLIP's vocabulary. A case that diffusers can't compute is drawn
again. Each result is computed in single and in double precision; where the two differ by much, the bound is larger and the
case says so.
"""
import argparse
import inspect
import json
import math
import pathlib
import random as random_module
import shutil
import warnings

import diffusers
import numpy as np
import torch
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from PIL import Image, ImageDraw
from random_models import HALF_LAYOUTS, KINDS, LAYOUTS, random_edm, random_parts, random_schedule, write_model
from samplers_by_name import EDM_SAMPLERS, PIPELINES, SAMPLERS

warnings.filterwarnings("ignore")
diffusers.logging.set_verbosity_error()
# The mean of what the encoder says, not a sample of it.
DiagonalGaussianDistribution.sample = lambda self, generator=None: self.mode()

WORDS = "a photo of the lighthouse by sea at dusk , wide landscape mountains old house forest in fog city night cat oil painting".split()
CASES_PER_MODEL = 5
# For some models diffusers can compute hardly anything.
MAX_TRIES = 20
DEFAULT_BOUND = 5e-5
# Two results in single precision may be this many times as far apart as one of them is from double precision.
SINGLE_PRECISION_FACTOR = 8
HALF_BOUND = 0.1


def random_text(random, most):
    return " ".join(random.choice(WORDS) for _ in range(random.randint(0, most)))


def random_picture(random, width, height):
    y, x = np.mgrid[0:height, 0:width]
    waves = [127 + 120 * np.sin(x / random.uniform(3, 20) + y / random.uniform(3, 20) + random.uniform(0, 6)) for _ in range(3)]
    return Image.fromarray(np.stack(waves, -1).astype(np.uint8))


def random_mask(random, width, height):
    mask = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(mask)
    for _ in range(random.randint(1, 3)):
        x, y = random.randrange(width - 8), random.randrange(height - 8)
        box = (x, y, random.randint(x + 8, width), random.randint(y + 8, height))
        random.choice([draw.rectangle, draw.ellipse])(box, fill=255)
    return mask


def random_model(random, folder, vocabulary):
    kind = random.choice(KINDS)
    layout = random.choice([*LAYOUTS, "single file"] if vocabulary else LAYOUTS)
    # A single file doesn't say what it predicts.
    prediction = "epsilon" if layout == "single file" else random.choice(["epsilon", "epsilon", "v_prediction", "sample"])
    guidance_width = 16 if kind == "sd1" and layout != "single file" and random.random() < 0.2 else None
    channels = random.choice([4, 4, 9])
    folder.mkdir(parents=True)
    parts = random_parts(random, folder, kind, channels, guidance_width, vocabulary if layout == "single file" else None)
    schedule = random_edm(random) if random.random() < 0.15 else random_schedule(random, prediction)
    if layout == "single file":
        schedule = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1)
    if channels == 9:
        parts["vae"].register_to_config(latents_mean=None, latents_std=None)
    path = write_model(random, parts, folder, kind, layout, schedule)
    return dict(parts=parts, schedule=schedule, path=path, kind=kind, channels=channels, layout=layout, guided=guidance_width)


def random_parameters(random, model):
    tasks = ["inpaint"] if model["channels"] == 9 else ["txt2img", "img2img", "inpaint"]
    if model["parts"]["vae"].config.latents_mean:
        # diffusers forgets the mean when it encodes for inpainting.
        tasks = ["txt2img", "img2img"]
    task = random.choice(tasks)
    samplers = samplers_of(model)
    scheduler = random.choice([name for name in samplers if name == "LCM" or not model["guided"]])
    most = 50 if scheduler in ("LCM", "TCD") else 150
    # Most have few steps, so that a run ends soon.
    steps = random.randint(1, 12) if random.random() < 0.6 else min(most, round(math.exp(random.uniform(0, math.log(150)))))
    # Prompts are not longer than what diffusers reads.
    negative = random.choice([None, random_text(random, 8)])
    return dict(
        task=task,
        prompt=random_text(random, 20),
        **({} if negative is None else dict(negative=negative)),
        steps=steps,
        scheduler=scheduler,
        spacing=random.choice(["linear", "karras"]) if samplers[scheduler][2] else "linear",
        guidance=random.choice([1.0, round(random.uniform(1, 12), 2)]),
        **(dict(guidanceRescale=round(random.uniform(0.1, 1), 2)) if task == "txt2img" and random.random() < 0.2 else {}),
        strength=1.0 if task == "txt2img" else random.choice([1.0, round(random.uniform(0.05, 1), 3)]),
        width=8 * random.randint(4, 12),
        height=8 * random.randint(4, 12),
        batch=random.choice([1, 1, 2, 3]),
    )


def samplers_of(model):
    return EDM_SAMPLERS if model["schedule"].get("_class_name", "").startswith("EDM") else SAMPLERS


class Undefined(Exception):
    """diffusers has no sensible result for this case."""


def make_scheduler(model, case):
    cls, more, has_karras = samplers_of(model)[case["scheduler"]]
    config = dict(model["schedule"], **more)
    if has_karras:
        config["use_karras_sigmas"] = case["spacing"] == "karras"
    if config.get("solver_type") not in SOLVER_TYPES.get(cls.__name__, ()):
        config.pop("solver_type", None)
    accepted = inspect.signature(cls.__init__).parameters
    if config.get("rescale_betas_zero_snr") and "rescale_betas_zero_snr" not in accepted:
        raise Undefined
    return cls.from_config(config)


SOLVER_TYPES = {"DPMSolverMultistepScheduler": ("midpoint", "heun"), "UniPCMultistepScheduler": ("bh1", "bh2")}


def run(model, case, picture, mask, seed, dtype):
    """diffusers' latents, and the noise that it drew."""
    is_xl = model["kind"] == "sdxl"
    scheduler = make_scheduler(model, case)
    parts = {name: part.to(dtype) if isinstance(part, torch.nn.Module) else part for name, part in model["parts"].items()}
    chosen = PIPELINES[case["task"], is_xl]
    pipe = chosen(**parts, scheduler=scheduler, **({} if is_xl else dict(safety_checker=None, feature_extractor=None)))
    pipe.set_progress_bar_config(disable=True)
    shape = (case["batch"], 4, case["height"] // 8, case["width"] // 8)
    generator = np.random.default_rng(seed)
    drawn = []

    def draw(*_, **__):
        drawn.append(generator.standard_normal(shape).astype(np.float32))
        return torch.from_numpy(drawn[-1].copy()).to(dtype)

    for name in {chosen.__module__, type(scheduler).__module__}:
        patched = __import__(name, fromlist=["randn_tensor"])
        if hasattr(patched, "randn_tensor"):
            patched.randn_tensor = draw
    arguments = dict(
        prompt=case["prompt"],
        negative_prompt=case.get("negative"),
        num_inference_steps=case["steps"],
        guidance_scale=case["guidance"],
        num_images_per_prompt=case["batch"],
        output_type="latent",
    )
    if "guidanceRescale" in case:
        arguments |= dict(guidance_rescale=case["guidanceRescale"])
    if case["task"] != "img2img":
        arguments |= dict(width=case["width"], height=case["height"])
    if case["task"] != "txt2img":
        arguments |= dict(image=picture, strength=case["strength"])
    if case["task"] == "inpaint":
        arguments |= dict(mask_image=mask)
    with torch.no_grad():
        latents = pipe(**arguments).images
    # numpy.arange yields one value too many for 61, 103, 121 and 122 trailing steps: -1.
    is_extended = len(scheduler.timesteps) > case["steps"] * scheduler.order
    if is_extended or not torch.isfinite(latents).all():
        raise Undefined
    if case["steps"] * case["strength"] < 1:
        raise Undefined
    return latents.double().numpy(), np.concatenate(drawn)


def write_case(random, folder, model, seed):
    case = random_parameters(random, model)
    picture = random_picture(random, case["width"], case["height"])
    mask = random_mask(random, case["width"], case["height"])
    latents, noise = run(model, case, picture, mask, seed, torch.float32)
    exact, _ = run(model, case, picture, mask, seed, torch.float64)
    error = float(np.abs(latents - exact).max() / np.abs(latents).max())
    case["model"] = f"../../models/{model['path'].name}"
    case["about"] = f"{model['kind']}, {model['layout']}, {model['channels']} channels"
    if model["layout"] in HALF_LAYOUTS:
        case |= dict(bound=HALF_BOUND, boundReason="half precision")
    elif SINGLE_PRECISION_FACTOR * error > DEFAULT_BOUND:
        reason = f"torch's single and double precision differ by {error:.1e}"
        case |= dict(bound=SINGLE_PRECISION_FACTOR * error, boundReason=reason)
    folder.mkdir(parents=True)
    (folder / "case.json").write_text(json.dumps(case, indent=2) + "\n")
    if case["task"] != "txt2img":
        picture.save(folder / "image.png")
    if case["task"] == "inpaint":
        mask.save(folder / "mask.png")
    noise.tofile(folder / "noise.f32")
    latents.astype(np.float32).tofile(folder / "expected.f32")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--vocabulary", help="a folder with CLIP's vocab.json and merges.txt")
    options = parser.parse_args()
    random = random_module.Random(options.seed)
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    shutil.rmtree(options.folder, ignore_errors=True)
    done, again = 0, 0
    while done < options.count:
        name = f"{options.seed}-{done:03}"
        model = random_model(random, options.folder / "models" / name, options.vocabulary)
        end = min(options.count, done + CASES_PER_MODEL)
        tries = 0
        while done < end and tries < MAX_TRIES:
            tries += 1
            try:
                write_case(random, options.folder / "cases" / f"{options.seed}-{done:03}", model, options.seed * 1000 + done)
                done += 1
            except (Undefined, ValueError, NotImplementedError, AssertionError, IndexError, RuntimeError) as error:
                again += 1
                print(f"{name}: drawn again ({type(error).__name__}: {str(error)[:100]})")
    print(f"{done} cases; {again} were drawn again")


main()
