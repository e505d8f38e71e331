import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientOptions } from 'discord.js'
import type { Logger } from 'pino'

/** Discord lets each key log in once in this time. */
const LOGIN_INTERVAL_SECONDS = 5

/** Pause between two attempts to get a turn, in milliseconds. */
const TURN_POLL_INTERVAL_MS = 500

/** True for the first of all processes, for others after `seconds`. */
export type Claim = (name: string, seconds: number) => Promise<boolean>

type ThrottleBuilder = NonNullable<NonNullable<ClientOptions['ws']>['buildIdentifyThrottler']>

/**
 * Lets the shards of several processes log in by turns, as Discord's `max_concurrency` demands: shards with the same id modulo it 5 seconds
 * apart. Within one process discord.js does the same.
 */
export function sharedLoginThrottle(claim: Claim, log: Logger): ThrottleBuilder {
  return async manager => {
    const { session_start_limit } = await manager.fetchGatewayInformation()
    return {
      async waitForIdentify(shard, signal) {
        const turn = `login:${shard % session_start_limit.max_concurrency}`
        while (!(await claimTurn(turn))) await sleep(TURN_POLL_INTERVAL_MS, undefined, { signal })
      },
    }
  }

  async function claimTurn(turn: string): Promise<boolean> {
    try {
      return await claim(turn, LOGIN_INTERVAL_SECONDS)
    } catch (error) {
      // Discord asks a shard that is too early to try again.
      log.warn(error, 'login turn not claimed')
      return true
    }
  }
}
