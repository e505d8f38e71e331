import type { APIInteraction, APIMessage, APIRole, APIUser, LocaleString } from 'discord.js'
import { handleRpcCommand, INVALID_COMMAND, joinActivity, leaveActivity, RpcError } from './activities.js'
import { accessibleChannel, dmChannel } from './channels.js'
import {
  autocompleteOptions,
  type FileOption,
  fillOptions,
  findSubcommand,
  type OptionChoice,
  type OptionValue,
} from './command-options.js'
import { type Component, flattenComponents } from './components.js'
import { userObject } from './discord-objects.js'
import { commandData, findCommand } from './find-command.js'
import { snapshotOf } from './forwards.js'
import { linkEmbeds } from './link-previews.js'
import { createMessage, EPHEMERAL, messageObject, replyReference } from './messages.js'
import { type SentInteraction, trackInteraction } from './sent-interaction.js'
import { type NewInteraction, startInteraction } from './start-interaction.js'
import { addMember, type EmulatorState, type StoredMessage } from './state.js'
import { type StickerOption, storeSticker } from './stickers.js'
import { type ModalFieldValue, modalSubmitData } from './submit-modal.js'
import { isThread, setThreadState, whyThreadIsClosed } from './threads.js'

export type PersonOptions = {
  /** The language of their client. */
  readonly locale?: LocaleString
}

/** The first channel if left out. */
type ChannelOption = { readonly channel?: string }
type MessageOptions = {
  readonly files?: FileOption[]
  readonly stickers?: readonly StickerOption[]
  readonly replyTo?: APIMessage
  readonly ping?: boolean
}

/** A member of the server who uses Discord's client. */
export type Person = {
  readonly user: APIUser
  /**
   * @param command its name, and that of a subcommand after a space
   * @throws Error if Discord's client would not send it
   */
  slash(command: string, options?: Record<string, OptionValue>, where?: ChannelOption): Promise<SentInteraction>
  /** @throws Error if the option has no autocomplete, or the bot does not respond */
  autocomplete(
    command: string,
    options: Record<string, OptionValue>,
    focused: string,
    where?: ChannelOption,
  ): Promise<OptionChoice[]>
  /** Run a message command: right click → Apps → the command. */
  messageCommand(message: APIMessage, command: string): Promise<SentInteraction>
  /** @param button its custom id, label or emoji. @throws Error if there is none, or it is disabled */
  press(message: APIMessage, button: string): Promise<SentInteraction>
  /** @param menu its custom id. @throws Error if there is no such select menu, or it lacks these options */
  select(message: APIMessage, menu: string, values: readonly string[]): Promise<SentInteraction>
  /** Press a button that the message does not have, as a modified client can. */
  pressForged(message: APIMessage, customId: string): Promise<SentInteraction>
  /** Submit the modal that `sent` opened. @param values by custom ids. @throws Error if Discord's client would not send it */
  submitModal(sent: SentInteraction, values: Record<string, ModalFieldValue>): Promise<SentInteraction>
  /** @param more.ping whether a reply mentions the author; true if left out */
  sendMessage(content: string, more?: ChannelOption & MessageOptions): Promise<APIMessage>
  /** Forward a message to a channel. */
  forward(message: APIMessage, where?: ChannelOption): Promise<APIMessage>
  /** The messages that they see, oldest first: all but other users' ephemeral ones. */
  messages(channel?: string): APIMessage[]
  /** The id of their direct messages with the bot; created on the first call. */
  dmChannel(): string
  directMessages(): APIMessage[]
  /** Refuse direct messages from the bot. Its responses to interactions still arrive. */
  closeDirectMessages(): void
  /** Launch the Activity by the entry point command. @returns the instance; or the interaction, if the bot handles the command */
  launchActivity(where?: ChannelOption): Promise<{ readonly activity?: string; readonly sent?: SentInteraction }>
  leaveActivity(activity: string): void
  /** Send an RPC command of an Activity that they have open. @throws RpcError */
  rpc(activity: string, command: string, args: Record<string, unknown>): Promise<unknown>
  /** Decline the authorization prompt of Activities. */
  denyAuthorization(): void
  /** Assign a role, as the server's owner can. */
  addRole(role: APIRole): void
}

const CHAT_INPUT = 1
const MESSAGE_COMMAND = 3
const ENTRY_POINT = 4
/** The entry point handler with which Discord launches the Activity without asking the bot. */
const DISCORD_LAUNCH_ACTIVITY = 2
const BUTTON = 2
const STRING_SELECT = 3

