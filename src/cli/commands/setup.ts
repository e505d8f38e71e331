import { Command } from 'commander'
import { parseEnvVars } from '../../config.js'
import { cancelOnInterrupt } from '../cancel-on-interrupt.js'
import { cudaRootOf } from '../cuda-root.js'
import { printLine } from '../print-line.js'
import { createProgressBar } from '../progress-bar.js'
import type { SetupOptions } from '../setup/setup-options.js'

export function createSetupCommand(): Command {
  const setup = new Command('setup')
    .description('set up a bot: asks for what is missing; you can run it again')
    .option('--token <token>', 'bot token; other programs on this machine can see it, so --token-file is safer')
    .option('--token-file <file>', 'file with the bot token; or set DISCORD_TOKEN in the environment')
    .option('--device <name>', 'device that runs models: auto, or one from “overscan devices”')
    .option('--cuda', 'download the CUDA libraries (default: if there is an NVIDIA card)')
    .option('--no-cuda', 'don’t download the CUDA libraries')
    .option('--model <name>', 'recommended, none, an installed model, or one from “overscan models catalog”')
    .option('--upscaler <name>', 'none, or an upscaler from “overscan models catalog”')
    .option('--data-folder <folder>', 'folder for settings and the queue')
    .option('--pages-port <number>', 'port of the editor; empty for no editor')
    .option('--public-url <url>', 'address at which others open the editor, like https://overscan.example.com')
    .option('--env <file>', 'file for the settings', '.env')
    .option('-o, --output <folder>', 'folder for the test picture', 'out/setup')
    .option('--no-register', 'don’t register the commands; the bot does it when it starts')
    .option('--no-test', 'don’t paint a test picture')
    .option('--dry-run', 'only print what would be written and downloaded')
    .option('--yes', 'ask nothing: keep current settings, and take the defaults for the rest')
    .action(async ({ yes = false, ...options }: SetupOptions & { yes?: boolean }) => {
      const [{ runSetup }, { terminalPrompts }] = await Promise.all([
        import('../setup/setup.js'),
        import('../setup/prompts.js'),
      ])
      return runSetup(options, terminalPrompts(yes), process.env)
    })
  setup
    .command('cuda')
    .description('download the CUDA libraries for an NVIDIA card (Linux), and test the card')
    .option('--dry-run', 'only print what would be downloaded')
    .option('--without-card', 'don’t look for a card and don’t test it: for images that are built without one')
    .action(async (options: { dryRun?: boolean; withoutCard?: boolean }) => {
      const { setupCuda } = await import('../setup/cuda/setup-cuda.js')
      const bar = createProgressBar(process.stderr, 'downloading')
      const onProgress = (done: number) => bar.show(done)
      const where = { root: cudaRootOf(process.env), index: parseEnvVars(process.env, ['PYPI_ENDPOINT']).PYPI_ENDPOINT }
      const signal = cancelOnInterrupt()
      await setupCuda({ ...options, ...where, signal, print: printLine, onProgress }).finally(() => bar.end())
    })
  return setup
}
