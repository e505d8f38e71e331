import { z } from 'zod'
import { UserError } from '../../../user-error.js'

/** A wheel of a package index. */
export type Wheel = { readonly file: string; readonly url: string; readonly bytes: number; readonly sha256: string }

/** The version of a package: an exact version, or the newest with these first numbers. */
export type PackageRequest = { readonly name: string } & ({ readonly version: string } | { readonly major: string })

/** The machine that wheels have to run on. */
export type WheelTarget = {
  /** Like `x86_64`. */
  readonly architecture: string
  /** Like `2.36`; undefined for another C library. */
  readonly glibc: string | undefined
}

/** PyPI's JSON form of the simple repository API (PEP 691 and PEP 700). */
const pageSchema = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      size: z.int().positive().optional(),
      hashes: z.object({ sha256: z.string().optional() }),
      yanked: z.union([z.boolean(), z.string()]).optional(),
    }),
  ),
})
type Page = z.infer<typeof pageSchema>

/**
 * The wheel of a package for a machine.
 *
 * @param index URL of a simple repository API
 * @throws UserError `download-failed`, `glibc-too-old`, `cuda-not-installed`
 */
export async function findWheel(
  index: string,
  request: PackageRequest,
  target: WheelTarget,
  signal: AbortSignal,
): Promise<Wheel> {
  const url = `${index}/${request.name}/`
  const candidates = (await fetchPage(url, signal)).files
    .flatMap(file => parseWheel(file, url) ?? [])
    .filter(({ version, architecture }) => isWanted(version, request) && architecture === target.architecture)
    .sort((one, other) => compareVersions(other.version, one.version))
  const what = 'version' in request ? request.version : `${request.major}.*`
  if (candidates.length === 0) {
    const reason = `${index} has no ${request.name} ${what} for Linux on ${target.architecture}`
    throw new UserError({ code: 'cuda-not-installed', reason })
  }
  const { glibc } = target
  const usable = candidates.find(one => glibc !== undefined && compareVersions(one.glibc, glibc) <= 0)
  if (usable) return usable.wheel
  throw new UserError({ code: 'glibc-too-old', has: glibc, needs: candidates.at(-1)!.glibc })
}

async function fetchPage(url: string, signal: AbortSignal): Promise<Page> {
  try {
    const response = await fetch(url, { headers: { accept: 'application/vnd.pypi.simple.v1+json' }, signal })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    return pageSchema.parse(await response.json())
  } catch (error) {
    signal.throwIfAborted()
    const { message, cause } = error as Error & { cause?: Error }
    const reason =
      error instanceof z.ZodError || error instanceof SyntaxError ? 'the answer isn’t a package index' : message
    throw new UserError({ code: 'download-failed', url, reason: cause?.message || reason }, { cause: error })
  }
}

type ParsedWheel = {
  readonly version: string
  readonly architecture: string
  /** The oldest glibc that it runs with. */
  readonly glibc: string
  readonly wheel: Wheel
}

/** @returns undefined for other files than wheels for glibc, yanked ones and ones without a checksum */
function parseWheel(
  { filename, url, size, hashes, yanked }: Page['files'][number],
  page: string,
): ParsedWheel | undefined {
  // name-version-python-abi-platform.whl; the platform may be several, separated by dots (PEP 427, PEP 600).
  const [, version, platform] = /^[^-]+-([\d.]+)-[^-]+-[^-]+-(manylinux[^-]+)\.whl$/.exec(filename) ?? []
  const [, major, minor, architecture] = /manylinux_(\d+)_(\d+)_(\w+)/.exec(platform ?? '') ?? []
  if (version === undefined || architecture === undefined || size === undefined || !hashes.sha256) return undefined
  if (yanked !== undefined && yanked !== false) return undefined
  const wheel = { file: filename, url: new URL(url, page).href, bytes: size, sha256: hashes.sha256 }
  return { version, architecture, glibc: `${major}.${minor}`, wheel }
}

function isWanted(version: string, request: PackageRequest): boolean {
  return 'version' in request ? version === request.version : version.split('.')[0] === request.major
}

/** Numbers separated by dots. */
export function compareVersions(one: string, other: string): number {
  const [first, second] = [one.split('.').map(Number), other.split('.').map(Number)]
  const differing = first.findIndex((number, at) => number !== (second[at] ?? 0))
  if (differing < 0) return first.length < second.length ? -1 : 0
  return first[differing]! - (second[differing] ?? 0)
}
