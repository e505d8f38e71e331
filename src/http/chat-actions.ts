import { MessageFlags } from 'discord.js'
import type { DiscordEmulator, Person, SentInteraction } from '../discord-emulator/emulator.js'
import type { Translations } from '../i18n/i18n.js'
import type { ActionResponse, OpenActivity } from '../protocol/chat.js'
import type { ChatAction } from '../protocol/chat-request.js'
import { modalSchema } from '../protocol/discord-objects.js'
import { ChatError } from './chat-errors.js'

/** The callback type that opens a modal. */
const MODAL_CALLBACK = 9

type ServerTexts = Translations['pages']['server']
type File = { readonly name: string; readonly data: Uint8Array }

/** What a person does on the chat page, as Discord's client would do it. */
export function chatActions(discord: DiscordEmulator, person: () => Person) {
  /** By their ids. */
  const interactions = new Map<string, SentInteraction>()

  /** @throws ChatError, and what the emulator throws for what Discord's client would not let a person do */
  async function perform(action: ChatAction, files: readonly File[], texts: ServerTexts): Promise<ActionResponse> {
    const messageById = (id: string) => {
      const message = person()
        .messages()
        .find(one => one.id === id)
      if (!message) throw new ChatError(texts.messageDeleted)
      return message
    }
    const fileAt = ({ file }: { file: number }) => {
      const found = files[file]
      if (!found) throw new ChatError(texts.fileMissing)
      return found
    }
    switch (action.type) {
      case 'message': {
        const replyTo = action.replyTo ? { replyTo: messageById(action.replyTo) } : {}
        await person().sendMessage(action.content, { files: [...files], ...replyTo })
        return {}
      }
      case 'slash': {
        const options = Object.entries(action.options).map(([name, value]) => {
          return [name, typeof value === 'object' && 'file' in value ? fileAt(value) : value]
        })
        return response(await person().slash(action.command, Object.fromEntries(options)))
      }
      case 'autocomplete':
        return { choices: await person().autocomplete(action.command, action.options, action.focused) }
      case 'message-command':
        return response(await person().messageCommand(messageById(action.message), action.command))
      case 'button':
        return response(await person().press(messageById(action.message), action.button))
      case 'select':
        return response(await person().select(messageById(action.message), action.menu, action.values))
      case 'modal-submit': {
        const opener = interactions.get(action.interaction)
        if (!opener) throw new ChatError(texts.formExpired)
        const fields = Object.entries(action.fields).map(([name, value]) => {
          const isFiles = Array.isArray(value) && value.some(item => typeof item === 'object')
          return [name, isFiles ? (value as { file: number }[]).map(fileAt) : value]
        })
        return response(await person().submitModal(opener, Object.fromEntries(fields)))
      }
      case 'launch-activity': {
        const { activity, sent } = await person().launchActivity()
        return sent ? response(sent) : { activity: openActivity(activity!) }
      }
      case 'leave-activity':
        person().leaveActivity(action.activity)
        return {}
      case 'dismiss': {
        const message = messageById(action.message)
        // A person can only dismiss messages that nobody else sees.
        if (((message.flags ?? 0) & MessageFlags.Ephemeral) !== 0) await discord.deleteMessage(message)
        return {}
      }
    }
  }

  /** The bot's first answer. */
  async function response(interaction: SentInteraction): Promise<ActionResponse> {
    interactions.set(interaction.id, interaction)
    const { type } = await interaction.acknowledged
    const activity = interaction.activity()
    return {
      interaction: interaction.id,
      ...(type === MODAL_CALLBACK && { modal: modalSchema.parse(interaction.callback()) }),
      ...(activity !== undefined && { activity: openActivity(activity) }),
    }
  }

  function openActivity(id: string): OpenActivity {
    return { id, application: discord.applicationId, guild: discord.guild.id, channel: discord.channel.id }
  }

  return {
    perform,
    /** An interaction that came of an earlier action. */
    sent: (id: string): SentInteraction | undefined => interactions.get(id),
  }
}
