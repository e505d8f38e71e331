import { join } from 'node:path'
import { z } from 'zod'
import { atomicWrite } from '../../atomic-write.js'
import { readModelText } from '../../inference/onnx/model-file.js'
import { UserError } from '../../user-error.js'

const pinsSchema = z.record(
  z.string(),
  z.object({
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    bytes: z.number().int().nonnegative(),
    /** `repository@revision/path` */
    from: z.string(),
    /** Of the first download, as YYYY-MM-DD. */
    date: z.string(),
  }),
)

/** Checksums of catalog files at their first download, by path in the model folder. */
export type PinnedChecksums = z.infer<typeof pinsSchema>

export function pinnedChecksumsPath(folder: string): string {
  return join(folder, 'catalogue-lock.json')
}

/** @throws UserError `settings-corrupt` */
export async function readPinnedChecksums(folder: string): Promise<PinnedChecksums> {
  const path = pinnedChecksumsPath(folder)
  try {
    return pinsSchema.parse(JSON.parse((await readModelText(path)) ?? '{}'))
  } catch (cause) {
    throw new UserError({ code: 'settings-corrupt', path }, { cause })
  }
}

export async function addPinnedChecksums(folder: string, more: PinnedChecksums): Promise<void> {
  const path = pinnedChecksumsPath(folder)
  const pins = { ...(await readPinnedChecksums(folder)), ...more }
  await atomicWrite(path, `${JSON.stringify(pins, undefined, 2)}\n`, 0o644)
}

/** The error for a file that no longer has its pinned SHA-256. */
export function checksumChanged(folder: string, file: string, is: string, was: string): UserError {
  return new UserError({ code: 'model-checksum-changed', file, is, was, lock: pinnedChecksumsPath(folder) })
}
