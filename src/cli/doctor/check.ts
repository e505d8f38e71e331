import type { Client, ClientOptions } from 'discord.js'
import type { Config, Environment } from '../../config.js'
import { problemMessage } from '../../i18n/i18n.js'
import { findKnownCause } from '../../known-causes/known-causes.js'
import { UserError } from '../../user-error.js'

/** An `error` prevents the bot from starting; a `warning` does not. */
export type CheckState = 'ok' | 'warning' | 'error' | 'skipped'

/** One line of the report: what was found, and how to fix it. */
export type Finding = { readonly state: CheckState; readonly says: string; readonly todo?: string }

/** One item that `overscan doctor` checks. */
export type Check = {
  readonly id: string
  readonly title: string
  /** Ids of checks that run first. If one of them has an error, this check is skipped; if one was skipped, it has no findings. */
  readonly dependsOn?: readonly string[]
  /** It uses the whole CPU, so it runs after all other checks. */
  readonly runsAlone?: true
  /** The finding if the check takes longer than this; its signal fires then. */
  readonly timeout: Finding & { readonly seconds: number }
  /** @throws UserError or an error with a known cause, which become `error` findings */
  run(context: DoctorContext, signal: AbortSignal): Promise<Finding | readonly Finding[]>
}

export type CheckGroup = { readonly title: string; readonly checks: readonly Check[] }

/** The input of all checks. */
export type DoctorContext = {
  readonly environment: Environment
  /** The path of `.env`, which need not exist. */
  readonly envFile: string
  /** Only defaults if a setting is invalid, which a check reports. */
  readonly config: Config
  /** What `npm start` starts. */
  readonly starts: 'bot' | 'playground'
  /** Ids to restrict the check to; all servers if undefined. */
  readonly server: string | undefined
  readonly channel: string | undefined
  /** Whether each model runs one step. */
  readonly deep: boolean
  /** Set by the check that logs in. */
  client: Client<true> | undefined
  /** The shards that log in for the check. Set by the check of the logins. */
  shards: Pick<ClientOptions, 'shards' | 'shardCount'>
}

export type CheckResult = Pick<Check, 'id' | 'title'> & {
  readonly group: string
  readonly findings: readonly Finding[]
}

/**
 * Run all checks; those that depend on no other run at the same time.
 *
 * @param onGroup receives each group when it and the groups before it are complete
 */
export async function runChecks(
  groups: readonly CheckGroup[],
  context: DoctorContext,
  onGroup: (group: readonly CheckResult[]) => void = () => {},
): Promise<CheckResult[]> {
  const all = groups.flatMap(({ checks }) => checks)
  const running = new Map<Check, Promise<readonly Finding[]>>()
  const findingsOf = (check: Check): Promise<readonly Finding[]> => {
    const known = running.get(check) ?? start(check)
    running.set(check, known)
    return known
  }
  async function start(check: Check): Promise<readonly Finding[]> {
    for (const dependency of all.filter(({ id }) => check.dependsOn?.includes(id))) {
      const findings = await findingsOf(dependency)
      if (findings.some(({ state }) => state === 'error')) {
        return [{ state: 'skipped', says: `not checked: fix “${dependency.title}” first` }]
      }
      if (findings.length === 0 || findings.some(({ state }) => state === 'skipped')) return []
    }
    if (check.runsAlone) await Promise.all(all.filter(({ runsAlone }) => !runsAlone).map(findingsOf))
    return runWithTimeout(check, context)
  }
  for (const check of all) findingsOf(check).catch(() => {}) // thrown again below

  const allResults: CheckResult[] = []
  for (const { title: group, checks } of groups) {
    const results: CheckResult[] = []
    for (const check of checks) {
      results.push({ id: check.id, title: check.title, group, findings: await findingsOf(check) })
    }
    onGroup(results)
    allResults.push(...results)
  }
  return allResults
}

/** The findings of a check, or its timeout finding. */
async function runWithTimeout(
  { timeout: { seconds, ...finding }, run }: Check,
  context: DoctorContext,
): Promise<readonly Finding[]> {
  const stop = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const timedOut = new Promise<Finding>(resolve => {
    timer = setTimeout(() => {
      resolve(finding)
      stop.abort(new Error('it took too long'))
    }, seconds * 1000)
  })
  try {
    return [await Promise.race([run(context, stop.signal), timedOut])].flat()
  } catch (error) {
    return [problemFinding(error)]
  } finally {
    clearTimeout(timer)
  }
}

/** A finding from a known cause, or from a UserError, whose message says what to do. @throws all other errors */
export function problemFinding(error: unknown, state: CheckState = 'error'): Finding {
  const known = findKnownCause(error)
  if (known) return { state, ...known }
  if (error instanceof UserError) return { state, says: problemMessage(error.problem) }
  throw error
}
