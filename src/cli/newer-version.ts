import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { type Environment, parseEnvVars } from '../config.js'
import { workerPath } from '../inference/runtime/worker-path.js'
import { parseJson } from '../parse-json.js'
import { UserError } from '../user-error.js'

/** How often the registry is asked, at most, in milliseconds. */
const CHECK_INTERVAL_MS = 24 * 60 * 60_000

/** In milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000

const versionSchema = z.string().regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/)

/** What is known about new versions: when the registry was last asked, in milliseconds since 1970, and what it answered. */
const stateSchema = z.object({ askedAt: z.number(), latest: versionSchema.optional() })
type VersionState = z.infer<typeof stateSchema>

/** Where the state is stored, and whom to ask. */
type VersionCheck = { readonly file: string; readonly registry: string }

/** @returns undefined where nobody wants to know: `UPDATE_NOTICE` is off, or this is a CI job */
export function versionCheck(environment: Environment): VersionCheck | undefined {
  if (environment.CI || !isNoticeOn(environment)) return undefined
  // npm's own setting, which `npx` passes on.
  const registry = environment.npm_config_registry || environment.NPM_CONFIG_REGISTRY || 'https://registry.npmjs.org'
  return { file: join(cacheFolder(environment), 'overscan', 'version.json'), registry: registry.replace(/\/+$/, '') }
}

function isNoticeOn(environment: Environment): boolean {
  try {
    return parseEnvVars(environment, ['UPDATE_NOTICE']).UPDATE_NOTICE === 'on'
  } catch (error) {
    // Commands that need the settings report an invalid one.
    if (error instanceof UserError) return false
    throw error
  }
}

/** The folder for caches of this user: XDG's, Apple's or Windows'. */
function cacheFolder({ XDG_CACHE_HOME, LOCALAPPDATA }: Environment): string {
  if (process.platform === 'win32') return LOCALAPPDATA || join(homedir(), 'AppData', 'Local')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches')
  return XDG_CACHE_HOME || join(homedir(), '.cache')
}

/** The newest version that an earlier answer named, if it is newer than `version`. */
export function knownNewerVersion({ file }: VersionCheck, version: string): string | undefined {
  const { latest } = readState(file)
  return latest !== undefined && isNewer(latest, version) ? latest : undefined
}

/** Ask the registry in a process that outlives this one, unless it was asked within a day. Returns at once, and never throws. */
export function askInBackground({ file, registry }: VersionCheck): void {
  if (!claim(file)) return
  const { filename, execArgv } = workerPath(import.meta.url, 'newer-version-process')
  const child = spawn(process.execPath, [...execArgv, filename, file, registry], {
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  })
  child.on('error', () => {}) // no memory for a process: asked again tomorrow
  child.unref()
}

/** Ask the registry, unless it was asked within a day. Errors are ignored: it is asked again tomorrow. */
export async function askNow({ file, registry }: VersionCheck): Promise<void> {
  if (claim(file)) await storeLatestVersion(file, registry)
}

/** Ask the registry, and store the answer. Without an answer the state stays as it is. */
export async function storeLatestVersion(file: string, registry: string): Promise<void> {
  const latest = await fetchLatestVersion(registry).catch(() => undefined)
  if (latest !== undefined) writeState(file, { ...readState(file), latest })
}

/** @throws Error unless the registry answers with a version */
async function fetchLatestVersion(registry: string): Promise<string> {
  const response = await fetch(`${registry}/overscan`, {
    headers: { accept: 'application/vnd.npm.install-v1+json, application/json;q=0.8' },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  })
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  const { 'dist-tags': tags } = z
    .object({ 'dist-tags': z.object({ latest: versionSchema }) })
    .parse(await response.json())
  return tags.latest
}

/** Note that the registry is asked now. @returns false if it was asked within a day, or if that can't be noted */
function claim(file: string): boolean {
  const state = readState(file)
  const age = Date.now() - state.askedAt
  // A negative age is that of a clock that was set back.
  return (age < 0 || age >= CHECK_INTERVAL_MS) && writeState(file, { ...state, askedAt: Date.now() })
}

function readState(file: string): VersionState {
  try {
    return stateSchema.parse(parseJson(readFileSync(file, 'utf8')))
  } catch {
    return { askedAt: 0 } // the first time, or another version wrote it
  }
}

/** @returns whether it was written */
function writeState(file: string, state: VersionState): boolean {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(state))
    return true
  } catch {
    return false // no home folder, or a read-only one
  }
}

function isNewer(one: string, other: string): boolean {
  const [a, b] = [one, other].map(version => version.split('.').map(Number))
  const difference = a!.map((part, index) => part - (b![index] ?? 0)).find(part => part !== 0)
  return difference !== undefined && difference > 0
}
