import { z } from 'zod'
import { UserError } from '../../user-error.js'
import { SAMPLER_NAMES, SIGMA_SPACINGS } from '../engines/diffusion/sampling/sampler-names.js'

export const STEPS = { min: 1, max: 150 } as const
export const GUIDANCE_SCALE = { min: 1, max: 30 } as const

/** Which layer of CLIP is taken, counted from the last. */
export const CLIP_SKIP = { min: 1, max: 12 } as const

/** A1111's two outpainting scripts. */
export const OUTPAINTING_PRESETS = ['poor-mans-outpainting', 'outpainting-mk2'] as const
export type OutpaintingPreset = (typeof OUTPAINTING_PRESETS)[number]

/** How a diffusion model paints, in the words of A1111's web UI; what is left out is as suits the model and the edit. */
export const diffusionOptionsSchema = z.strictObject({
  /** What not to paint. */
  negative: z.string().max(6000).optional(),
  steps: z.int().min(STEPS.min).max(STEPS.max).optional(),
  sampler: z.enum(SAMPLER_NAMES).optional(),
  spacing: z.enum(SIGMA_SPACINGS).optional(),
  /** CFG scale; 1 is none. */
  guidance: z.number().min(GUIDANCE_SCALE.min).max(GUIDANCE_SCALE.max).optional(),
  /** Another seed, and how far to go towards its noise: nearby pictures of one that is nearly right. Each variation takes the next. */
  variationSeed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
  variationStrength: z.number().min(0).max(1).optional(),
  clipSkip: z.int().min(CLIP_SKIP.min).max(CLIP_SKIP.max).optional(),
  /** What the sides of a picture are begun with, and settings that go with it. */
  preset: z.enum(OUTPAINTING_PRESETS).optional(),
  /** Go over canvases that are larger than the model knows once more, tile by tile. */
  refine: z.boolean().optional(),
  /** Paint the border between what was there and what is new once more. */
  seam: z.boolean().optional(),
})

export type DiffusionOptions = z.infer<typeof diffusionOptionsSchema>

/** What was chosen; undefined where nothing was. @throws ProblemError `options-invalid` */
export function parseDiffusionOptions(chosen: Readonly<Record<string, unknown>>): DiffusionOptions | undefined {
  const said = Object.entries(chosen).filter(([, value]) => value !== undefined)
  if (said.length === 0) return undefined
  const result = diffusionOptionsSchema.safeParse(Object.fromEntries(said))
  if (result.success) return result.data
  const detail = result.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ')
  throw new UserError({ code: 'options-invalid', detail })
}
