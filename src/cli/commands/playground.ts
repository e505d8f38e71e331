import { Command } from 'commander'

export function playgroundCommand(): Command {
  return new Command('playground')
    .description('the whole bot on a stand-in Discord, with a page to try it on')
    .action(async () => (await import('../run.js')).runPlayground(process.env))
}
