import type { PaintTaskOptions } from '../../pipeline/engine.js'
import type { OutpaintingPreset } from '../../pipeline/options.js'
import type { DiffusionModel } from './model/diffusion-model.js'
import type { SamplerName, SigmaSpacing } from './sampling/sampler-names.js'

/** How a piece is painted, with nothing left open. */
export type ResolvedOptions = {
  readonly negative: string
  readonly steps: number
  readonly sampler: SamplerName
  readonly spacing: SigmaSpacing
  readonly guidance: number
  /** Denoising strength. */
  readonly strength: number
  readonly content: NonNullable<PaintTaskOptions['content']>
  /** What the canvas is begun with where nothing is known: what an engine paints, or one of A1111's two scripts. */
  readonly initialFill: 'fill' | 'blurred' | 'matched noise'
  /** Sides are painted one after another, instead of all at once. */
  readonly bySide: boolean
  /** Tiles as large as what the model was trained at go over what was painted smaller than it is. */
  readonly refine: boolean
  /** The border of what was painted is gone over once more. */
  readonly seam: boolean
}

type Defaults = Pick<ResolvedOptions, 'steps' | 'sampler' | 'guidance'>

/** What a job does that says nothing else; as in A1111's web UI. */
const DEFAULTS: Defaults = { steps: 20, sampler: 'DPM++ 2M', guidance: 7 }

/** The same for latent consistency models: with a LoRA merged in, and distilled whole (Luo et al. 2023). */
const LCM_DEFAULTS: Defaults = { steps: 6, sampler: 'LCM', guidance: 1.5 }
const DISTILLED_LCM_DEFAULTS: Defaults = { steps: 4, sampler: 'LCM', guidance: 8 }

/** And for those that were distilled by an adversary, which know no guidance (Sauer et al. 2023). */
const TURBO_DEFAULTS: Defaults = { steps: 4, sampler: 'Euler a', guidance: 1 }

/** Samplers that are better with Karras' sigmas. */
const KARRAS_SAMPLERS: ReadonlySet<SamplerName> = new Set(['DPM++ 2M', 'DPM++ 2M SDE'])

/**
 * Denoising strength where the job says nothing: models that were trained for it begin with nothing but noise; others need to
 * see something under it.
 */
const DEFAULT_DENOISING_STRENGTH = { trained: 1, other: 0.9 } as const

/** What A1111's outpainting scripts do, and the settings that their pages recommend. */
const PRESET_DEFAULTS: Record<
  OutpaintingPreset,
  Defaults & Pick<ResolvedOptions, 'strength' | 'initialFill' | 'bySide'>
> = {
  'poor-mans-outpainting': {
    initialFill: 'blurred',
    bySide: false,
    steps: 50,
    sampler: 'Euler a',
    guidance: 7,
    strength: 0.9,
  },
  'outpainting-mk2': {
    initialFill: 'matched noise',
    bySide: true,
    steps: 80,
    sampler: 'Euler a',
    guidance: 7,
    strength: 0.8,
  },
}

/** What was chosen, and for all else what suits the model. */
export function resolveOptions(options: PaintTaskOptions, model: DiffusionModel): ResolvedOptions {
  const preset = options.preset && PRESET_DEFAULTS[options.preset]
  const distilled = distilledDefaults(model)
  const defaults = { ...DEFAULTS, ...preset, ...distilled }
  const sampler = options.sampler ?? defaults.sampler
  return {
    negative: options.negative ?? '',
    steps: options.steps ?? defaults.steps,
    sampler,
    spacing: options.spacing ?? (KARRAS_SAMPLERS.has(sampler) ? 'karras' : 'linear'),
    guidance: options.guidance ?? defaults.guidance,
    strength:
      options.strength ??
      preset?.strength ??
      (model.unet.channels === 9 ? DEFAULT_DENOISING_STRENGTH.trained : DEFAULT_DENOISING_STRENGTH.other),
    content: options.content ?? 'fill',
    initialFill: preset?.initialFill ?? 'fill',
    bySide: preset?.bySide ?? false,
    // On a processor the tiles of a large picture take many times as long as the picture.
    refine: options.refine ?? model.device !== 'cpu',
    // It takes half as long again, and those that were trained to paint under a mask need none.
    seam: options.seam ?? (preset === undefined && model.unet.channels === 4 && model.device !== 'cpu'),
  }
}

/** How a distilled model wants to be used, as far as its scheduler's file gives it away. */
function distilledDefaults({ schedule: { config }, unet }: DiffusionModel): Defaults | undefined {
  if (config._class_name === 'LCMScheduler') return unet.hasGuidanceEmbedding ? DISTILLED_LCM_DEFAULTS : LCM_DEFAULTS
  const isEuler = config._class_name?.startsWith('Euler') ?? false
  const isTrailing = config.timestep_spacing === 'trailing' && !config.rescale_betas_zero_snr
  return isEuler && isTrailing && config.prediction_type === 'epsilon' ? TURBO_DEFAULTS : undefined
}
