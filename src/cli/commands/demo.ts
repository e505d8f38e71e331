import { Command } from 'commander'

export function createDemoCommand(): Command {
  return new Command('demo')
    .description('run the whole bot on a local copy of Discord: log in, type /zoom, click buttons, save the pictures')
    .argument('[photo]', 'your own picture instead of the sample')
    .option('-o, --output <folder>', 'folder for the pictures', 'out/demo')
    .action(async (photo: string | undefined, options: { output: string }) => {
      const { demo } = await import('../demo.js')
      return demo(photo, options.output, process.env)
    })
}
