import { parseControl, taskOfModule } from '../../pipeline/control-modules.js'
import type { PaintTaskOptions } from '../../pipeline/engine.js'
import type { OutpaintingPreset, Prefill } from '../../pipeline/options.js'
import type { DiffusionModel } from './model/diffusion-model.js'
import type { SamplerName, SigmaSpacing } from './sampling/sampler-names.js'

/** All settings of a paint job, with a value for each. */
export type ResolvedOptions = {
  readonly negative: string
  readonly steps: number
  readonly sampler: SamplerName
  readonly spacing: SigmaSpacing
  readonly guidance: number
  readonly guidanceRescale: number
  /** Denoising strength. */
  readonly strength: number
  readonly content: NonNullable<PaintTaskOptions['content']>
  /** What the masked area holds before denoising; `fill` is the result of the engine of that name. */
  readonly prefill: Prefill
  /** Outpaint left, right, top and bottom one after another instead of all at once. */
  readonly bySide: boolean
  /** Refine in tiles of the model's sample size where the canvas was painted smaller than it is. */
  readonly refine: boolean
  /** Paint the seam along the border of the mask once more. */
  readonly seam: boolean
  /** Match the painted colors to the known picture along the border. */
  readonly colorMatch: boolean
}

type Defaults = Pick<ResolvedOptions, 'steps' | 'sampler' | 'guidance'>

/** A1111's defaults. */
const DEFAULTS: Defaults = { steps: 20, sampler: 'DPM++ 2M', guidance: 7 }

/** Latent consistency models (Luo et al. 2023): with an LCM LoRA merged in, and distilled with a guidance embedding. */
const LCM_DEFAULTS: Defaults = { steps: 6, sampler: 'LCM', guidance: 1.5 }
const DISTILLED_LCM_DEFAULTS: Defaults = { steps: 4, sampler: 'LCM', guidance: 8 }

/** Trajectory consistency distillation (Zheng et al. 2024). */
const TCD_DEFAULTS: Defaults = { steps: 4, sampler: 'TCD', guidance: 1 }

/** Turbo models: adversarial distillation, without guidance (Sauer et al. 2023). */
const TURBO_DEFAULTS: Defaults = { steps: 4, sampler: 'Euler a', guidance: 1 }

/** Samplers that use Karras sigmas by default. */
const KARRAS_SAMPLERS: ReadonlySet<SamplerName> = new Set(['DPM++ 2M', 'DPM++ 2M SDE'])

/**
 * Default denoising strength. Where the network sees the known part of the picture it starts from pure noise; other models
 * need some of the initial image to stay consistent with it.
 */
const DEFAULT_DENOISING_STRENGTH = { seesKnownPart: 1, other: 0.9 } as const

/** A1111's outpainting scripts with the settings that their pages recommend. */
const PRESET_DEFAULTS: Record<OutpaintingPreset, Defaults & Pick<ResolvedOptions, 'strength' | 'prefill' | 'bySide'>> =
  {
    'poor-mans-outpainting': {
      prefill: 'blur',
      bySide: false,
      steps: 50,
      sampler: 'Euler a',
      guidance: 7,
      strength: 0.9,
    },
    'outpainting-mk2': {
      prefill: 'matched noise',
      bySide: true,
      steps: 80,
      sampler: 'Euler a',
      guidance: 7,
      strength: 0.8,
    },
  }

/** The chosen options, and for all others the defaults for the model. */
export function resolveOptions(options: PaintTaskOptions, model: DiffusionModel): ResolvedOptions {
  const preset = options.preset && PRESET_DEFAULTS[options.preset]
  const distilled = distilledDefaults(model)
  const defaults = { ...DEFAULTS, ...preset, ...distilled }
  const sampler = options.sampler ?? defaults.sampler
  return {
    negative: options.negative ?? '',
    steps: options.steps ?? defaults.steps,
    sampler,
    spacing: options.spacing ?? defaultSpacing(model, sampler),
    guidance: options.guidance ?? defaults.guidance,
    guidanceRescale: options.guidanceRescale ?? 0,
    strength:
      options.strength ??
      preset?.strength ??
      (seesKnownPart(options, model) ? DEFAULT_DENOISING_STRENGTH.seesKnownPart : DEFAULT_DENOISING_STRENGTH.other),
    content: options.content ?? 'fill',
    prefill: options.prefill ?? preset?.prefill ?? 'fill',
    bySide: preset?.bySide ?? false,
    // On the CPU the tiles of a large canvas take many times as long as the canvas itself.
    refine: options.refine ?? model.device !== 'cpu',
    // The seam pass takes half as long again. Inpainting models don't need it.
    seam: options.seam ?? (preset === undefined && model.unet.channels === 4 && model.device !== 'cpu'),
    colorMatch: options.colorMatch ?? true,
  }
}

/** An inpainting model, or one with a ControlNet for inpainting. */
function seesKnownPart({ control = [], controlWeight }: PaintTaskOptions, model: DiffusionModel): boolean {
  const isControlled =
    controlWeight !== 0 && control.some(text => taskOfModule(parseControl(text).module) === 'inpaint')
  return model.unet.channels === 9 || isControlled
}

/** Models that were trained with any σ have their own spacing, which `linear` stands for. */
function defaultSpacing({ schedule: { config, edm } }: DiffusionModel, sampler: SamplerName): SigmaSpacing {
  if (edm) return 'linear'
  return KARRAS_SAMPLERS.has(sampler) || config.use_karras_sigmas ? 'karras' : 'linear'
}

/**
 * Defaults for distilled models, which are recognized by their scheduler config or by what their file says; undefined for
 * all others.
 */
function distilledDefaults({
  schedule: { config },
  unet,
  distillation,
}: DiffusionModel): Partial<Defaults> | undefined {
  if (config._class_name === 'LCMScheduler') return unet.hasGuidanceEmbedding ? DISTILLED_LCM_DEFAULTS : LCM_DEFAULTS
  if (config._class_name === 'TCDScheduler') return TCD_DEFAULTS
  const isEuler = config._class_name?.startsWith('Euler') ?? false
  const isTrailing = config.timestep_spacing === 'trailing' && !config.rescale_betas_zero_snr
  if (isEuler && isTrailing && config.prediction_type === 'epsilon') return TURBO_DEFAULTS
  const { steps, guidance } = distillation ?? {}
  return steps === undefined ? undefined : { steps, guidance: guidance ?? TURBO_DEFAULTS.guidance }
}
