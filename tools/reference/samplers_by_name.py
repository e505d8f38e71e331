"""diffusers' classes for each of Overscan's samplers, and its pipelines for each task."""
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EDMDPMSolverMultistepScheduler,
    EDMEulerScheduler,
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
    TCDScheduler,
    UniPCMultistepScheduler,
)

# The class, its arguments, and whether it has Karras' sigmas.
SAMPLERS = {
    "DPM++ 2M": (DPMSolverMultistepScheduler, dict(algorithm_type="dpmsolver++"), True),
    "DPM++ 2M SDE": (DPMSolverMultistepScheduler, dict(algorithm_type="sde-dpmsolver++"), True),
    "Euler": (EulerDiscreteScheduler, {}, True),
    "Euler a": (EulerAncestralDiscreteScheduler, {}, False),
    "UniPC": (UniPCMultistepScheduler, {}, True),
    "DDIM": (DDIMScheduler, dict(clip_sample=False), False),
    "LMS": (LMSDiscreteScheduler, {}, True),
    "Heun": (HeunDiscreteScheduler, {}, True),
    "LCM": (LCMScheduler, {}, False),
    "TCD": (TCDScheduler, {}, False),
}

# Of models that were trained as in Karras et al. 2022.
EDM_SAMPLERS = {
    "DPM++ 2M": (EDMDPMSolverMultistepScheduler, dict(algorithm_type="dpmsolver++"), False),
    "Euler": (EDMEulerScheduler, {}, False),
}

PIPELINES = {
    ("txt2img", False): StableDiffusionPipeline,
    ("img2img", False): StableDiffusionImg2ImgPipeline,
    ("inpaint", False): StableDiffusionInpaintPipeline,
    ("txt2img", True): StableDiffusionXLPipeline,
    ("img2img", True): StableDiffusionXLImg2ImgPipeline,
    ("inpaint", True): StableDiffusionXLInpaintPipeline,
}
