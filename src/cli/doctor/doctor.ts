import { parseConfig } from '../../config.js'
import { UserError } from '../../user-error.js'
import { ENV_FILE } from '../env/read-config.js'
import { type CheckGroup, type CheckResult, type DoctorContext, runChecks } from './check.js'
import { devicesGroup } from './check-devices.js'
import { discordGroup } from './check-discord.js'
import { machineGroup } from './check-machine.js'
import { modelsGroup } from './check-models.js'
import { pagesGroup } from './check-pages.js'
import { queueGroup } from './check-queue.js'
import { settingsGroup } from './check-settings.js'
import { canStart, groupLines, reportStyleFor, reportSummary } from './report.js'

export type DoctorOptions = { server?: string; channel?: string; deep?: boolean; json?: boolean }

const GROUPS = [settingsGroup, machineGroup, devicesGroup, modelsGroup, queueGroup, pagesGroup, discordGroup]

/** `overscan doctor`. @returns whether the bot, or without a token the playground, could start */
export async function doctor(environment: DoctorContext['environment'], options: DoctorOptions): Promise<boolean> {
  const style = reportStyleFor(process.stdout.isTTY, environment)
  const tell = (lines: readonly string[]) => process.stdout.write(`${lines.join('\n')}\n`)
  const context = doctorContext(environment, options, ENV_FILE)
  const examined = await diagnose(context, group => options.json || tell(groupLines(group, style)))
  const { starts } = context
  const ok = canStart(examined)
  if (options.json) tell([JSON.stringify({ ok, starts, checks: examined })])
  else tell([reportSummary(examined, starts, style)])
  return ok
}

/** Look at everything, or at some groups, and leave nothing open. @param told as `examine` takes it */
export async function diagnose(
  context: DoctorContext,
  told?: (group: readonly CheckResult[]) => void,
  groups: readonly CheckGroup[] = GROUPS,
): Promise<CheckResult[]> {
  try {
    return await runChecks(groups, context, told)
  } finally {
    await context.client?.destroy()
  }
}

export function doctorContext(
  environment: DoctorContext['environment'],
  { server, channel, deep }: DoctorOptions,
  envFile: string,
): DoctorContext {
  const config = readable(environment) ?? parseConfig({})
  const starts = environment.DISCORD_TOKEN ? 'bot' : 'playground'
  return { environment, envFile, config, starts, server, channel, deep: deep ?? false, client: undefined }
}

/** Undefined where settings are wrong, which a check tells. */
function readable(environment: DoctorContext['environment']) {
  try {
    return parseConfig(environment)
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}
