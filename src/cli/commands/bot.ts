import { Command } from 'commander'

export function createBotCommand(): Command {
  return new Command('bot')
    .description(
      'run the bot: log in to Discord with DISCORD_TOKEN; also paint, unless REDIS_URL or DATABASE_URL is set',
    )
    .action(async () => (await import('../run.js')).runBot(process.env))
}
