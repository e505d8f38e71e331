import { type ButtonInteraction, type ChatInputCommandInteraction, DiscordAPIError, MessageFlags } from 'discord.js'
import type { View } from './views.js'

/** Interactions that end in a message of ours. */
export type Answerable = ChatInputCommandInteraction | ButtonInteraction

/** An interaction's token is good for 15 minutes; we stop using it a minute before. In milliseconds. */
const TOKEN_LIFE = 14 * 60_000

/** Discord's error codes. */
const UNKNOWN_MESSAGE = 10_008
const TOO_LARGE = 40_005
const TOKEN_GONE = [10_015, 50_027]

/** Owns the one message that answers an interaction, from "is thinking" to the pictures. */
export interface Responder {
  /** Tell Discord within its 3 seconds that an answer will come. */
  acknowledge(): Promise<void>
  /** Show how things stand. Past the token's life nothing is shown any more until the end. */
  show(view: View): Promise<void>
  /** The last word: by the interaction, or by an ordinary message in the channel when its token is too old. */
  finish(view: View): Promise<void>
  /** Tell this person alone, and leave nothing else behind. */
  decline(sentence: string): Promise<void>
}

/** @param now milliseconds on any clock that does not jump */
export function responder(interaction: Answerable, now: () => number = () => performance.now()): Responder {
  const received = now()
  const expired = () => now() - received > TOKEN_LIFE
  let acknowledged = false
  return {
    async acknowledge() {
      await interaction.deferReply()
      acknowledged = true
    },

    async show(view) {
      if (!expired()) await interaction.editReply(view)
    },

    async finish(view) {
      if (!expired()) {
        try {
          await interaction.editReply(view)
          return
        } catch (error) {
          if (!hasCode(error, TOKEN_GONE)) throw error
        }
      }
      const { channel } = interaction
      if (!channel?.isSendable()) throw new Error(`no way to answer in channel ${interaction.channelId} any more`)
      const { attachments: _, ...message } = view
      await channel.send(message)
    },

    async decline(content) {
      const answer = { content, flags: MessageFlags.Ephemeral, allowedMentions: { parse: [] } } as const
      if (!acknowledged) {
        await interaction.reply(answer)
        return
      }
      // What was deferred for all to see can't become private: take it away and answer anew.
      await interaction.deleteReply()
      await interaction.followUp(answer)
    },
  }
}

/** Somebody deleted the message that we were about to edit. */
export function isDeleted(error: unknown): boolean {
  return hasCode(error, [UNKNOWN_MESSAGE])
}

/** Discord found a file too large, whatever limit it had named. */
export function isTooLarge(error: unknown): boolean {
  return hasCode(error, [TOO_LARGE]) || (error instanceof DiscordAPIError && error.status === 413)
}

function hasCode(error: unknown, codes: readonly number[]): boolean {
  return error instanceof DiscordAPIError && codes.includes(Number(error.code))
}
