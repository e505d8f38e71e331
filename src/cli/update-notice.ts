import type { Logger } from 'pino'
import type { Environment } from '../config.js'
import { OVERSCAN_VERSION } from '../inference/pipeline/recipe.js'
import { askInBackground, askNow, knownNewerVersion, versionCheck } from './newer-version.js'
import { updateCommand } from './program-command.js'

/** These run for long, and log. The playground promises that nothing leaves the machine. */
const COMMANDS_WITHOUT_NOTICE: ReadonlySet<string | undefined> = new Set(['bot', 'worker', 'playground', 'demo'])

/** How often a bot looks for a newer version, in milliseconds. */
const LOOK_INTERVAL_MS = 24 * 60 * 60_000

/** At a terminal, print to stderr that a newer version is known, after a command. The registry is asked for the next time. */
export function printUpdateNotice(argv: readonly string[], environment: Environment): void {
  const check = process.stdout.isTTY && process.stderr.isTTY ? versionCheck(environment) : undefined
  if (!check || COMMANDS_WITHOUT_NOTICE.has(argv[0])) return
  const latest = knownNewerVersion(check, OVERSCAN_VERSION)
  if (latest !== undefined) {
    const update = updateCommand(process.argv[1] ?? '', environment)
    process.stderr.write(
      `Overscan ${latest} is available; this is ${OVERSCAN_VERSION}. To update, run ${update}. UPDATE_NOTICE=off in .env hides this notice.\n`,
    )
  }
  askInBackground(check)
}

/** Log each newer version once, for as long as this process runs. */
export function logUpdates(environment: Environment, log: Logger): void {
  const check = versionCheck(environment)
  if (!check) return
  let logged: string | undefined
  const look = async () => {
    await askNow(check)
    const latest = knownNewerVersion(check, OVERSCAN_VERSION)
    if (latest === undefined || latest === logged) return
    logged = latest
    log.info({ latest, installed: OVERSCAN_VERSION }, 'newer version available')
  }
  void look()
  setInterval(look, LOOK_INTERVAL_MS).unref()
}
