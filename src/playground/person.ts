import type { APIApplicationCommand, APIInteraction, APIMessage, APIRole, APIUser } from 'discord.js'
import { type Component, flat } from './components.js'
import { entered, type FieldValue } from './dialog.js'
import { type Ask, startInteraction } from './interactions.js'
import { createMessage, present, replyTo } from './messages.js'
import { type Choice, type FileOption, filled, type OptionValue, subcommand, typed } from './options.js'
import { contextOf, guildOf, isMember } from './places.js'
import { type UntilOptions, until } from './until.js'
import {
  addMember,
  directChannel,
  mainChannel,
  memberOf,
  type StoredInteraction,
  type StoredMessage,
  user,
  type World,
} from './world.js'

/** An interaction that somebody sent, and what becomes of it. */
export type Sent = {
  readonly id: string
  /** Where it was sent. */
  readonly channel: string
  /** The kind of the bot's first answer and how long it took; rejects when it took more than 3 s. */
  readonly acknowledged: Promise<{ type: number; afterMs: number }>
  /** The message that answers it now; undefined while there is none, and after it was deleted. */
  message(): APIMessage | undefined
  /** Further messages, also those that this person alone can see. */
  followUps(): APIMessage[]
  /** What the bot's first answer held besides a message: a dialog, choices. */
  callback(): Record<string, unknown> | undefined
  /**
   * The message that came of it, once the bot has shown something: its answer, the message that it changed, or a
   * further message where the answer itself is gone.
   *
   * @throws Error if the bot does not answer within 3 s, or not with a message
   */
  response(options?: UntilOptions): Promise<APIMessage>
}

/** Somewhere else than in the first channel. */
type Where = { readonly channel?: string }

/** A member of the server, as they act through Discord's own program. */
export type Person = {
  readonly user: APIUser
  /**
   * @param command its name, and that of a subcommand after a space
   * @throws Error where Discord's program would not let them send it
   */
  slash(command: string, options?: Record<string, OptionValue>, where?: Where): Promise<Sent>
  /** @throws Error if nothing is suggested for that option, or the bot does not answer */
  autocomplete(command: string, options: Record<string, OptionValue>, focused: string): Promise<Choice[]>
  /** Right click on a message → Apps → the command. */
  context(message: APIMessage, command: string): Promise<Sent>
  /** By custom id, label or emoji. @throws Error if there is no such button, or it can't be pressed */
  press(message: APIMessage, button: string): Promise<Sent>
  /** From a menu, by its custom id. @throws Error if there is no such menu, or it has not these choices */
  choose(message: APIMessage, menu: string, values: readonly string[]): Promise<Sent>
  /** A button that is not there: what a forged program could send. */
  pressForged(message: APIMessage, customId: string): Promise<Sent>
  /** Send off the dialog that answers `sent`, its fields filled by custom id. @throws Error if it can't be sent */
  submit(sent: Sent, values: Record<string, FieldValue>): Promise<Sent>
  say(
    content: string,
    more?: Where & { files?: FileOption[]; replyTo?: APIMessage /** Whether the reply pings. */; ping?: boolean },
  ): Promise<APIMessage>
  /** What they see of a channel, in order: everything but what is for somebody else alone. */
  messages(channel?: string): APIMessage[]
  /** Where they and the bot write to each other alone; opened when it is not there yet. */
  directChannel(): string
  directMessages(): APIMessage[]
  /** Take no more direct messages from the bot. */
  closeDirectMessages(): void
  /** Give them a role of the server. */
  give(role: APIRole): void
}

const SLASH = 1
const MESSAGE_COMMAND = 3
const BUTTON = 2
const MENU = 3

/** First answers that are messages. */
const ANSWERS = [4, 5, 6, 7]
const DEFER_UPDATE = 6

