import { Command, CommanderError } from 'commander'
import { config as loadEnvironment } from 'dotenv'
import { secretValues } from '../config.js'
import { setCudaRoot } from '../inference/onnx/cuda-folder.js'
import { OVERSCAN_VERSION } from '../inference/pipeline/recipe.js'
import { hideSecrets } from '../serialize-error.js'
import { createBotCommand } from './commands/bot.js'
import { createDemoCommand } from './commands/demo.js'
import { createDevicesCommand } from './commands/devices.js'
import { createDoctorCommand } from './commands/doctor.js'
import { createExtendCommand } from './commands/extend.js'
import { createFitCommand } from './commands/fit.js'
import { createForgetCommand } from './commands/forget.js'
import { createImagineCommand } from './commands/imagine.js'
import { createInpaintCommand } from './commands/inpaint.js'
import { createModelsCommand } from './commands/models.js'
import { createPlaceCommand } from './commands/place.js'
import { createPlaygroundCommand } from './commands/playground.js'
import { createRemoveCommand } from './commands/remove.js'
import { createSelectCommand } from './commands/select.js'
import { createSetupCommand } from './commands/setup.js'
import { createSquareCommand } from './commands/square.js'
import { createUpscaleCommand } from './commands/upscale.js'
import { createVaryCommand } from './commands/vary.js'
import { createWorkerCommand } from './commands/worker.js'
import { createZoomCommand } from './commands/zoom.js'
import { cudaRootOf } from './cuda-root.js'
import { ENV_FILE } from './env/read-config.js'
import { errorLines, reportError } from './error-report.js'
import { printUpdateNotice } from './update-notice.js'

/** In the order of `overscan --help`. */
const COMMANDS = [
  createZoomCommand,
  createExtendCommand,
  createSquareCommand,
  createFitCommand,
  createPlaceCommand,
  createInpaintCommand,
  createRemoveCommand,
  createSelectCommand,
  createVaryCommand,
  createImagineCommand,
  createUpscaleCommand,
  createDemoCommand,
  createBotCommand,
  createPlaygroundCommand,
  createWorkerCommand,
  createSetupCommand,
  createDoctorCommand,
  createForgetCommand,
  createModelsCommand,
  createDevicesCommand,
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
 * Run the program with these arguments, and the settings of `.env` in the current folder.
 *
 * @returns the exit code: 0; 2 for what a person can solve, which is printed to stderr; 130 when interrupted; 1 for a bug
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const code = await exitCodeOf(argv)
  printUpdateNotice(argv, process.env)
  return code
}

async function exitCodeOf(argv: readonly string[]): Promise<number> {
  loadEnvironment({ quiet: true, path: ENV_FILE, fast: false })
  hideSecrets(secretValues(process.env))
  setCudaRoot(cudaRootOf(process.env))
  try {
    await createProgram().parseAsync([...argv], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // commander has printed it
    const report = reportError(error)
    process.stderr.write(errorLines(report))
    return report.exitCode
  }
}
