import { Command } from 'commander'

export function botCommand(): Command {
  return new Command('bot')
    .description('log in to Discord with DISCORD_TOKEN and answer; paints too, unless REDIS_URL or DATABASE_URL is set')
    .action(async () => (await import('../run.js')).runBot(process.env))
}
