import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { recipeSchema } from '../../inference/pipeline/recipe.js'
import { parseJson } from '../../parse-json.js'
import type { Backend } from '../../queue/backends/backend.js'
import { BLOB_TTL_SECONDS } from '../../queue/backends/blob-store.js'
import type { PackedResult } from '../messages/result-files.js'

/** A person's results at most. A further one replaces the last. */
const SLOTS = 25

/** A result that could not be delivered. */
export type KeptResult = PackedResult & {
  readonly spoiler: boolean
  /** The server that it was asked for in. */
  readonly server: string | undefined
}

/** Results that no way was open for, for a day. All bots of a token share them. */
export interface KeptResults {
  keep(person: string, result: KeptResult): Promise<void>
  /**
   * The next of a person's results: those that were not shown yet come first. It counts as shown from then on.
   *
   * @param limit how many
   * @returns also how many were not shown yet and are left
   */
  take(person: string, limit: number): Promise<{ readonly results: KeptResult[]; readonly left: number }>
  forget(person: string): Promise<void>
}

const keptSchema = z.object({
  version: z.literal(1),
  /** In milliseconds since 1970. */
  since: z.number(),
  isShown: z.boolean(),
  spoiler: z.boolean(),
  server: z.string().optional(),
  /** `blob` is a key of the blob store. */
  files: z.array(
    z.object({ name: z.string(), width: z.number(), height: z.number(), recipe: recipeSchema, blob: z.string() }),
  ),
  hiddenFiles: z.array(z.object({ name: z.string(), blob: z.string() })),
})
type StoredKeptResult = z.infer<typeof keptSchema>

export function createKeptResults({ store, blobs }: Pick<Backend, 'store' | 'blobs'>): KeptResults {
  const nameOf = (person: string, slot: number) => `kept:${person}:${slot}`
  const slots = Array.from({ length: SLOTS }, (_, slot) => slot)

  const save = (person: string, slot: number, result: StoredKeptResult, seconds: number) =>
    store.set(nameOf(person, slot), seconds, JSON.stringify(result))

  async function read(person: string) {
    const texts = await Promise.all(slots.map(async slot => ({ slot, text: await store.get(nameOf(person, slot)) })))
    return texts.flatMap(({ slot, text }) => {
      // Another version may have written it; a forgotten one is empty.
      const { data: result } = keptSchema.safeParse(parseJson(text))
      return result ? [{ slot, result }] : []
    })
  }

  /** One of the person's slots that no other process uses. */
  async function claimSlot(person: string): Promise<number> {
    for (const slot of slots) {
      if (await store.claim(`${nameOf(person, slot)}:claim`, BLOB_TTL_SECONDS)) return slot
    }
    return SLOTS - 1
  }

  return {
    async keep(person, { files, hiddenFiles, spoiler, server }) {
      const put = async (bytes: Uint8Array) => {
        const blob = `kept/${person}/${randomUUID()}`
        await blobs.put(blob, bytes)
        return blob
      }
      const stored: StoredKeptResult = {
        version: 1,
        since: Date.now(),
        isShown: false,
        spoiler,
        ...(server !== undefined && { server }),
        files: await Promise.all(
          files.map(async ({ name, width, height, recipe, bytes }) => ({
            name,
            width,
            height,
            recipe,
            blob: await put(bytes),
          })),
        ),
        hiddenFiles: await Promise.all(
          hiddenFiles.map(async ({ name, attachment }) => ({ name, blob: await put(attachment) })),
        ),
      }
      await save(person, await claimSlot(person), stored, BLOB_TTL_SECONDS)
    },

    async take(person, limit) {
      const all = await read(person)
      all.sort((a, b) => Number(a.result.isShown) - Number(b.result.isShown) || b.result.since - a.result.since)
      const results: KeptResult[] = []
      for (const { slot, result } of all.slice(0, limit)) {
        const files = await Promise.all(
          result.files.map(async ({ blob, ...file }) => ({ ...file, bytes: await blobs.get(blob) })),
        )
        const hidden = await Promise.all(
          result.hiddenFiles.map(async ({ blob, name }) => ({ name, bytes: await blobs.get(blob) })),
        )
        const shown = files.flatMap(({ bytes, ...file }) => (bytes ? [{ ...file, bytes }] : []))
        if (shown.length === 0) continue
        const hiddenFiles = hidden.flatMap(({ bytes, name }) =>
          bytes ? [{ attachment: Buffer.from(bytes), name }] : [],
        )
        results.push({ files: shown, hiddenFiles, spoiler: result.spoiler, server: result.server })
        const secondsLeft = Math.ceil(BLOB_TTL_SECONDS - (Date.now() - result.since) / 1000)
        if (secondsLeft > 0) await save(person, slot, { ...result, isShown: true }, secondsLeft)
      }
      return { results, left: all.slice(limit).filter(({ result }) => !result.isShown).length }
    },

    async forget(person) {
      for (const { slot, result } of await read(person)) {
        await blobs.delete([...result.files, ...result.hiddenFiles].map(({ blob }) => blob))
        await store.set(nameOf(person, slot), 1, '')
      }
    },
  }
}