export function createPerson(
  state: EmulatorState,
  name: string,
  send: (payload: APIInteraction) => void,
  { locale = 'en-US' }: PersonOptions = {},
): Person {
  const me = userObject(state.nextId(), name, false)
  addMember(state, me)
  state.locales.set(me.id, locale)
  const defaultChannel = state.channel.id
  /** Where each interaction was sent, for the submission of the modal that it opens. */
  const origins = new WeakMap<SentInteraction, Pick<NewInteraction, 'channelId' | 'sourceMessage'>>()

  function sendInteraction(interaction: Omit<NewInteraction, 'user' | 'locale'>): SentInteraction {
    accessibleChannel(state, interaction.channelId, me)
    const { stored, payload, acknowledged } = startInteraction(state, { ...interaction, user: me, locale })
    const sent = trackInteraction(state, stored, acknowledged)
    origins.set(sent, {
      channelId: interaction.channelId,
      ...(interaction.sourceMessage && { sourceMessage: interaction.sourceMessage }),
    })
    send(payload)
    return sent
  }

  /** @throws Error if the message was deleted, or is ephemeral for another user */
  function visibleMessage({ id }: APIMessage): StoredMessage {
    const message = state.messages.get(id)
    if (!message) throw new Error('that message is gone')
    if (message.visibleTo && message.visibleTo !== me.id) throw new Error(`${name} can't see that message`)
    return message
  }

  /** @throws Error if the client would not let them send a message */
  function assertMaySend(channelId: string): void {
    const channel = accessibleChannel(state, channelId, me)
    const closed = isThread(channel) ? whyThreadIsClosed(state, channel, me.id) : undefined
    if (closed) throw new Error('that thread is locked')
    if (isThread(channel) && channel.thread_metadata.archived) setThreadState(state, channelId, { archived: false })
  }

  function pressButton(source: StoredMessage, { custom_id, id }: Component): SentInteraction {
    return sendInteraction({
      type: 3,
      channelId: source.channel_id,
      data: { component_type: BUTTON, custom_id, id },
      sourceMessage: source,
    })
  }

  function messages(channel = defaultChannel): APIMessage[] {
    return [...state.messages.values()]
      .filter(one => one.channel_id === channel && (!one.visibleTo || one.visibleTo === me.id))
      .map(one => messageObject(state, one))
  }

  return {
    user: me,

    async slash(fullName, options = {}, { channel = defaultChannel } = {}) {
      const [name, ...more] = fullName.split(' ') as [string, ...string[]]
      const command = findCommand(state, name, CHAT_INPUT, channel, me)
      const { target: asked, wrap: within } = findSubcommand(command, more)
      const { list, resolved } = await fillOptions(state, channel, asked, options)
      const data = {
        ...commandData(command),
        options: within(list),
        ...(Object.keys(resolved).length > 0 && { resolved }),
      }
      return sendInteraction({ type: 2, channelId: channel, data })
    },

    async autocomplete(fullName, options, focused, { channel = defaultChannel } = {}) {
      const [name, ...more] = fullName.split(' ') as [string, ...string[]]
      const command = findCommand(state, name, CHAT_INPUT, channel, me)
      const { target: asked, wrap: within } = findSubcommand(command, more)
      const data = { ...commandData(command), options: within(autocompleteOptions(asked, options, focused)) }
      const sent = sendInteraction({ type: 4, channelId: channel, data })
      await sent.acknowledged
      return (sent.callback()?.choices ?? []) as OptionChoice[]
    },

    async messageCommand(message, name) {
      const target = visibleMessage(message)
      const command = findCommand(state, name, MESSAGE_COMMAND, target.channel_id, me)
      if (target.visibleTo) throw new Error('there are no commands on a message that is for one person alone')
      const resolved = { messages: { [target.id]: messageObject(state, target) } }
      return sendInteraction({
        type: 2,
        channelId: target.channel_id,
        data: { ...commandData(command), target_id: target.id, resolved },
      })
    },

    async press(message, name) {
      const source = visibleMessage(message)
      const buttons = flattenComponents((messageObject(state, source).components ?? []) as Component[]).filter(
        one => one.type === BUTTON,
      )
      const button =
        buttons.find(one => one.custom_id === name) ??
        buttons.find(one => one.label === name) ??
        buttons.find(one => (one.emoji as { name?: string } | undefined)?.name === name)
      if (!button?.custom_id) throw new Error(`there is no button ${name}`)
      if (button.disabled) throw new Error(`the button ${name} can't be pressed`)
      return pressButton(source, button)
    },

    async select(message, name, values) {
      const source = visibleMessage(message)
      const menus = flattenComponents((messageObject(state, source).components ?? []) as Component[]).filter(
        one => one.type === STRING_SELECT,
      )
      const menu = menus.find(one => one.custom_id === name) as Menu | undefined
      if (!menu) throw new Error(`there is no menu ${name}`)
      if (menu.disabled) throw new Error(`the menu ${name} can't be used`)
      const unknown = values.find(value => !menu.options.some(option => option.value === value))
      if (unknown !== undefined) throw new Error(`the menu ${name} has no choice ${unknown}`)
      const { min_values: min = 1, max_values: max = 1, custom_id, id } = menu
      if (values.length < min || values.length > max) throw new Error(`the menu ${name} takes ${min} to ${max}`)
      return sendInteraction({
        type: 3,
        channelId: source.channel_id,
        data: { component_type: STRING_SELECT, custom_id, id, values },
        sourceMessage: source,
      })
    },

    async pressForged(message, customId) {
      return pressButton(visibleMessage(message), { custom_id: customId, id: 1 })
    },

    async submitModal(sent, values) {
      const origin = origins.get(sent)
      if (!origin) throw new Error(`that dialog is not ${name}'s`)
      const data = await modalSubmitData(state, origin.channelId, sent.callback(), values)
      return sendInteraction({ type: 5, data, triggerId: sent.id, ...origin })
    },

    async sendMessage(
      content,
      { files = [], stickers = [], replyTo: other, ping = true, channel = other?.channel_id ?? defaultChannel } = {},
    ) {
      assertMaySend(channel)
      if (other && visibleMessage(other).flags! & EPHEMERAL)
        throw new Error('there is no reply to what is for one alone')
      const answer = other?.interaction_metadata !== undefined
      const pinged = other && ping && other.author.id !== me.id && (!answer || state.mentionInInteractionReplies)
      const message = await createMessage(state, {
        channelId: channel,
        author: me,
        body: { content, ...(stickers.length > 0 && { sticker_ids: stickers.map(({ name }) => name) }) },
        files,
        extra: {
          embeds: linkEmbeds(state, content),
          ...(stickers.length > 0 && { sticker_items: stickers.map(sticker => storeSticker(state, sticker)) }),
          ...(other && replyReference(state, other)),
        },
        ...(pinged && { extraMentions: [state.members.get(other.author.id)?.user ?? other.author] }),
      })
      return messageObject(state, message)
    },

    async forward(original, { channel = defaultChannel } = {}) {
      assertMaySend(channel)
      const source = visibleMessage(original)
      const { message_reference: reference } = replyReference(state, source)
      const extra = { message_reference: { ...reference, type: 1 }, snapshot: snapshotOf(source) }
      const body = { content: '' }
      const message = await createMessage(state, { channelId: channel, author: me, body, files: [], extra })
      return messageObject(state, message)
    },

    messages,
    dmChannel: () => dmChannel(state, me).id,
    directMessages: () => messages(dmChannel(state, me).id),
    closeDirectMessages: () => void state.usersWithDmsClosed.add(me.id),

    async launchActivity({ channel = defaultChannel } = {}) {
      const entryPoint = [...state.commands.values()].find(({ type }) => type === ENTRY_POINT)
      const entry = findCommand(state, entryPoint?.name ?? 'launch', ENTRY_POINT, channel, me)
      if (entry.handler === DISCORD_LAUNCH_ACTIVITY) return { activity: joinActivity(state, channel, me.id).id }
      return { sent: sendInteraction({ type: 2, channelId: channel, data: commandData(entry) }) }
    },

    leaveActivity: activity => leaveActivity(state, activity, me.id),

    async rpc(activity, command, args) {
      if (!state.activityInstances.get(activity)?.users.has(me.id)) {
        throw new RpcError(INVALID_COMMAND, `${name} is not in that activity`)
      }
      return handleRpcCommand(state, me, command, args)
    },

    denyAuthorization: () => void state.usersDenyingAuthorization.add(me.id),

    addRole({ id }) {
      const member = state.members.get(me.id)!
      if (!state.roles.has(id)) throw new Error('the server has no such role')
      member.roles = [...new Set([...member.roles, id])]
    },
  }
}

type Menu = Component & { options: { value: string }[]; min_values?: number; max_values?: number }
