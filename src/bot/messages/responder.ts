import type { Message } from 'discord.js'
import { z } from 'zod'
import type { MessageView } from '../views/message-view.js'
import type { Refusal } from './discord-errors.js'

/** The route by which a result reaches people. */
export type DeliveryRoute = 'channel' | 'interaction' | 'direct'

/**
 * Makes the view for a route, with a sentence that says why the result took it.
 *
 * @param why the refusal of the way before it, if it was tried
 */
export type ViewForRoute = (route: DeliveryRoute, why?: Refusal) => MessageView

/** Where a reply goes, as plain data: another process can go on with it. */
export const replyAddressSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('interaction'),
    id: z.string(),
    application: z.string(),
    token: z.string(),
    /** In milliseconds since 1970. */
    received: z.number(),
    /**
     * How the interaction was acknowledged: not yet, by a modal or an Activity, by a deferred reply for everybody or for
     * the person alone, or by an update of its message.
     */
    mode: z.enum(['new', 'asked', 'thinking', 'alone', 'pressed']),
    /** The message that shows progress, once there is one. */
    progress: z.string().optional(),
    person: z.string(),
    channel: z.string(),
    /** Whether the bot may post in the channel. */
    open: z.boolean(),
  }),
  z.object({
    kind: z.literal('message'),
    /** The message that asks, or a new snowflake where the drawing page asks. */
    id: z.string(),
    /** The message to reply to, if it is not the one that asks. */
    parent: z.string().optional(),
    progress: z.string().optional(),
    person: z.string(),
    channel: z.string(),
  }),
])
export type ReplyAddress = z.infer<typeof replyAddressSchema>
export type InteractionAddress = Extract<ReplyAddress, { kind: 'interaction' }>
export type MessageAddress = Extract<ReplyAddress, { kind: 'message' }>

/** Replies to one request: progress first, then either the result or an error. */
export interface Responder {
  /** Where the reply goes, as of now. */
  address(): ReplyAddress
  /** Show progress, in place of what was shown before. Does nothing once the interaction's token has expired. */
  showProgress(view: MessageView): Promise<void>
  /**
   * Post the result for everybody, and delete the progress. An ordinary message comes first, since people can reply to
   * it with a mask; then the interaction, where the bot may not post; then a direct message. A refusal closes only the
   * way that it answers.
   *
   * @param parent the message that it replies to
   * @throws UndeliverableError, and Discord's error for files that are too large
   */
  deliver(viewFor: ViewForRoute, parent: string | undefined): Promise<Message>
  /** The result, if it can be found among the messages that are there already. The progress is deleted then. */
  findDelivered(isResult: (message: Message) => boolean): Promise<Message | undefined>
  /** Answer the person, alone where that is possible, and delete the progress. */
  notify(view: MessageView): Promise<void>
}
