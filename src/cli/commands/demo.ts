import { Command } from 'commander'

export function demoCommand(): Command {
  return new Command('demo')
    .description('the whole chain on a stand-in Discord in this process: login, /zoom, pictures, a pressed button')
    .argument('[photo]', 'a picture of your own instead of the sample')
    .option('-o, --output <folder>', 'where to put the pictures', 'out/demo')
    .action(async (photo: string | undefined, options: { output: string }) => {
      const { demo } = await import('../demo.js')
      return demo(photo, options.output, process.env)
    })
}
