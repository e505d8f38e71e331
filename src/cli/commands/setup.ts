import { Command } from 'commander'
import { printLine } from '../print-line.js'
import type { SetupOptions } from '../setup/setup-options.js'

export function createSetupCommand(): Command {
  const setup = new Command('setup')
    .description('set up a bot: asks for what is missing; you can run it again')
    .option('--token <token>', 'bot token; other programs on this machine can see it, so --token-file is safer')
    .option('--token-file <file>', 'file with the bot token; or set DISCORD_TOKEN in the environment')
    .option('--device <name>', 'device that runs models: auto, or one from “overscan devices”')
    .option('--model <name>', 'none, an installed model, or one from “overscan models catalog”')
    .option('--data-folder <folder>', 'folder for settings and the queue')
    .option('--pages-port <number>', 'port of the editor; empty for no editor')
    .option('--env <file>', 'file for the settings', '.env')
    .option('-o, --output <folder>', 'folder for the test picture', 'out/setup')
    .option('--no-register', 'don’t register the commands; the bot does it when it starts')
    .option('--no-test', 'don’t paint a test picture')
    .option('--yes', 'ask nothing: keep current settings, and leave out the rest')
    .action(async ({ yes = false, ...options }: SetupOptions & { yes?: boolean }) => {
      const [{ runSetup }, { terminalPrompts }] = await Promise.all([
        import('../setup/setup.js'),
        import('../setup/prompts.js'),
      ])
      return runSetup(options, terminalPrompts(yes), process.env)
    })
  setup
    .command('cuda')
    .description('install onnxruntime’s CUDA 12 part (Linux on x64), and test it')
    .action(async () => {
      const { setupCuda } = await import('../setup/cuda.js')
      return setupCuda(printLine)
    })
  return setup
}
