import type { APIMessage } from 'discord.js'
import { messageObject } from './messages.js'
import type { EmulatorState, StoredInteraction, StoredMessage } from './state.js'
import { type WaitOptions, waitUntil } from './wait-until.js'

/** An interaction that somebody sent, and what becomes of it. */
export type SentInteraction = {
  readonly id: string
  /** Where it was sent. */
  readonly channelId: string
  /** The kind of the bot's first answer and how long it took; rejects when it took more than 3 s. */
  readonly acknowledged: Promise<{ type: number; afterMs: number }>
  /** The message that answers it now; undefined while there is none, and after it was deleted. */
  message(): APIMessage | undefined
  /** Further messages, also those that this person alone can see. */
  followUps(): APIMessage[]
  /** The instance of the Activity that the bot's first answer opened, if it did. */
  activity(): string | undefined
  /** What the bot's first answer held besides a message: a dialog, choices. */
  callback(): Record<string, unknown> | undefined
  /**
   * The message that came of it, once the bot has shown something: its answer, the message that it changed, or a
   * further message where the answer itself is gone.
   *
   * @throws Error if the bot does not answer within 3 s, or not with a message
   */
  response(options?: WaitOptions): Promise<APIMessage>
}

/** First answers that are messages. */
const ANSWERS = [4, 5, 6, 7]
const DEFER_UPDATE = 6

/** What the bot has shown so far. */
function shown({
  originalResponse,
  loading,
  edited,
  callbackType,
  followUps,
}: StoredInteraction): StoredMessage | undefined {
  const ready = !loading && (callbackType !== DEFER_UPDATE || edited)
  return (
    (ready ? originalResponse : undefined) ??
    (originalResponse && callbackType !== DEFER_UPDATE ? undefined : followUps[0])
  )
}

export function trackInteraction(
  state: EmulatorState,
  interaction: StoredInteraction,
  acknowledged: SentInteraction['acknowledged'],
): SentInteraction {
  return {
    id: interaction.id,
    channelId: interaction.channelId,
    acknowledged,
    async response(options = {}) {
      const { type } = await acknowledged
      if (!ANSWERS.includes(type)) throw new Error(`the bot answered by no message, but by type ${type}`)
      const message = await waitUntil(state, () => shown(interaction), { what: 'a message of the bot', ...options })
      return messageObject(state, message)
    },
    message: () => (interaction.originalResponse ? messageObject(state, interaction.originalResponse) : undefined),
    followUps: () =>
      interaction.followUps.filter(one => state.messages.has(one.id)).map(one => messageObject(state, one)),
    activity: () => interaction.activityInstanceId,
    callback: () => interaction.callback,
  }
}
