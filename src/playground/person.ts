import type {
  APIApplicationCommand,
  APIApplicationCommandOption,
  APIInteraction,
  APIMessage,
  APIUser,
} from 'discord.js'
import { shown, upload } from './cdn.js'
import { type Ask, startInteraction } from './interactions.js'
import { createMessage, EPHEMERAL, present } from './messages.js'
import { flat } from './rules.js'
import { addMember, mainChannel, type StoredInteraction, type StoredMessage, user, type World } from './world.js'

export type FileOption = { readonly name: string; readonly data: Uint8Array }
export type OptionValue = string | number | boolean | FileOption
export type Choice = { readonly name: string; readonly value: string | number }

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
  slash(command: string, options: Record<string, OptionValue>): Promise<Sent>
  autocomplete(command: string, options: Record<string, OptionValue>, focused: string): Promise<Choice[]>
  /** Right click on a message → Apps → the command. */
  context(message: APIMessage, command: string): Promise<Sent>
  /** By custom id or label. @throws Error if there is no such button, or it can't be pressed */
  press(message: APIMessage, button: string): Promise<Sent>
  /** A button that is not there: what a forged program could send. */
  pressForged(message: APIMessage, customId: string): Promise<Sent>
  /** Send off the dialog that answers `sent`, its fields filled by custom id. */
  submit(sent: Sent, values: Record<string, string | FileOption[]>): Promise<Sent>
  say(content: string, more?: { files?: FileOption[]; replyTo?: APIMessage }): Promise<APIMessage>
}

const SLASH = 1
const CONTEXT_MESSAGE = 3
const ATTACHMENT = 11

