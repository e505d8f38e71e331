import { guildsOfShard, MAX_GUILDS_PER_SHARD } from './guilds.js'
import type { EmulatorState } from './state.js'

/** Intents that need to be on in the developer portal. */
export const PRIVILEGED_INTENTS = { presences: 1 << 8, members: 1 << 1, content: 1 << 15 }

/** All intents of API version 10. */
const KNOWN_INTENTS = (1 << 26) - 1

/** The pause between two logins of one key, in milliseconds: Discord's 5 seconds, less what a payload may be late. */
const LOGIN_INTERVAL_MS = 4500

/** The payload of opcode 2. */
export type Identify = { token: string; intents: number; shard?: readonly [number, number] }

/** Whether a token, with or without "Bot", is the bot's. */
export function isBotToken(state: EmulatorState, token: string): boolean {
  return token.replace(/^Bot /, '') === state.token
}

/** Why Discord closes the connection instead of logging in, as code and reason. */
export function identifyRejection(
  state: EmulatorState,
  { token, intents, shard = [0, 1] }: Identify,
): [code: number, reason: string] | undefined {
  if (!isBotToken(state, token)) return [4004, 'Authentication failed.']
  if (intents & ~KNOWN_INTENTS) return [4013, 'Invalid intent(s).']
  const allowed = state.messageContentIntent ? PRIVILEGED_INTENTS.content : 0
  const missing = Object.values(PRIVILEGED_INTENTS).reduce((sum, bit) => sum | bit, 0) & ~allowed
  if (intents & missing) return [4014, 'Disallowed intent(s).']
  if (!(shard[0] >= 0 && shard[0] < shard[1])) return [4010, 'Invalid shard.']
  if (guildsOfShard(state, shard).length > MAX_GUILDS_PER_SHARD) return [4011, 'Sharding required.']
  return undefined
}

/** A login of a shard, on the emulator's clock, in milliseconds since 1970. */
export type Login = { readonly at: number; readonly shard: readonly [number, number] }

/** Whether a shard logs in too early: shards with the same id modulo `max_concurrency` have to wait for each other. */
export function isTooEarly({ clock, maxConcurrency }: EmulatorState, logins: readonly Login[], id: number): boolean {
  if (maxConcurrency === undefined) return false
  const last = logins.findLast(({ shard }) => shard[0] % maxConcurrency === id % maxConcurrency)
  return last !== undefined && clock.now() - last.at < LOGIN_INTERVAL_MS
}
