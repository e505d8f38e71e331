import type { APIApplicationCommand, APIInteraction, APIMessage, APIUser } from 'discord.js'
import { type Component, flat } from './components.js'
import { entered, type FieldValue } from './dialog.js'
import { type Ask, startInteraction } from './interactions.js'
import { createMessage, present, replyTo } from './messages.js'
import { type Choice, type FileOption, filled, type OptionValue, typed } from './options.js'
import { addMember, mainChannel, type StoredInteraction, type StoredMessage, user, type World } from './world.js'

/** An interaction that somebody sent, and what becomes of it. */
export type Sent = {
  readonly id: string
  /** The kind of the bot's first answer and how long it took; rejects when it took more than 3 s. */
  readonly acknowledged: Promise<{ type: number; afterMs: number }>
  /** The message that answers it now; undefined while there is none, and after it was deleted. */
  message(): APIMessage | undefined
  /** Further messages, also those that this person alone can see. */
  followUps(): APIMessage[]
  /** What the bot's first answer held besides a message: a dialog, choices. */
  callback(): Record<string, unknown> | undefined
}

/** A member of the server, as they act through Discord's own program. */
export type Person = {
  readonly user: APIUser
  /** @throws Error where Discord's program would not let them send it */
  slash(command: string, options?: Record<string, OptionValue>): Promise<Sent>
  /** @throws Error if nothing is suggested for that option, or the bot does not answer */
  autocomplete(command: string, options: Record<string, OptionValue>, focused: string): Promise<Choice[]>
  /** Right click on a message → Apps → the command. */
  context(message: APIMessage, command: string): Promise<Sent>
  /** By custom id or label. @throws Error if there is no such button, or it can't be pressed */
  press(message: APIMessage, button: string): Promise<Sent>
  /** A button that is not there: what a forged program could send. */
  pressForged(message: APIMessage, customId: string): Promise<Sent>
  /** Send off the dialog that answers `sent`, its fields filled by custom id. @throws Error if it can't be sent */
  submit(sent: Sent, values: Record<string, FieldValue>): Promise<Sent>
  say(content: string, more?: { files?: FileOption[]; replyTo?: APIMessage }): Promise<APIMessage>
}

const SLASH = 1
const MESSAGE_COMMAND = 3
const BUTTON = 2

export function joinPerson(world: World, name: string, send: (payload: APIInteraction) => void): Person {
  const me = user(world.id(), name, false)
  addMember(world, me)
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

  return {
    user: me,

    async slash(name, options = {}) {
      const command = commandNamed(world, name, SLASH)
      const { list, attachments } = await filled(world, here, command, options)
      const resolved = Object.keys(attachments).length > 0 ? { resolved: { attachments } } : {}
      return start({ type: 2, channelId: here, data: { ...about(command), options: list, ...resolved } })
    },

    async autocomplete(name, options, focused) {
      const command = commandNamed(world, name, SLASH)
      const data = { ...about(command), options: typed(command, options, focused) }
      const sent = start({ type: 4, channelId: here, data })
      await sent.acknowledged
      return (sent.callback()?.choices ?? []) as Choice[]
    },

    async context(message, name) {
      const command = commandNamed(world, name, MESSAGE_COMMAND)
      const target = visible(message)
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
      const button = buttons.find(one => one.custom_id === wanted) ?? buttons.find(one => one.label === wanted)
      if (!button?.custom_id) throw new Error(`there is no button ${wanted}`)
      if (button.disabled) throw new Error(`the button ${wanted} can't be pressed`)
      return press(source, button)
    },

    async pressForged(message, customId) {
      return press(visible(message), { custom_id: customId, id: 1 })
    },

    async submit(sent, values) {
      const source = sources.get(sent)
      const channelId = source?.channel_id ?? here
      const data = await entered(world, channelId, sent.callback(), values)
      return start({ type: 5, channelId, data, ...(source && { source }) })
    },

    async say(content, { files = [], replyTo: other } = {}) {
      // A reply pings, except that an answer to an interaction is not pinged by replies.
      const pinged = other && other.author.id !== me.id && !other.interaction_metadata
      const message = await createMessage(world, {
        channelId: other?.channel_id ?? here,
        author: me,
        body: { content },
        files,
        ...(other && { more: replyTo(world, other) }),
        ...(pinged && { pings: [world.members.get(other.author.id)?.user ?? other.author] }),
      })
      return present(world, message)
    },
  }
}

function sentOf(world: World, interaction: StoredInteraction, acknowledged: Sent['acknowledged']): Sent {
  return {
    id: interaction.id,
    acknowledged,
    message: () => (interaction.original ? present(world, interaction.original) : undefined),
    followUps: () => interaction.followUps.filter(one => world.messages.has(one.id)).map(one => present(world, one)),
    callback: () => interaction.callback,
  }
}

/** A command as an interaction names it. */
function about({ id, name, type, guild_id }: APIApplicationCommand) {
  return { id, name, type, ...(guild_id !== undefined && { guild_id }) }
}

function commandNamed(world: World, name: string, type: number): APIApplicationCommand {
  const command = [...world.commands.values()].find(one => one.name === name && one.type === type)
  if (!command) throw new Error(`no bot has a command ${name}`)
  return command
}
