import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { modelSources } from '../../src/cli/models/model-sources.js'
import type { Environment } from '../../src/config.js'
import { writeDiffusersFolder } from './checkpoints.js'
import { startFileServer } from './file-server.js'

/** SHA-256 in hexadecimal digits. */
export function sha256Hex(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

type Published = {
  readonly revision?: string
  /** Whether the Hub publishes the SHA-256, as it does for large files. */
  readonly hashes?: boolean
  /** The listed size of each file, in bytes; the real one if left out. */
  readonly size?: number
}

/** Publish a repository on a file server, with the URLs of the Hub. @param contents of files by path */
export function publishRepository(
  files: Map<string, Buffer>,
  name: string,
  contents: Readonly<Record<string, Buffer>>,
  { revision = 'main', hashes = true, size }: Published = {},
): void {
  const entries = Object.entries(contents).map(([path, data]) => {
    const length = size ?? data.length
    const lfs = hashes && { lfs: { oid: sha256Hex(data), size: length, pointerSize: 1 } }
    return { type: 'file', path, size: length, oid: 'x', ...lfs }
  })
  const listing = Buffer.from(JSON.stringify(entries))
  for (const end of ['', '/']) files.set(`/api/models/${name}/tree/${revision}${end}`, listing)
  for (const [path, data] of Object.entries(contents)) files.set(`/${name}/resolve/${revision}/${path}`, data)
}

/** A small inpainting model in the diffusers layout: files by path. */
export async function modelFiles(): Promise<Record<string, Buffer>> {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-model-'))
  await writeDiffusersFolder('sd1-inpaint', folder, 'F16')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const read = async (path: string) => [path.slice(folder.length + 1), await readFile(path)] as const
  const files = Object.fromEntries(await Promise.all(paths.map(read)))
  await rm(folder, { recursive: true })
  return files
}

/** For each test an empty model folder and an empty Hub. */
export function useHub() {
  const files = new Map<string, Buffer>()
  const hub = {
    files,
    folder: '',
    server: undefined as unknown as Awaited<ReturnType<typeof startFileServer>>,
    /** With these settings in addition. */
    sources: (environment: Environment = {}) =>
      modelSources({ MODEL_FOLDER: hub.folder, HF_ENDPOINT: hub.server.url, ...environment }),
  }
  beforeEach(async () => {
    files.clear()
    hub.folder = await mkdtemp(join(tmpdir(), 'overscan-models-'))
    hub.server = await startFileServer(files)
  })
  afterEach(async () => {
    await hub.server.close()
    await rm(hub.folder, { recursive: true })
  })
  return hub
}
