import { Command } from 'commander'

export function createPlaygroundCommand(): Command {
  return new Command('playground')
    .description('try the whole bot in the browser, on a local copy of a Discord channel')
    .action(async () => (await import('../run.js')).runPlayground(process.env))
}
