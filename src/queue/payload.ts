import { z } from 'zod'
import { CONVERSIONS } from '../inference/image/conversion-names.js'
import { usedControlSchema } from '../inference/pipeline/control-modules.js'
import { editSchema } from '../inference/pipeline/edit.js'
import { memoryFallbackSchema } from '../inference/pipeline/memory-fallback.js'
import { diffusionOptionsSchema } from '../inference/pipeline/options.js'
import type { PaintedPicture, PaintRequest, PaintResult } from '../inference/pipeline/paint-request.js'
import { recipeSchema } from '../inference/pipeline/recipe.js'
import { readRecipe } from '../inference/pipeline/recipe-file.js'
import { VARIATIONS } from '../inference/pipeline/request.js'
import { type Problem, UserError } from '../user-error.js'

/** A job as BullMQ stores it: another version of Overscan may read it. Its pictures are stored under {@link blobKey}. */
const payloadSchema = z.strictObject({
  version: z.literal(1),
  person: z.string(),
  server: z.string().optional(),
  edit: editSchema,
  prompt: z.string(),
  seeds: z.array(z.int().nonnegative()).min(1),
  engine: z.string(),
  options: diffusionOptionsSchema.optional(),
  source: z.boolean(),
  mask: z.boolean(),
  /** Whether there are earlier pictures. */
  earlier: z.boolean().optional(),
})
export type JobPayload = z.infer<typeof payloadSchema>

/** @throws UserError `job-incompatible` for a job of another version that this one can't read */
export function parsePayload(value: unknown): JobPayload {
  const result = payloadSchema.safeParse(value)
  if (!result.success) throw new UserError({ code: 'job-incompatible' }, { cause: result.error })
  return result.data
}

const ownerSchema = payloadSchema.pick({ person: true, server: true }).strip()

/** Whose a job is, also where this version can't read the rest of it. */
export function readOwner(value: unknown): z.infer<typeof ownerSchema> | undefined {
  return ownerSchema.safeParse(value).data
}

export function toPayload(
  { edit, prompt, seeds, engine, options, source, mask, earlier }: PaintRequest,
  { person, server }: { person: string; server: string | undefined },
): JobPayload {
  return {
    version: 1,
    person,
    ...(server && { server }),
    edit,
    prompt,
    seeds: [...seeds],
    engine,
    ...(options && { options }),
    source: source !== undefined,
    mask: mask !== undefined,
    ...(earlier && { earlier: true }),
  }
}

/** BullMQ refuses job ids that are integers, as Discord's ids are. */
export const toBullJobId = (id: string) => `job-${id}`
export const fromBullJobId = (jobId: string) => jobId.slice('job-'.length)

/** The key of a job's picture in the blob store. Of a result it has the number of the attempt and of the picture. */
export function blobKey(job: string, name: 'source' | 'mask' | 'earlier' | 'preview' | `${string}/${number}`): string {
  return `${job}/${name}`
}

/**
 * The keys of all pictures that workers may have stored for a job, whether they are there or not. A worker that is lost
 * leaves those of its attempt behind.
 *
 * @param attempts how often the job was started
 */
export function resultKeys(job: string, attempts: number): string[] {
  return Array.from({ length: attempts }, (_, attempt) =>
    Array.from({ length: VARIATIONS.max }, (_, index) => blobKey(job, `${attempt + 1}/${index}`)),
  ).flat()
}

/**
 * The return value of a job as BullMQ stores it; `blob` is the key of a picture. Workers and bots of several versions run
 * side by side: what can be missing is filled in, and what is unknown is left out.
 */
const resultSchema = z.object({
  version: z.literal(1).default(1),
  /** Which start of the job painted it, from 1. */
  attempt: z.int().positive().default(1),
  engine: z.string(),
  timings: z.object({ read: z.number(), paint: z.number(), write: z.number(), total: z.number() }),
  pictures: z.array(
    z.object({
      seed: z.number(),
      width: z.number(),
      height: z.number(),
      /** The picture's file has it too. */
      recipe: recipeSchema.optional().catch(undefined),
      blob: z.string(),
    }),
  ),
  savings: z.array(memoryFallbackSchema.optional().catch(undefined)).optional(),
  conversions: z.array(z.enum(CONVERSIONS).optional().catch(undefined)).optional(),
  controls: z.array(usedControlSchema.optional().catch(undefined)).optional(),
})
export type StoredResult = z.infer<typeof resultSchema>

export function parseStoredResult(value: unknown): StoredResult {
  return resultSchema.parse(value)
}

export function toStoredResult(
  { engine, timings, pictures, savings, conversions, controls }: PaintResult,
  blobs: readonly string[],
  attempt: number,
): StoredResult {
  const withKeys = pictures.map(({ png: _, ...rest }, index) => ({ ...rest, blob: blobs[index]! }))
  const stored = {
    engine,
    timings: { ...timings },
    pictures: withKeys,
    ...(savings && { savings: [...savings] }),
    ...(conversions && { conversions: [...conversions] }),
    ...(controls && { controls: [...controls] }),
  }
  return { version: 1, attempt, ...stored }
}

/** @throws UserError `job-incompatible` where a picture has no recipe that this version can read */
export function toPaintResult(
  { engine, timings, pictures, savings, conversions, controls }: StoredResult,
  pngs: readonly Uint8Array[],
): PaintResult {
  const withBytes = pictures.map(({ blob: _, recipe: stored, ...rest }, index): PaintedPicture => {
    const png = pngs[index]!
    const recipe = stored ?? readRecipe(png)
    if (!recipe) throw new UserError({ code: 'job-incompatible' })
    return { ...rest, recipe, png }
  })
  const known = savings?.filter(one => one !== undefined)
  const knownConversions = conversions?.filter(one => one !== undefined)
  const knownControls = controls?.filter(one => one !== undefined)
  return {
    engine,
    timings,
    pictures: withBytes,
    ...(known && known.length > 0 && { savings: known }),
    ...(knownConversions && knownConversions.length > 0 && { conversions: knownConversions }),
    ...(knownControls && knownControls.length > 0 && { controls: knownControls }),
  }
}

/** The problem as text: BullMQ keeps only the message of an error, as `failedReason`. */
export function toFailedReason(problem: Problem): string {
  return JSON.stringify(problem)
}

/** A reason that is not a problem of ours is BullMQ's own: the job stalled too often. */
export function parseFailedReason(reason: string): Problem {
  try {
    const value: unknown = JSON.parse(reason)
    if (typeof value === 'object' && value !== null && 'code' in value) return value as Problem
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return { code: 'engine-crashed' }
}

/** A job's progress as BullMQ stores it. `preview` counts the previews; the latest one is in the blob store. */
export const jobProgressSchema = z.object({ done: z.number(), preview: z.int().optional() })
