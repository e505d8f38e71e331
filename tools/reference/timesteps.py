"""Timesteps of diffusers' schedulers for 1 to 150 steps, as a CRC-32 of each list, and values of alphas_cumprod.

    python tools/reference/timesteps.py > test/fixtures/timesteps.json
"""
import json
import warnings
import zlib

from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    LCMScheduler,
    UniPCMultistepScheduler,
)

warnings.filterwarnings("ignore")

CONFIG = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1)
LCM_MAX_STEPS = 50


def checksums(cls, most, **more):
    rows = []
    for steps in range(1, most + 1):
        scheduler = cls(**CONFIG, **more)
        scheduler.set_timesteps(steps)
        # numpy.arange yields one value too many for 61, 103, 121 and 122 trailing steps: -1.
        timesteps = [int(t) for t in scheduler.timesteps if t >= 0]
        rows.append(zlib.crc32(",".join(map(str, timesteps)).encode()))
    return rows


cases = []
for name, cls in (
    ("DPM++ 2M", DPMSolverMultistepScheduler),
    ("UniPC", UniPCMultistepScheduler),
    ("DDIM", DDIMScheduler),
):
    for timestep_spacing in ("linspace", "leading", "trailing"):
        rows = checksums(cls, 150, timestep_spacing=timestep_spacing)
        cases.append(dict(sampler=name, timestepSpacing=timestep_spacing, spacing="linear", checksums=rows))
    if cls is not DDIMScheduler:
        rows = checksums(cls, 150, timestep_spacing="linspace", use_karras_sigmas=True)
        cases.append(dict(sampler=name, timestepSpacing="linspace", spacing="karras", checksums=rows))
rows = checksums(LCMScheduler, LCM_MAX_STEPS)
cases.append(dict(sampler="LCM", timestepSpacing="leading", spacing="linear", checksums=rows))

alphas = EulerDiscreteScheduler(**CONFIG).alphas_cumprod
print(json.dumps(dict(cases=cases, alphas={t: float(alphas[t]) for t in range(0, 1000, 111)})))
