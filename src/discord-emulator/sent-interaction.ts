import type { APIMessage } from 'discord.js'
import { messageObject } from './messages.js'
import type { EmulatorState, StoredInteraction, StoredMessage } from './state.js'
import { type WaitOptions, waitUntil } from './wait-until.js'

/** An interaction that a person sent, and the bot's responses. */
export type SentInteraction = {
  readonly id: string
  /** The id of the channel. */
  readonly channelId: string
  /** The type of the bot's callback and the time it took; rejects after 3 s. */
  readonly acknowledged: Promise<{ type: number; afterMs: number }>
  /** The original response; undefined if there is none, or it was deleted. */
  message(): APIMessage | undefined
  /** Follow-up messages, including ephemeral ones. */
  followUps(): APIMessage[]
  /** The instance of the Activity that the callback launched. */
  activity(): string | undefined
  /** The callback's data, like a modal or choices. */
  callback(): Record<string, unknown> | undefined
  /**
   * The first message that the bot shows: the original response, the updated message, or a follow-up if the original
   * response was deleted.
   *
   * @throws Error if the bot does not respond within 3 s, or not with a message
   */
  response(options?: WaitOptions): Promise<APIMessage>
}

/** Callback types that create or update a message. */
const MESSAGE_CALLBACKS = [4, 5, 6, 7]
const DEFER_UPDATE = 6

/** The message that the bot has shown so far. */
function shownMessage({
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
      if (!MESSAGE_CALLBACKS.includes(type)) throw new Error(`the bot answered by no message, but by type ${type}`)
      const message = await waitUntil(state, () => shownMessage(interaction), {
        what: 'a message of the bot',
        ...options,
      })
      return messageObject(state, message)
    },
    message: () => (interaction.originalResponse ? messageObject(state, interaction.originalResponse) : undefined),
    followUps: () =>
      interaction.followUps.filter(one => state.messages.has(one.id)).map(one => messageObject(state, one)),
    activity: () => interaction.activityInstanceId,
    callback: () => interaction.callback,
  }
}
