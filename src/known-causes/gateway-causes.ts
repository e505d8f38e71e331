import type { CauseRow, KnownCause } from './cause.js'

const DEVELOPER_PORTAL = 'https://discord.com/developers/applications'

/** Close codes of Discord's gateway after which no login can succeed until somebody changes something. */
const FATAL_CLOSE_CODES: Readonly<Record<number, { readonly name: string; readonly todo: string }>> = {
  4004: {
    name: 'AuthenticationFailed',
    todo: `The token was reset, or is another application’s. Copy the bot’s token from ${DEVELOPER_PORTAL} into DISCORD_TOKEN again.`,
  },
  4010: { name: 'InvalidShard', todo: 'Correct SHARDS: FIRST-LAST/TOTAL, for example 0-3/16.' },
  4011: {
    name: 'ShardingRequired',
    todo: 'The bot is in more than 2,500 servers for each shard. Leave SHARDS empty, or set a larger total there.',
  },
  4012: { name: 'InvalidAPIVersion', todo: 'Install a newer version of Overscan.' },
  4013: { name: 'InvalidIntents', todo: 'Install a newer version of Overscan.' },
  4014: {
    name: 'DisallowedIntents',
    todo: `Overscan needs no privileged intents. Check whether Discord has restricted the application: ${DEVELOPER_PORTAL}`,
  },
}

/** Rows about logins, and about who answers. */
export const GATEWAY_CAUSES: readonly CauseRow[] = [
  {
    id: 'answered-by-another',
    matches: ({ code }) => code === '40060',
    explain: () => ({
      says: 'Somebody else has answered the interaction already (40060): most likely another bot runs with the same token',
      todo: `Stop the other bot, or reset the token at ${DEVELOPER_PORTAL}. Several bots with one token must share REDIS_URL or DATABASE_URL.`,
    }),
  },
  {
    id: 'logins-spent',
    matches: ({ message }) => /^Not enough sessions remaining/.test(message), // of @discordjs/ws
    explain: ({ message }) => ({
      says: `The bot has logged in too often today (${message})`,
      todo: 'Find out in the log why it restarts so often. Discord allows 1,000 logins a day.',
    }),
  },
]

/** @param code of the WebSocket close by Discord */
export function gatewayCloseCause(code: number): KnownCause {
  const { name, todo } = FATAL_CLOSE_CODES[code] ?? {
    name: 'unknown',
    todo: 'Check https://discordstatus.com, and try again in a few minutes.',
  }
  return { says: `Discord rejects the login (close code ${code}, ${name})`, todo }
}
