import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listModelNames } from '../../src/inference/engines/model-folder.js'
import { summarizeModel } from '../../src/inference/engines/model-summary.js'

export type ModelTask = { readonly bytes: Uint8Array; readonly extension: string }

/** What `models add` and a painting process do to a model's file before they use it. */
export default async function runModelTask({ bytes, extension }: ModelTask): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-hostile-'))
  try {
    const file = join(folder, `model${extension}`)
    await writeFile(file, bytes)
    listModelNames(folder)
    await summarizeModel(file)
  } finally {
    await rm(folder, { recursive: true })
  }
}
