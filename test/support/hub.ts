import { createHash } from 'node:crypto'

/** SHA-256 in hexadecimal digits. */
export function sha256Of(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

type Published = {
  readonly revision?: string
  /** Whether the hub tells hashes: it does of large files. */
  readonly hashes?: boolean
  /** What it says that each file's size is, in bytes. */
  readonly size?: number
}

/** A repository with these files on a file server, as the Hub lists and gives them. */
export function publishOn(
  files: Map<string, Buffer>,
  name: string,
  contents: Readonly<Record<string, Buffer>>,
  { revision = 'main', hashes = true, size }: Published = {},
): void {
  const entries = Object.entries(contents).map(([path, data]) => {
    const length = size ?? data.length
    const lfs = hashes && { lfs: { oid: sha256Of(data), size: length, pointerSize: 1 } }
    return { type: 'file', path, size: length, oid: 'x', ...lfs }
  })
  const listing = Buffer.from(JSON.stringify(entries))
  for (const end of ['', '/']) files.set(`/api/models/${name}/tree/${revision}${end}`, listing)
  for (const [path, data] of Object.entries(contents)) files.set(`/${name}/resolve/${revision}/${path}`, data)
}
