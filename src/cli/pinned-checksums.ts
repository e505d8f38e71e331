import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../user-error.js'

const pinsSchema = z.record(
  z.string(),
  z.object({
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    bytes: z.number().int().nonnegative(),
    /** `repository@revision/path` */
    from: z.string(),
    /** When it first came, as YYYY-MM-DD. */
    date: z.string(),
  }),
)

/** What files of the catalogue were when they first came, by their paths in the models' folder. */
export type PinnedChecksums = z.infer<typeof pinsSchema>

export function pinnedChecksumsPath(folder: string): string {
  return join(folder, 'catalogue-lock.json')
}

/** @throws ProblemError `settings-corrupt` */
export async function readPinnedChecksums(folder: string): Promise<PinnedChecksums> {
  const path = pinnedChecksumsPath(folder)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  try {
    return pinsSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new UserError({ code: 'settings-corrupt', path }, { cause })
  }
}

export async function addPinnedChecksums(folder: string, more: PinnedChecksums): Promise<void> {
  const path = pinnedChecksumsPath(folder)
  const pins = { ...(await readPinnedChecksums(folder)), ...more }
  await writeFile(`${path}.new`, `${JSON.stringify(pins, undefined, 2)}\n`)
  await rename(`${path}.new`, path)
}
