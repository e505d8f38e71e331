"""diffusers' schedulers with a formula as the model: timesteps, and latents after each call.

    python tools/reference/samplers.py > test/fixtures/samplers.json
"""
import json
import math
import warnings

import torch
from diffusers.schedulers.scheduling_utils import AysSchedules
from samplers_by_name import EDM_SAMPLERS, SAMPLERS

warnings.filterwarnings("ignore")

SIZE = 8
CONFIG = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1)

SCHEDULERS = {name: (cls, more) for name, (cls, more, _) in SAMPLERS.items()}
SCHEDULERS["DDIM"] = (SCHEDULERS["DDIM"][0], dict(clip_sample=False, set_alpha_to_one=False))

KARRAS = {"DPM++ 2M", "DPM++ 2M SDE", "Euler", "UniPC", "LMS", "Heun"}


def noise_of(number):
    """Pseudorandom numbers, the same in every language."""
    values = [math.sin(12.9898 * (number * SIZE + i + 1)) * 43758.5453 for i in range(SIZE)]
    return torch.tensor([3.4 * ((v - math.floor(v)) - 0.5) for v in values], dtype=torch.float32).reshape(1, 1, SIZE)


def model(latents, timestep):
    i = torch.arange(SIZE, dtype=torch.float32)
    return torch.tanh(0.7 * latents + 0.3 * torch.cos(timestep / 150 + i))


def run(name, spacing, steps, prediction, timestep_spacing, begin, zero_snr, extra={}):
    """extra: further fields of the configuration."""
    cls, more = EDM_SAMPLERS[name][:2] if "sigma_data" in extra else SCHEDULERS[name]
    config = dict(CONFIG, prediction_type=prediction, **more, **extra)
    if timestep_spacing:
        config["timestep_spacing"] = timestep_spacing
    if zero_snr:
        config["rescale_betas_zero_snr"] = True
    if spacing == "karras":
        config["use_karras_sigmas"] = True
    scheduler = cls.from_config(config)
    if spacing == "align-your-steps":
        if name == "Euler":
            scheduler.set_timesteps(sigmas=AysSchedules["StableDiffusionSigmas"])
        else:
            scheduler.set_timesteps(timesteps=AysSchedules["StableDiffusionTimesteps"])
    else:
        scheduler.set_timesteps(steps)

    # Noise that a scheduler draws is taken from the list.
    drawn = iter(range(100, 1000))
    module = __import__(cls.__module__, fromlist=["randn_tensor"])
    module.randn_tensor = lambda *a, **k: noise_of(next(drawn))

    order = scheduler.order
    if begin:
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(begin * order)
        timesteps = scheduler.timesteps[begin * order :]
        latents = scheduler.add_noise(noise_of(1), noise_of(0), timesteps[:1])
    else:
        timesteps = scheduler.timesteps
        latents = noise_of(0) * scheduler.init_noise_sigma
    first = latents.clone()
    after = []
    for t in timesteps:
        output = model(scheduler.scale_model_input(latents, t), float(t))
        # diffusers' pipelines sample TCD without noise by default.
        more = dict(eta=0.0) if name == "TCD" else {}
        latents = scheduler.step(output, t, latents, return_dict=False, **more)[0]
        after.append([float(f"{v:.7g}") for v in latents.flatten().tolist()])
    case = dict(sampler=name, spacing=spacing, steps=steps, prediction=prediction, begin=begin)
    if timestep_spacing:
        case["timestepSpacing"] = timestep_spacing
    if zero_snr:
        case["zeroSnr"] = True
    if extra:
        case["config"] = dict(extra, **(dict(_class_name=cls.__name__) if "sigma_data" in extra else {}))
    return dict(
        case,
        timesteps=[round(float(t), 4) for t in timesteps],
        first=[float(f"{v:.7g}") for v in first.flatten().tolist()],
        after=after,
    )


cases = []
for name in SCHEDULERS:
    for steps in (4, 20):
        cases.append(run(name, "linear", steps, "epsilon", None, 0, False))
    cases.append(run(name, "linear", 12, "v_prediction", "trailing" if name != "LCM" else None, 0, False))
    cases.append(run(name, "linear", 10, "epsilon", None, 3, False))
    if name in KARRAS:
        cases.append(run(name, "karras", 12, "epsilon", None, 0, False))
        cases.append(run(name, "karras", 12, "v_prediction", None, 5, False))
    if name not in ("DDIM", "LCM"):
        cases.append(run(name, "linear", 7, "epsilon", "leading", 0, False))
cases.append(run("DDIM", "linear", 10, "v_prediction", "trailing", 0, True))
cases.append(run("Euler", "linear", 10, "v_prediction", "trailing", 0, True))
for name in ("DPM++ 2M", "Euler"):
    cases.append(run(name, "align-your-steps", 10, "epsilon", None, 0, False))
for name in ("DPM++ 2M", "DPM++ 2M SDE", "UniPC"):
    for extra in (
        dict(solver_order=1),
        dict(solver_order=3),
        dict(solver_order=3, lower_order_final=False, final_sigmas_type="sigma_min"),
        # With bh1 diffusers divides 0 by 0 at sigma 0.
        dict(solver_type="bh1", final_sigmas_type="sigma_min") if name == "UniPC" else dict(solver_type="heun"),
        dict(disable_corrector=[0, 2]) if name == "UniPC" else dict(euler_at_final=True, final_sigmas_type="sigma_min"),
    ):
        cases.append(run(name, "linear", 8 if "lower_order_final" in extra else 17, "epsilon", None, 0, False, extra))
cases.append(run("Euler", "linear", 6, "epsilon", None, 0, False, dict(final_sigmas_type="sigma_min")))
for schedule, data, largest in (("karras", 0.5, 80.0), ("exponential", 1.0, 120.0)):
    edm = dict(sigma_min=0.002, sigma_max=largest, sigma_data=data, sigma_schedule=schedule)
    for name in EDM_SAMPLERS:
        cases.append(run(name, "linear", 8, "v_prediction" if data == 1 else "epsilon", None, 0, False, edm))
    cases.append(run("DPM++ 2M", "linear", 20, "epsilon", None, 7, False, edm))
print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")
