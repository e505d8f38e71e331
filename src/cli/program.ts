import { Command, CommanderError } from 'commander'
import { problemMessage } from '../i18n/i18n.js'
import { OVERSCAN_VERSION } from '../inference/pipeline/recipe.js'
import { UserError } from '../user-error.js'
import { botCommand } from './commands/bot.js'
import { demoCommand } from './commands/demo.js'
import { devicesCommand } from './commands/devices.js'
import { doctorCommand } from './commands/doctor.js'
import { extendCommand } from './commands/extend.js'
import { fitCommand } from './commands/fit.js'
import { forgetCommand } from './commands/forget.js'
import { imagineCommand } from './commands/imagine.js'
import { inpaintCommand } from './commands/inpaint.js'
import { modelsCommand } from './commands/models.js'
import { playgroundCommand } from './commands/playground.js'
import { removeCommand } from './commands/remove.js'
import { setupCommand } from './commands/setup.js'
import { squareCommand } from './commands/square.js'
import { varyCommand } from './commands/vary.js'
import { workerCommand } from './commands/worker.js'
import { zoomCommand } from './commands/zoom.js'

/** In the order of `overscan --help`. */
const COMMANDS = [
  zoomCommand,
  extendCommand,
  squareCommand,
  fitCommand,
  inpaintCommand,
  removeCommand,
  varyCommand,
  imagineCommand,
  demoCommand,
  botCommand,
  playgroundCommand,
  workerCommand,
  setupCommand,
  doctorCommand,
  forgetCommand,
  modelsCommand,
  devicesCommand,
]

/** The `overscan` program. A command imports its code when it runs. */
export function createProgram(): Command {
  const overscan = new Command('overscan')
    .description('Outpaints and inpaints pictures, as a Discord bot and in the terminal.')
    .version(OVERSCAN_VERSION)
  for (const create of COMMANDS) overscan.addCommand(create())
  for (const command of allCommands(overscan)) command.configureHelp({ showGlobalOptions: true }).exitOverride()
  return overscan
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)]
}

/**
 * Run the program with these arguments.
 *
 * @returns the exit code: 0; 2 for invalid input, which is printed to stderr; 130 when interrupted; 1 for a bug
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync([...argv], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // commander has printed it
    if (error instanceof UserError) {
      process.stderr.write(`${problemMessage(error.problem).replaceAll(/^/gm, 'overscan: ')}\n`)
      return error.problem.code === 'cancelled' ? 130 : 2
    }
    process.stderr.write(
      `overscan: This is a bug in Overscan. Please report it with these lines: ${error instanceof Error ? error.stack : String(error)}\n`,
    )
    return 1
  }
}
