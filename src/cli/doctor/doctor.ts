import { parseConfig } from '../../config.js'
import { ProblemError } from '../../user-error.js'
import { ENV_FILE } from '../env/read-config.js'
import { type Context, type Examined, examine, type Group } from './check.js'
import { devicesGroup } from './check-devices.js'
import { discordGroup } from './check-discord.js'
import { machineGroup } from './check-machine.js'
import { modelsGroup } from './check-models.js'
import { pagesGroup } from './check-pages.js'
import { lineGroup } from './check-queue.js'
import { settingsGroup } from './check-settings.js'
import { canStart, linesOf, styleFor, summaryOf } from './report.js'

export type DoctorOptions = { server?: string; channel?: string; deep?: boolean; json?: boolean }

const GROUPS = [settingsGroup, machineGroup, devicesGroup, modelsGroup, lineGroup, pagesGroup, discordGroup]

/** `overscan doctor`. @returns whether the bot, or without a token the playground, could start */
export async function doctor(environment: Context['environment'], options: DoctorOptions): Promise<boolean> {
  const style = styleFor(process.stdout.isTTY, environment)
  const tell = (lines: readonly string[]) => process.stdout.write(`${lines.join('\n')}\n`)
  const context = contextOf(environment, options, ENV_FILE)
  const examined = await diagnose(context, group => options.json || tell(linesOf(group, style)))
  const { starts } = context
  const ok = canStart(examined)
  if (options.json) tell([JSON.stringify({ ok, starts, checks: examined })])
  else tell([summaryOf(examined, starts, style)])
  return ok
}

/** Look at everything, or at some groups, and leave nothing open. @param told as `examine` takes it */
export async function diagnose(
  context: Context,
  told?: (group: readonly Examined[]) => void,
  groups: readonly Group[] = GROUPS,
): Promise<Examined[]> {
  try {
    return await examine(groups, context, told)
  } finally {
    await context.client?.destroy()
  }
}

export function contextOf(
  environment: Context['environment'],
  { server, channel, deep }: DoctorOptions,
  envFile: string,
): Context {
  const config = readable(environment) ?? parseConfig({})
  const starts = environment.DISCORD_TOKEN ? 'bot' : 'playground'
  return { environment, envFile, config, starts, server, channel, deep: deep ?? false, client: undefined }
}

/** Undefined where settings are wrong, which a check tells. */
function readable(environment: Context['environment']) {
  try {
    return parseConfig(environment)
  } catch (error) {
    if (error instanceof ProblemError) return undefined
    throw error
  }
}
