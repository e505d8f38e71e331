import { z } from 'zod'
import { UserError } from '../../user-error.js'
import { SAMPLER_NAMES, SIGMA_SPACINGS } from '../engines/diffusion/sampling/sampler-names.js'
import { controlTextSchema, NO_CONTROL } from './control-modules.js'
import { describeFault } from './schema-fault.js'

export const STEPS = { min: 1, max: 150 } as const
export const GUIDANCE_SCALE = { min: 1, max: 30 } as const

/** Which layer of CLIP is used, counted from the last. */
export const CLIP_SKIP = { min: 1, max: 12 } as const

/** The share of the noise schedule after which the refiner takes over. */
export const SWITCH_AT = { min: 0.01, max: 1, default: 0.8 } as const

/** A1111's control modes: what is more important, the prompt or the ControlNet. */
export const CONTROL_MODES = ['balanced', 'my prompt', 'controlnet'] as const

/** Ranges of the options of ControlNets. */
export const CONTROL_WEIGHT = { min: 0, max: 2 } as const
export const DOWNSAMPLING_RATE = { min: 1, max: 8 } as const
export const MAX_CONTROLS = 3

/** What fills the masked area before sampling starts. The default is first. */
export const PREFILLS = ['fill', 'blur', 'edge color', 'matched noise'] as const
export type Prefill = (typeof PREFILLS)[number]

/** A1111's two outpainting scripts. */
export const OUTPAINTING_PRESETS = ['poor-mans-outpainting', 'outpainting-mk2'] as const
export type OutpaintingPreset = (typeof OUTPAINTING_PRESETS)[number]

/** How a diffusion model paints, in the words of A1111's web UI; `resolveOptions` fills in what is left out. */
export const diffusionOptionsSchema = z.strictObject({
  /** The negative prompt. */
  negative: z.string().max(6000).optional(),
  steps: z.int().min(STEPS.min).max(STEPS.max).optional(),
  sampler: z.enum(SAMPLER_NAMES).optional(),
  spacing: z.enum(SIGMA_SPACINGS).optional(),
  /** CFG scale; 1 is without guidance. */
  guidance: z.number().min(GUIDANCE_SCALE.min).max(GUIDANCE_SCALE.max).optional(),
  /** How far guidance keeps the contrast of the picture without it; for models trained with zero terminal SNR. */
  guidanceRescale: z.number().min(0).max(1).optional(),
  /** Another seed, and how far to interpolate towards its noise. Each variation takes the next seed. */
  variationSeed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
  variationStrength: z.number().min(0).max(1).optional(),
  clipSkip: z.int().min(CLIP_SKIP.min).max(CLIP_SKIP.max).optional(),
  /** A second model that runs the last steps, from `switchAt` on. */
  refiner: z.string().min(1).max(100).optional(),
  switchAt: z.number().min(SWITCH_AT.min).max(SWITCH_AT.max).optional(),
  /** ControlNets, as NAME or NAME:MODULE; they have the other options in common. Or `none`. */
  control: z
    .array(controlTextSchema)
    .min(1)
    .max(MAX_CONTROLS)
    .refine(names => names.length === 1 || !names.includes(NO_CONTROL), { error: 'none can’t be combined with others' })
    .optional(),
  controlWeight: z.number().min(CONTROL_WEIGHT.min).max(CONTROL_WEIGHT.max).optional(),
  /** The shares of the steps between which ControlNets work. */
  controlStart: z.number().min(0).max(1).optional(),
  controlEnd: z.number().min(0).max(1).optional(),
  controlMode: z.enum(CONTROL_MODES).optional(),
  /** How much smaller the picture is made before it becomes the hint of a tile module. */
  downsamplingRate: z.number().min(DOWNSAMPLING_RATE.min).max(DOWNSAMPLING_RATE.max).optional(),
  /** What fills the masked area before sampling starts. */
  prefill: z.enum(PREFILLS).optional(),
  /** What sampling starts from at the sides of a picture, and the settings that go with it. */
  preset: z.enum(OUTPAINTING_PRESETS).optional(),
  /** Repaint canvases that are larger than the model's own size once more, tile by tile. */
  refine: z.boolean().optional(),
  /** Repaint the border between the old and the new part. */
  seam: z.boolean().optional(),
  /** Match the painted colors to the old picture along the border. */
  colorMatch: z.boolean().optional(),
})

export type DiffusionOptions = z.infer<typeof diffusionOptionsSchema>

/** The options that were chosen; undefined if none was. @throws UserError `options-invalid` */
export function parseDiffusionOptions(chosen: Readonly<Record<string, unknown>>): DiffusionOptions | undefined {
  const given = Object.entries(chosen).filter(([, value]) => value !== undefined)
  if (given.length === 0) return undefined
  const options = Object.fromEntries(given)
  const result = diffusionOptionsSchema.safeParse(options)
  if (result.success) return result.data
  throw new UserError({ code: 'options-invalid', detail: describeFault(result.error, options) })
}
