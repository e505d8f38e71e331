import { setTimeout as delay } from 'node:timers/promises'
import { type Refusal, refusalOf } from './discord-errors.js'

/**
 * One way by which a message may reach people.
 *
 * @param why the first refusal of the ways before it
 * @returns undefined where this way does not exist
 */
export type Way<T> = (why: Refusal | undefined) => Promise<T | undefined>

/** No way is open. The reason is the first refusal; undefined where no way existed. */
export class UndeliverableError extends Error {
  override readonly name = 'UndeliverableError'
  constructor(
    readonly reason: Refusal | undefined,
    options?: ErrorOptions,
  ) {
    super(`no way is open: ${reason ?? 'there is none'}`, options)
  }
}

/** How long to wait for a refusal to pass, in milliseconds. */
export type WaitLimits = Readonly<Record<'passing' | 'outage', number>>

/** A result is worth the wait: a minute for the author of a forum post, ten for Discord itself. */
export const RESULT_WAIT_LIMITS: WaitLimits = { passing: 60_000, outage: 10 * 60_000 }

/** A sentence should come soon or not at all. */
export const SENTENCE_WAIT_LIMITS: WaitLimits = { passing: 5000, outage: 5000 }

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000

/**
 * Send by the first way that is open. Discord's refusal closes only the way that it answers. What passes by itself is
 * waited for.
 *
 * @param wait for tests
 * @throws UndeliverableError if none is open, or the message is malformed
 * @throws DiscordAPIError if a file is too large: a smaller one may pass
 */
export async function sendByFirstOpenWay<T>(
  ways: readonly Way<T>[],
  limits: WaitLimits,
  wait: (ms: number) => Promise<unknown> = ms => delay(ms, undefined, { ref: false }),
): Promise<T> {
  let why: Refusal | undefined
  let cause: unknown
  for (const way of ways) {
    try {
      const sent = await sendPatiently(() => way(why), limits, wait)
      if (sent !== undefined) return sent
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal === undefined || refusal === 'too-large') throw error
      if (refusal === 'malformed') throw new UndeliverableError(refusal, { cause: error })
      why ??= refusal
      cause ??= error
    }
  }
  throw new UndeliverableError(why, { cause })
}

async function sendPatiently<T>(
  send: () => Promise<T>,
  limits: WaitLimits,
  wait: (ms: number) => Promise<unknown>,
): Promise<T> {
  let waited = 0
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await send()
    } catch (error) {
      const refusal = refusalOf(error)
      const isTemporary = refusal === 'passing' || refusal === 'outage'
      if (!isTemporary || waited + pause > limits[refusal]) throw error
      await wait(pause)
      waited += pause
    }
  }
}
