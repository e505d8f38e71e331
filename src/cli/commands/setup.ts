import { Command } from 'commander'
import { printLine } from '../print-line.js'
import type { SetupOptions } from '../setup/setup-options.js'

export function setupCommand(): Command {
  const setup = new Command('setup')
    .description('from nothing to a bot that can be started: asks for what is missing; can be run again')
    .option(
      '--token <token>',
      'the bot’s; other programs on this machine can see it here, so better with one of the next',
    )
    .option('--token-file <file>', 'a file that holds it; or DISCORD_TOKEN in the environment')
    .option('--device <name>', 'what models are computed on: auto, or one that “overscan devices” shows')
    .option('--model <name>', 'none, one that is there, or one of “overscan models catalogue”')
    .option('--data-folder <folder>', 'where settings and requests are kept')
    .option('--pages-port <number>', 'of the pages to draw masks on; empty for no pages')
    .option('--env <file>', 'where the settings are written', '.env')
    .option('-o, --output <folder>', 'where the test picture goes', 'out/setup')
    .option('--no-register', 'leave the commands to the bot’s first start')
    .option('--no-test', 'paint no test picture')
    .option('--yes', 'ask nothing, also at a terminal: what was not said stays, or is left out')
    .action(async ({ yes = false, ...options }: SetupOptions & { yes?: boolean }) => {
      const [{ runSetup }, { terminalPrompts }] = await Promise.all([
        import('../setup/setup.js'),
        import('../setup/prompts.js'),
      ])
      return runSetup(options, terminalPrompts(yes), process.env)
    })
  setup
    .command('cuda')
    .description('install what onnxruntime needs for CUDA 12 (Linux on x64), and try it')
    .action(async () => {
      const { setupCuda } = await import('../setup/cuda.js')
      return setupCuda(printLine)
    })
  return setup
}