export function joinPerson(
  world: World,
  name: string,
  locale: string,
  send: (payload: APIInteraction) => void,
): Person {
  const me = user(world.id(), name, false)
  addMember(world, me)
  world.locales.set(me.id, locale)
  const here = mainChannel(world).id
  /** What each interaction was about, for the dialogs that answer it. */
  const sources = new WeakMap<Sent, StoredMessage>()

  function start(ask: Omit<Ask, 'user'>): Sent {
    const { stored, payload, acknowledged } = startInteraction(world, { ...ask, user: me })
    const sent = sentOf(world, stored, acknowledged)
    if (ask.source) sources.set(sent, ask.source)
    send(payload)
    return sent
  }

  /** @throws Error if the message is gone, or is for somebody else */
  function visible({ id }: APIMessage): StoredMessage {
    const message = world.messages.get(id)
    if (!message) throw new Error('that message is gone')
    if (message.for && message.for !== me.id) throw new Error(`${name} can't see that message`)
    return message
  }

  function press(source: StoredMessage, { custom_id, id }: Component): Sent {
    return start({ type: 3, channelId: source.channel_id, data: { component_type: BUTTON, custom_id, id }, source })
  }

  function messages(channel = here): APIMessage[] {
    return [...world.messages.values()]
      .filter(one => one.channel_id === channel && (!one.for || one.for === me.id))
      .map(one => present(world, one))
  }

  return {
    user: me,

    async slash(words, options = {}, { channel = here } = {}) {
      const [name, ...more] = words.split(' ') as [string, ...string[]]
      const command = commandNamed(world, name, SLASH, channel)
      const { asked, within } = subcommand(command, more)
      const { list, resolved: found } = await filled(world, channel, asked, options)
      const resolved = Object.keys(found).length > 0 ? { resolved: found } : {}
      return start({ type: 2, channelId: channel, data: { ...about(command), options: within(list), ...resolved } })
    },

    async autocomplete(words, options, focused) {
      const [name, ...more] = words.split(' ') as [string, ...string[]]
      const command = commandNamed(world, name, SLASH, here)
      const { asked, within } = subcommand(command, more)
      const data = { ...about(command), options: within(typed(asked, options, focused)) }
      const sent = start({ type: 4, channelId: here, data })
      await sent.acknowledged
      return (sent.callback()?.choices ?? []) as Choice[]
    },

    async context(message, name) {
      const target = visible(message)
      const command = commandNamed(world, name, MESSAGE_COMMAND, target.channel_id)
      if (target.for) throw new Error('there are no commands on a message that is for one person alone')
      const resolved = { messages: { [target.id]: present(world, target) } }
      return start({
        type: 2,
        channelId: target.channel_id,
        data: { ...about(command), target_id: target.id, resolved },
      })
    },

    async press(message, wanted) {
      const source = visible(message)
      const buttons = flat((present(world, source).components ?? []) as Component[]).filter(one => one.type === BUTTON)
      const button =
        buttons.find(one => one.custom_id === wanted) ??
        buttons.find(one => one.label === wanted) ??
        buttons.find(one => (one.emoji as { name?: string } | undefined)?.name === wanted)
      if (!button?.custom_id) throw new Error(`there is no button ${wanted}`)
      if (button.disabled) throw new Error(`the button ${wanted} can't be pressed`)
      return press(source, button)
    },

    async choose(message, wanted, values) {
      const source = visible(message)
      const menus = flat((present(world, source).components ?? []) as Component[]).filter(one => one.type === MENU)
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

    async submit(sent, values) {
      const source = sources.get(sent)
      const channelId = source?.channel_id ?? sent.channel
      const data = await entered(world, channelId, sent.callback(), values)
      return start({ type: 5, channelId, data, trigger: sent.id, ...(source && { source }) })
    },

    async say(content, { files = [], replyTo: other, ping = true, channel = other?.channel_id ?? here } = {}) {
      // A reply pings, except that an answer to an interaction is not pinged by replies.
      const pinged =
        ping && other && other.author.id !== me.id && (world.answersArePinged || !other.interaction_metadata)
      const message = await createMessage(world, {
        channelId: channel,
        author: me,
        body: { content },
        files,
        ...(other && { more: replyTo(world, other) }),
        ...(pinged && { pings: [world.members.get(other.author.id)?.user ?? other.author] }),
      })
      return present(world, message)
    },

    messages,
    directChannel: () => directChannel(world, me).id,
    directMessages: () => messages(directChannel(world, me).id),
    closeDirectMessages: () => void world.closed.add(me.id),
    give: ({ id }) => void memberOf(world, me.id).roles.push(id),
  }
}

type Menu = Component & { options: { value: string }[]; min_values?: number; max_values?: number }

/** What the bot has shown so far. */
function shown({ original, loading, edited, answered, followUps }: StoredInteraction): StoredMessage | undefined {
  const ready = !loading && (answered !== DEFER_UPDATE || edited)
  return (ready ? original : undefined) ?? (original && answered !== DEFER_UPDATE ? undefined : followUps[0])
}

function sentOf(world: World, interaction: StoredInteraction, acknowledged: Sent['acknowledged']): Sent {
  return {
    id: interaction.id,
    channel: interaction.channelId,
    acknowledged,
    async response(options = {}) {
      const { type } = await acknowledged
      if (!ANSWERS.includes(type)) throw new Error(`the bot answered by no message, but by type ${type}`)
      const message = await until(world, () => shown(interaction), { what: 'a message of the bot', ...options })
      return present(world, message)
    },
    message: () => (interaction.original ? present(world, interaction.original) : undefined),
    followUps: () => interaction.followUps.filter(one => world.messages.has(one.id)).map(one => present(world, one)),
    callback: () => interaction.callback,
  }
}

/** A command as an interaction names it. */
function about({ id, name, type, guild_id }: APIApplicationCommand) {
  return { id, name, type, ...(guild_id !== undefined && { guild_id }) }
}

function commandNamed(world: World, name: string, type: number, channelId: string): APIApplicationCommand {
  const guild = guildOf(world, channelId)
  const installation = isMember(world, channelId) ? 0 : 1
  const context = contextOf(world, channelId)
  const command = [...world.commands.values()].find(
    one =>
      one.name === name &&
      one.type === type &&
      (one.guild_id === undefined || one.guild_id === guild) &&
      ((one.integration_types ?? [0]) as number[]).includes(installation) &&
      ((one.contexts ?? [0, 1]) as number[]).includes(context),
  )
  if (!command) throw new Error(`no bot has a command ${name}`)
  return command
}
