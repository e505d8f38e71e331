import type { Client } from 'discord.js'
import type { Config } from '../../config.js'
import { problemMessage } from '../../i18n/i18n.js'
import { UserError } from '../../user-error.js'

/** `wrong` is what keeps the bot from starting; a `warning` does not. */
export type CheckState = 'right' | 'warning' | 'wrong' | 'skipped'

/** One line of the report, and what to do where something is to be done. */
export type Finding = { readonly state: CheckState; readonly says: string; readonly todo?: string }

/** One thing that is looked at. */
export type Check = {
  readonly id: string
  readonly title: string
  /** Checks that come first: where one of them is wrong this one is skipped, and where one was skipped it has nothing to say. */
  readonly dependsOn?: readonly string[]
  /** It takes all of the processor: it waits until the others have ended. */
  readonly runsAlone?: true
  /** What is said when it has not answered in so many seconds; its signal fires then. */
  readonly timeout: Finding & { readonly seconds: number }
  /** @throws ProblemError, which counts as wrong */
  run(context: DoctorContext, signal: AbortSignal): Promise<Finding | readonly Finding[]>
}

export type CheckGroup = { readonly title: string; readonly checks: readonly Check[] }

/** What is looked at, and with what. */
export type DoctorContext = {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The file that some of it was read from, if there is one. */
  readonly envFile: string
  /** Defaults throughout where the settings can't be read, which a check of its own tells. */
  readonly config: Config
  /** What `npm start` would do. */
  readonly starts: 'bot' | 'playground'
  /** The server and the channel in it that were asked about; all servers if there is none. */
  readonly server: string | undefined
  readonly channel: string | undefined
  /** Whether models compute a step. */
  readonly deep: boolean
  /** Set once the check that logs in has succeeded. */
  client: Client<true> | undefined
}

/** What came of a check: one line, or several. */
export type CheckResult = Pick<Check, 'id' | 'title'> & {
  readonly group: string
  readonly findings: readonly Finding[]
}

/**
 * Run all checks, those that depend on nothing at once.
 *
 * @param told gets each group as soon as it and those before it are known, in their order
 */
export async function runChecks(
  groups: readonly CheckGroup[],
  context: DoctorContext,
  told: (group: readonly CheckResult[]) => void = () => {},
): Promise<CheckResult[]> {
  const all = groups.flatMap(({ checks }) => checks)
  const running = new Map<Check, Promise<readonly Finding[]>>()
  const outcome = (check: Check): Promise<readonly Finding[]> => {
    const known = running.get(check) ?? started(check)
    running.set(check, known)
    return known
  }
  async function started(check: Check): Promise<readonly Finding[]> {
    for (const first of all.filter(({ id }) => check.dependsOn?.includes(id))) {
      const findings = await outcome(first)
      if (findings.some(({ state }) => state === 'wrong')) {
        return [{ state: 'skipped', says: `not looked at: “${first.title}” comes first` }]
      }
      if (findings.length === 0 || findings.some(({ state }) => state === 'skipped')) return []
    }
    if (check.runsAlone) await Promise.all(all.filter(({ runsAlone }) => !runsAlone).map(outcome))
    return inTime(check, context)
  }
  for (const check of all) outcome(check).catch(() => {}) // it is thrown again below

  const examined: CheckResult[] = []
  for (const { title: group, checks } of groups) {
    const part: CheckResult[] = []
    for (const check of checks) {
      part.push({ id: check.id, title: check.title, group, findings: await outcome(check) })
    }
    told(part)
    examined.push(...part)
  }
  return examined
}

/** What a check says, or what is said where it does not answer. */
async function inTime(
  { timeout: { seconds, ...late }, run }: Check,
  context: DoctorContext,
): Promise<readonly Finding[]> {
  const stop = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<Finding>(resolve => {
    timer = setTimeout(() => {
      resolve(late)
      stop.abort(new Error('it took too long'))
    }, seconds * 1000)
  })
  try {
    return [await Promise.race([run(context, stop.signal), silence])].flat()
  } catch (error) {
    return [problemFinding(error)]
  } finally {
    clearTimeout(timer)
  }
}

/** A problem as a finding; its sentence says what to do. @throws whatever else it is */
export function problemFinding(error: unknown, state: CheckState = 'wrong'): Finding {
  if (error instanceof UserError) return { state, says: problemMessage(error.problem) }
  throw error
}