export function joinPerson(world: World, name: string, send: (payload: APIInteraction) => boolean): Person {
  const me = user(world.id(), name, false)
  addMember(world, me)
  const here = mainChannel(world).id

  function start(ask: Omit<Ask, 'user'>): Sent {
    const { stored, payload, acknowledged } = startInteraction(world, { ...ask, user: me })
    send(payload)
    return sentOf(world, stored, acknowledged)
  }

  function press(message: APIMessage, customId: string): Sent {
    const source = world.messages.get(message.id)
    if (!source) throw new Error('that message is gone')
    if (source.for && source.for !== me.id) throw new Error(`${name} can't see that message`)
    return start({
      type: 3,
      channelId: source.channel_id,
      data: { component_type: 2, custom_id: customId, id: 1 },
      source,
    })
  }

  return {
    user: me,

    async slash(name, options) {
      const command = commandNamed(world, name, SLASH)
      const { list, attachments } = await filled(world, here, command, options)
      const resolved = Object.keys(attachments).length > 0 ? { resolved: { attachments } } : {}
      return start({
        type: 2,
        channelId: here,
        data: { id: command.id, name, type: SLASH, options: list, ...resolved },
      })
    },

    async autocomplete(name, options, focused) {
      const command = commandNamed(world, name, SLASH)
      const list = Object.entries(options).flatMap(([key, value]) => {
        if (typeof value === 'object') return []
        const type = command.options?.find(option => option.name === key)?.type
        return [{ name: key, type, value, ...(key === focused && { focused: true }) }]
      })
      const sent = start({ type: 4, channelId: here, data: { id: command.id, name, type: SLASH, options: list } })
      await sent.acknowledged
      return (sent.callback()?.choices ?? []) as Choice[]
    },

    async context(message, name) {
      const command = commandNamed(world, name, CONTEXT_MESSAGE)
      const resolved = { messages: { [message.id]: present(world, stored(world, message)) } }
      const data = { id: command.id, name, type: CONTEXT_MESSAGE, target_id: message.id, resolved }
      return start({ type: 2, channelId: message.channel_id, data })
    },

    async press(message, wanted) {
      const buttons = flat((stored(world, message).components ?? []) as never) as {
        type: number
        custom_id?: string
        label?: string
        disabled?: boolean
      }[]
      const button = buttons.find(one => one.type === 2 && (one.custom_id === wanted || one.label === wanted))
      if (!button?.custom_id) throw new Error(`there is no button ${wanted}`)
      if (button.disabled) throw new Error(`the button ${wanted} can't be pressed`)
      return press(message, button.custom_id)
    },

    async pressForged(message, customId) {
      return press(message, customId)
    },

    async submit(sent, values) {
      const dialog = sent.callback() as
        | { custom_id?: string; components?: { type: number; component?: { type: number; custom_id: string } }[] }
        | undefined
      if (!dialog?.custom_id) throw new Error('there is no dialog to send off')
      const attachments: Record<string, unknown> = {}
      const components = []
      for (const label of dialog.components ?? []) {
        if (!label.component) continue
        const { type, custom_id } = label.component
        const value = values[custom_id]
        const ids: string[] = []
        for (const file of Array.isArray(value) ? value : []) {
          const kept = await upload(world, here, file, true)
          attachments[kept.info.id] = shown(world, kept)
          ids.push(kept.info.id)
        }
        const field = Array.isArray(value) ? { values: ids } : { value: value ?? '' }
        components.push({ type: 18, id: 1, component: { type, custom_id, id: 1, ...field } })
      }
      return start({
        type: 5,
        channelId: here,
        data: { custom_id: dialog.custom_id, components, resolved: { attachments } },
      })
    },

    async say(content, { files = [], replyTo } = {}) {
      const named =
        content.includes(`<@${world.bot.id}>`) || (replyTo !== undefined && replyTo.author.id === world.bot.id)
      const more: Partial<StoredMessage> = {
        ...(named && { mentions: [world.bot] as StoredMessage['mentions'] }),
        ...(replyTo && {
          type: 19,
          message_reference: { type: 0, channel_id: replyTo.channel_id, message_id: replyTo.id },
        }),
      }
      const channelId = replyTo?.channel_id ?? here
      return present(world, await createMessage(world, { channelId, author: me, body: { content }, files, more }))
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

function stored(world: World, { id, flags }: APIMessage): StoredMessage {
  const message = world.messages.get(id)
  if (!message) throw new Error(`the message is gone${(flags ?? 0) & EPHEMERAL ? ' (it was ephemeral)' : ''}`)
  return message
}

function commandNamed(world: World, name: string, type: number): APIApplicationCommand {
  const command = [...world.commands.values()].find(one => one.name === name && one.type === type)
  if (!command) throw new Error(`no bot has a command ${name}`)
  return command
}

/** The options as they are sent, once they are what the command asks for. */
async function filled(
  world: World,
  channelId: string,
  command: APIApplicationCommand,
  given: Record<string, OptionValue>,
) {
  const options = (command.options ?? []) as APIApplicationCommandOption[]
  const attachments: Record<string, unknown> = {}
  const list = []
  for (const name of Object.keys(given)) {
    if (!options.some(option => option.name === name)) throw new Error(`/${command.name} has no option ${name}`)
  }
  for (const option of options) {
    const value = given[option.name]
    if (value === undefined) {
      if ('required' in option && option.required) throw new Error(`/${command.name} needs ${option.name}`)
      continue
    }
    if (option.type === ATTACHMENT) {
      if (typeof value !== 'object') throw new Error(`${option.name} is a file`)
      const kept = await upload(world, channelId, value, true)
      attachments[kept.info.id] = shown(world, kept)
      list.push({ name: option.name, type: option.type, value: kept.info.id })
      continue
    }
    check(option, value)
    list.push({ name: option.name, type: option.type, value })
  }
  return { list, attachments }
}

/** What Discord's program refuses before anything is sent. */
function check(option: APIApplicationCommandOption, value: OptionValue): void {
  const rules = option as {
    name: string
    type: number
    min_value?: number
    max_value?: number
    min_length?: number
    max_length?: number
    choices?: Choice[]
  }
  const kind = { 3: 'string', 4: 'number', 5: 'boolean', 10: 'number' }[rules.type]
  const fail = (words: string) => {
    throw new Error(`${rules.name}: ${words}`)
  }
  if (kind && typeof value !== kind) fail(`must be a ${kind}`)
  if (rules.type === 4 && !Number.isInteger(value)) fail('must be a whole number')
  if (typeof value === 'number' && (value < (rules.min_value ?? -Infinity) || value > (rules.max_value ?? Infinity))) {
    fail(`must be from ${rules.min_value} to ${rules.max_value}`)
  }
  if (
    typeof value === 'string' &&
    (value.length < (rules.min_length ?? 0) || value.length > (rules.max_length ?? 6000))
  ) {
    fail('is too short or too long')
  }
  if (rules.choices?.length && !rules.choices.some(choice => choice.value === value)) fail('is none of the choices')
}
