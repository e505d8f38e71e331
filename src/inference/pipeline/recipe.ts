import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Extent } from '../image/geometry.js'
import { usedControlSchema } from './control-modules.js'
import { type Edit, editSchema, keepsAlpha, REDRAW_OVERLAP } from './edit.js'
import { diffusionOptionsSchema, MAX_CONTROLS, SWITCH_AT } from './options.js'

/** The version of the program, as recipes and `--version` tell it. */
export const OVERSCAN_VERSION = '0.1.0'

/** A longer prompt fits into no recipe, in characters. */
export const MAX_PROMPT_LENGTH = 6000

const boxSchema = z.strictObject({ x: z.int(), y: z.int(), width: z.int(), height: z.int() })

/** Everything but the source that decides a picture, and what is needed to continue from it. */
export const recipeSchema = z.object({
  edit: editSchema,
  /** Position of the source on the picture, in pixels. The rest was painted. */
  old: boxSchema,
  /** Where all of the source would be, if part of it is outside the picture. */
  whole: boxSchema.optional(),
  prompt: z.string().max(MAX_PROMPT_LENGTH),
  seed: z.int().nonnegative(),
  engine: z.string().max(100),
  options: diffusionOptionsSchema.optional(),
  /** {@link fingerprint} of the source's file, or empty where there was none. */
  source: z.string().max(100),
  /** {@link fingerprint} of the canonical mask's file, where there was one. */
  mask: z.string().max(100).optional(),
  /** Whether Discord hides the picture until it is clicked. Pictures that are painted from it are hidden too. */
  spoiler: z.boolean().optional(),
  /** The ControlNets that took part, also those that nobody asked for. What was chosen is in the options. */
  controls: z.array(usedControlSchema).max(MAX_CONTROLS).optional().catch(undefined),
})
export type Recipe = Readonly<z.infer<typeof recipeSchema>>

/** A recipe in the form that a picture stores. */
const storedRecipeSchema = recipeSchema.extend({ version: z.literal(1) })

/** The first 64 bits of a file's SHA-256 in hexadecimal: enough to tell it from every other file. */
export function fingerprint(file: Uint8Array): string {
  return createHash('sha256').update(file).digest('hex').slice(0, 16)
}

/**
 * The recipe as `parameters` text in the convention of AUTOMATIC1111's web UI, so that other programs show it: the
 * prompt, the negative prompt, then a line of `Key: value` pairs. The last pair holds the whole recipe as quoted JSON.
 */
export function formatParameters(recipe: Recipe, size: Extent): string {
  const { negative, steps, sampler, guidance, refiner, switchAt } = recipe.options ?? {}
  const pairs = [
    ...(steps === undefined ? [] : [`Steps: ${steps}`]),
    ...(sampler === undefined ? [] : [`Sampler: ${sampler}`]),
    ...(guidance === undefined ? [] : [`CFG scale: ${guidance}`]),
    `Seed: ${recipe.seed}`,
    `Size: ${size.width}x${size.height}`,
    `Model: ${recipe.engine}`,
    ...describeRedraw(recipe.edit),
    ...(refiner === undefined ? [] : [`Refiner: ${refiner}`, `Refiner switch at: ${switchAt ?? SWITCH_AT.default}`]),
    ...describeControls(recipe),
    `Operation: ${describeEdit(recipe.edit)}`,
    `Version: Overscan ${OVERSCAN_VERSION}`,
    `Overscan: ${JSON.stringify(JSON.stringify({ version: 1, ...recipe }))}`,
  ]
  const negativeLine = negative ? `Negative prompt: ${negative.replaceAll('\n', ' ')}\n` : ''
  return `${recipe.prompt}\n${negativeLine}${pairs.join(', ')}`
}

/** The words of A1111's hires fix and of its script "SD upscale". */
function describeRedraw(edit: Edit): string[] {
  if (edit.kind === 'imagine' && edit.hires) {
    const { strength, scale, upscaler } = edit.hires
    const hires = [`Denoising strength: ${strength}`, `Hires upscale: ${scale}`]
    return upscaler === undefined ? hires : [...hires, `Hires upscaler: ${upscaler}`]
  }
  if (edit.kind !== 'upscale' || !edit.creative) return []
  const { strength, upscaler, overlap = REDRAW_OVERLAP.default } = edit.creative
  const script = upscaler === undefined ? [] : [`SD upscale overlap: ${overlap}`, `SD upscale upscaler: ${upscaler}`]
  return [`Denoising strength: ${strength}`, ...script]
}

/** The recipe in a `parameters` text, or undefined if it holds none of this format. */
export function parseParameters(parameters: string): Recipe | undefined {
  const [, quoted] =
    /(?:^|, )Overscan: ("(?:\\.|[^\\"])*")$/.exec(parameters.slice(parameters.lastIndexOf('\n') + 1)) ?? []
  if (quoted === undefined) return undefined
  try {
    const { version: _, ...recipe } = storedRecipeSchema.parse(JSON.parse(JSON.parse(quoted)))
    return recipe
  } catch {
    return undefined // another version wrote it, or another program
  }
}

/** ControlNets as A1111's extension writes them. */
function describeControls({ controls = [], options = {} }: Recipe): string[] {
  const { controlWeight = 1, controlStart = 0, controlEnd = 1, controlMode = 'balanced' } = options
  const common = `Weight: ${controlWeight}, Guidance Start: ${controlStart}, Guidance End: ${controlEnd}`
  return controls.map(({ name, module }, index) => {
    const text = `Module: ${module}, Model: ${name}, ${common}, Control Mode: ${controlMode}`
    return `ControlNet ${index}: ${JSON.stringify(text)}`
  })
}

/** An edit in a few words, without commas: "zoom out 1.5x", "extend left 25% bottom 64px". */
export function describeEdit(edit: Edit): string {
  return keepsAlpha(edit) ? `${describeKind(edit)} keeping alpha` : describeKind(edit)
}

function describeKind(edit: Edit): string {
  switch (edit.kind) {
    case 'zoom': {
      const to = edit.aspect ? ` to ${edit.aspect.width}:${edit.aspect.height}` : ''
      const anchored = edit.anchor ? ` anchored ${edit.anchor}` : ''
      return `zoom out ${edit.factor}x${to}${edit.grow ? ' growing' : ''}${anchored}`
    }
    case 'extend': {
      const sides = (['left', 'right', 'top', 'bottom'] as const).flatMap(side => {
        const length = edit[side]
        const amount = 'percent' in length ? length.percent : length.pixels
        return amount > 0 ? [`${side} ${amount}${'percent' in length ? '%' : 'px'}`] : []
      })
      return `extend ${sides.join(' ')}`
    }
    case 'square':
      return 'make square'
    case 'fit':
      return edit.exact ? `fit ${edit.width}x${edit.height}px` : `fit ${edit.width}:${edit.height}`
    case 'place': {
      const at = typeof edit.at === 'string' ? edit.at : `${edit.at.x} ${edit.at.y}`
      return `place at ${at} in ${edit.width}x${edit.height} scaled ${edit.scale}x`
    }
    case 'inpaint':
    case 'remove':
      return edit.kind
    case 'upscale':
      if (edit.history) return `upscale ${edit.scale}x from history`
      return `upscale ${edit.scale}x${edit.creative ? ` creative ${edit.creative.strength}` : ''}`
    case 'imagine':
      return `imagine ${edit.width}x${edit.height}${edit.hires ? ` hires fix ${edit.hires.scale}x ${edit.hires.strength}` : ''}`
    case 'vary':
      return `vary ${edit.strength}`
  }
}
