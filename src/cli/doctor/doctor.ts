import { type Environment, parseConfig } from '../../config.js'
import { UserError } from '../../user-error.js'
import { closeInTime } from '../closing.js'
import { ENV_FILE } from '../env/read-config.js'
import { type CheckGroup, type CheckResult, type DoctorContext, runChecks } from './check.js'
import { devicesGroup } from './check-devices.js'
import { discordGroup } from './check-discord.js'
import { machineGroup } from './check-machine.js'
import { modelsGroup } from './check-models.js'
import { pagesGroup } from './check-pages.js'
import { queueGroup } from './check-queue.js'
import { settingsGroup } from './check-settings.js'
import { repair } from './repair.js'
import { canStart, groupLines, reportStyleFor, reportSummary } from './report.js'

export type DoctorOptions = { server?: string; channel?: string; deep?: boolean; json?: boolean; repair?: boolean }

const GROUPS = [settingsGroup, machineGroup, devicesGroup, modelsGroup, queueGroup, pagesGroup, discordGroup]

/** `overscan doctor`. @returns whether the bot (without a token: the playground) can start */
export async function doctor(environment: Environment, options: DoctorOptions): Promise<boolean> {
  const style = reportStyleFor(process.stdout.isTTY, environment)
  const print = (lines: readonly string[]) => process.stdout.write(`${lines.join('\n')}\n`)
  const context = doctorContext(environment, options, ENV_FILE)
  const repaired = options.repair ? await repair(context.config) : undefined
  if (repaired !== undefined && !options.json) print([repaired, ''])
  const results = await diagnose(context, group => options.json || print(groupLines(group, style)))
  const { starts } = context
  const ok = canStart(results)
  if (options.json) print([JSON.stringify({ ok, starts, repaired, checks: results })])
  else print([reportSummary(results, starts, style)])
  return ok
}

/** Run all checks, or some groups, and log out. @param onGroup as in {@link runChecks} */
export async function diagnose(
  context: DoctorContext,
  onGroup?: (group: readonly CheckResult[]) => void,
  groups: readonly CheckGroup[] = GROUPS,
): Promise<CheckResult[]> {
  try {
    return await runChecks(groups, context, onGroup)
  } finally {
    await closeInTime([() => context.client?.destroy()], () => {})
  }
}

export function doctorContext(
  environment: Environment,
  { server, channel, deep }: DoctorOptions,
  envFile: string,
): DoctorContext {
  const config = validConfig(environment) ?? parseConfig({})
  const starts = environment.DISCORD_TOKEN ? 'bot' : 'playground'
  return { environment, envFile, config, starts, server, channel, deep: deep ?? false, client: undefined, shards: {} }
}

/** Undefined if a setting is invalid. */
function validConfig(environment: Environment) {
  try {
    return parseConfig(environment)
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}
