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
import { createMessage, EPHEMERAL, messageObject, replyReference } from './messages.js'
import { type SentInteraction, trackInteraction } from './sent-interaction.js'
import { type NewInteraction, startInteraction } from './start-interaction.js'
import { addMember, type EmulatorState, type StoredMessage } from './state.js'
import { type ModalFieldValue, modalSubmitData } from './submit-modal.js'

export type PersonOptions = {
  /** The language of their program. */
  readonly locale?: LocaleString
}

/** Somewhere else than in the first channel. */
type Where = { readonly channel?: string }
type Saying = { readonly files?: FileOption[]; readonly replyTo?: APIMessage; readonly ping?: boolean }

/** A member of the server, as they act through Discord's own program. */
export type Person = {
  readonly user: APIUser
  /**
   * @param command its name, and that of a subcommand after a space
   * @throws Error where Discord's program would not let them send it
   */
  slash(command: string, options?: Record<string, OptionValue>, where?: Where): Promise<SentInteraction>
  /** @throws Error if nothing is suggested for that option, or the bot does not answer */
  autocomplete(
    command: string,
    options: Record<string, OptionValue>,
    focused: string,
    where?: Where,
  ): Promise<OptionChoice[]>
  /** Right click on a message → Apps → the command. */
  messageCommand(message: APIMessage, command: string): Promise<SentInteraction>
  /** By custom id, label or emoji. @throws Error if there is no such button, or it can't be pressed */
  press(message: APIMessage, button: string): Promise<SentInteraction>
  /** From a menu, by its custom id. @throws Error if there is no such menu, or it has not these choices */
  select(message: APIMessage, menu: string, values: readonly string[]): Promise<SentInteraction>
  /** A button that is not there: what a forged program could send. */
  pressForged(message: APIMessage, customId: string): Promise<SentInteraction>
  /** Send off the dialog that answers `sent`, its fields filled by custom id. @throws Error if it can't be sent */
  submitModal(sent: SentInteraction, values: Record<string, ModalFieldValue>): Promise<SentInteraction>
  /** @param more.ping whether a reply tells whom it replies to; true if left out */
  sendMessage(content: string, more?: Where & Saying): Promise<APIMessage>
  /** What they see of a channel, in order: everything but what is for somebody else alone. */
  messages(channel?: string): APIMessage[]
  /** Where they and the bot write to each other alone; opened when it is not there yet. */
  dmChannel(): string
  directMessages(): APIMessage[]
  /** Take no more direct messages from the bot; its answers to their interactions still come. */
  closeDirectMessages(): void
  /** Open the Activity from Discord's list of them. @returns the instance; or what the bot is asked, where that is its business */
  launchActivity(where?: Where): Promise<{ readonly activity?: string; readonly sent?: SentInteraction }>
  leaveActivity(activity: string): void
  /** What an Activity that they have open asks of Discord's program. @throws RpcError */
  rpc(activity: string, command: string, args: Record<string, unknown>): Promise<unknown>
  /** Don't let Activities know who they are. */
  denyAuthorization(): void
  /** As the owner of the server does. */
  addRole(role: APIRole): void
}

const SLASH = 1
const MESSAGE_COMMAND = 3
const ENTRY_POINT = 4
/** The handler of an entry point that Discord answers by itself. */
const DISCORD_OPENS = 2
const BUTTON = 2
const MENU = 3

