import { z } from 'zod'

/** How a picture becomes the hint of a ControlNet, in A1111's words. The default is first. */
export const CONTROL_MODULES = [
  /** Blank the masked part; the latents of the rest are kept. */
  'inpaint_only',
  /** And start from what an object-removal model paints there. */
  'inpaint_only+lama',
  /** Blank the masked part; the whole region is sampled. */
  'inpaint_global_harmonious',
  /** What sampling starts from, without its details. */
  'tile_resample',
  /** And keep its colours. */
  'tile_colorfix',
] as const
export type ControlModule = (typeof CONTROL_MODULES)[number]

/** Short names of the most common modules. */
const SHORT_NAMES: Readonly<Record<string, ControlModule>> = { inpaint: 'inpaint_only', tile: 'tile_resample' }

/** Instead of the name of a ControlNet: use none, not even the one that a model would use by itself. */
export const NO_CONTROL = 'none'

/** A ControlNet of a request. */
export type ControlUnit = { readonly name: string; readonly module: ControlModule }

/** A ControlNet as NAME or NAME:MODULE. */
export const controlTextSchema = z
  .string()
  .max(130)
  .regex(/^[^:]+(?::[^:]+)?$/)
  .refine(text => moduleOf(text) !== undefined, { error: `modules are ${moduleNames().join(', ')}` })

/** @param text as {@link controlTextSchema} accepts it */
export function parseControl(text: string): ControlUnit {
  return { name: text.split(':')[0]!, module: moduleOf(text) ?? CONTROL_MODULES[0] }
}

function moduleOf(text: string): ControlModule | undefined {
  const [, module] = text.split(':')
  if (module === undefined) return CONTROL_MODULES[0]
  return SHORT_NAMES[module] ?? CONTROL_MODULES.find(one => one === module)
}

function moduleNames(): string[] {
  return [...Object.keys(SHORT_NAMES), ...CONTROL_MODULES]
}

/** What a ControlNet has to be trained for. */
export function taskOfModule(module: ControlModule): 'inpaint' | 'tile' {
  return module.startsWith('tile') ? 'tile' : 'inpaint'
}

/** A ControlNet that took part in a picture. */
export const usedControlSchema = z.object({
  name: z.string().max(100),
  module: z.enum(CONTROL_MODULES),
  /** Nobody asked for it: the model used it by itself. */
  isDefault: z.literal(true).optional(),
  /** The engine that painted what `inpaint_only+lama` starts from. */
  prefill: z.string().max(100).optional(),
})
export type UsedControl = z.infer<typeof usedControlSchema>