export function createPerson(
  state: EmulatorState,
  name: string,
  send: (payload: APIInteraction) => void,
  { locale = 'en-US' }: PersonOptions = {},
): Person {
  const me = userObject(state.id(), name, false)
  addMember(state, me)
  state.locales.set(me.id, locale)
  const here = state.channel.id
  /** Where each interaction came from, for the dialogs that answer it. */
  const origins = new WeakMap<SentInteraction, Pick<NewInteraction, 'channelId' | 'source'>>()

  function start(ask: Omit<NewInteraction, 'user' | 'locale'>): SentInteraction {
    accessibleChannel(state, ask.channelId, me)
    const { stored, payload, acknowledged } = startInteraction(state, { ...ask, user: me, locale })
    const sent = trackInteraction(state, stored, acknowledged)
    origins.set(sent, { channelId: ask.channelId, ...(ask.source && { source: ask.source }) })
    send(payload)
    return sent
  }

  /** @throws Error if the message is gone, or is for somebody else */
  function visible({ id }: APIMessage): StoredMessage {
    const message = state.messages.get(id)
    if (!message) throw new Error('that message is gone')
    if (message.visibleTo && message.visibleTo !== me.id) throw new Error(`${name} can't see that message`)
    return message
  }

  function press(source: StoredMessage, { custom_id, id }: Component): SentInteraction {
    return start({ type: 3, channelId: source.channel_id, data: { component_type: BUTTON, custom_id, id }, source })
  }

  function messages(channel = here): APIMessage[] {
    return [...state.messages.values()]
      .filter(one => one.channel_id === channel && (!one.visibleTo || one.visibleTo === me.id))
      .map(one => messageObject(state, one))
  }

  return {
    user: me,

    async slash(words, options = {}, { channel = here } = {}) {
      const [name, ...more] = words.split(' ') as [string, ...string[]]
      const command = findCommand(state, name, SLASH, channel, me)
      const { asked, within } = findSubcommand(command, more)
      const { list, resolved } = await fillOptions(state, channel, asked, options)
      const data = {
        ...commandData(command),
        options: within(list),
        ...(Object.keys(resolved).length > 0 && { resolved }),
      }
      return start({ type: 2, channelId: channel, data })
    },

    async autocomplete(words, options, focused, { channel = here } = {}) {
      const [name, ...more] = words.split(' ') as [string, ...string[]]
      const command = findCommand(state, name, SLASH, channel, me)
      const { asked, within } = findSubcommand(command, more)
      const data = { ...commandData(command), options: within(autocompleteOptions(asked, options, focused)) }
      const sent = start({ type: 4, channelId: channel, data })
      await sent.acknowledged
      return (sent.callback()?.choices ?? []) as OptionChoice[]
    },

    async messageCommand(message, name) {
      const target = visible(message)
      const command = findCommand(state, name, MESSAGE_COMMAND, target.channel_id, me)
      if (target.visibleTo) throw new Error('there are no commands on a message that is for one person alone')
      const resolved = { messages: { [target.id]: messageObject(state, target) } }
      return start({
        type: 2,
        channelId: target.channel_id,
        data: { ...commandData(command), target_id: target.id, resolved },
      })
    },

    async press(message, wanted) {
      const source = visible(message)
      const buttons = flattenComponents((messageObject(state, source).components ?? []) as Component[]).filter(
        one => one.type === BUTTON,
      )
      const button =
        buttons.find(one => one.custom_id === wanted) ??
        buttons.find(one => one.label === wanted) ??
        buttons.find(one => (one.emoji as { name?: string } | undefined)?.name === wanted)
      if (!button?.custom_id) throw new Error(`there is no button ${wanted}`)
      if (button.disabled) throw new Error(`the button ${wanted} can't be pressed`)
      return press(source, button)
    },

    async select(message, wanted, values) {
      const source = visible(message)
      const menus = flattenComponents((messageObject(state, source).components ?? []) as Component[]).filter(
        one => one.type === MENU,
      )
      const menu = menus.find(one => one.custom_id === wanted) as Menu | undefined
      if (!menu) throw new Error(`there is no menu ${wanted}`)
      if (menu.disabled) throw new Error(`the menu ${wanted} can't be used`)
      const foreign = values.find(value => !menu.options.some(option => option.value === value))
      if (foreign !== undefined) throw new Error(`the menu ${wanted} has no choice ${foreign}`)
      const { min_values: least = 1, max_values: most = 1, custom_id, id } = menu
      if (values.length < least || values.length > most) throw new Error(`the menu ${wanted} takes ${least} to ${most}`)
      return start({
        type: 3,
        channelId: source.channel_id,
        data: { component_type: MENU, custom_id, id, values },
        source,
      })
    },

    async pressForged(message, customId) {
      return press(visible(message), { custom_id: customId, id: 1 })
    },

    async submitModal(sent, values) {
      const origin = origins.get(sent)
      if (!origin) throw new Error(`that dialog is not ${name}'s`)
      const data = await modalSubmitData(state, origin.channelId, sent.callback(), values)
      return start({ type: 5, data, trigger: sent.id, ...origin })
    },

    async sendMessage(content, { files = [], replyTo: other, ping = true, channel = other?.channel_id ?? here } = {}) {
      accessibleChannel(state, channel, me)
      if (other && visible(other).flags! & EPHEMERAL) throw new Error('there is no reply to what is for one alone')
      const answer = other?.interaction_metadata !== undefined
      const pinged = other && ping && other.author.id !== me.id && (!answer || state.answersArePinged)
      const message = await createMessage(state, {
        channelId: channel,
        author: me,
        body: { content },
        files,
        ...(other && { more: replyReference(state, other) }),
        ...(pinged && { pings: [state.members.get(other.author.id)?.user ?? other.author] }),
      })
      return messageObject(state, message)
    },

    messages,
    dmChannel: () => dmChannel(state, me).id,
    directMessages: () => messages(dmChannel(state, me).id),
    closeDirectMessages: () => void state.usersWithDmsClosed.add(me.id),

    async launchActivity({ channel = here } = {}) {
      const known = [...state.commands.values()].find(({ type }) => type === ENTRY_POINT)
      const entry = findCommand(state, known?.name ?? 'launch', ENTRY_POINT, channel, me)
      if (entry.handler === DISCORD_OPENS) return { activity: joinActivity(state, channel, me.id).id }
      return { sent: start({ type: 2, channelId: channel, data: commandData(entry) }) }
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
