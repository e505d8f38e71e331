import { ClientRefusal } from '../discord-emulator/client-refusal.js'
import type { DiscordEmulator, SentInteraction } from '../discord-emulator/emulator.js'
import type { Translations } from '../i18n/i18n.js'
import type { ChatAction } from '../protocol/chat-request.js'
import { type Component, commandSchema, modalSchema } from '../protocol/discord-objects.js'

/** A sentence for the person. */
export class ChatError extends Error {}

/**
 * What the person reads about an action that failed, with the field's name as they see it.
 *
 * @param opener the interaction whose modal they submitted
 */
export function chatErrorText(
  error: unknown,
  action: ChatAction,
  discord: DiscordEmulator,
  opener: SentInteraction | undefined,
  { server, language }: { readonly server: Translations['pages']['server']; readonly language: string },
): string {
  if (error instanceof ChatError) return error.message
  if (!(error instanceof ClientRefusal)) return server.notPossible
  const field =
    action.type === 'slash'
      ? optionLabel(discord, action.command, error.field, language)
      : fieldLabel(opener, error.field)
  const named = (text: string) => text.replace('{field}', field)
  switch (error.reason) {
    case 'missing':
      return named(server.fieldMissing)
    case 'not-a-picture':
      return named(server.fileNotPicture)
    case 'invalid':
      return named(server.valueInvalid)
    case 'no-answer':
      return server.noAnswer
  }
}

/** The name of a command's option in a language. */
function optionLabel(discord: DiscordEmulator, command: string, option: string, language: string): string {
  const [name, ...subcommands] = command.split(' ')
  let found = discord
    .commands()
    .map(one => commandSchema.parse(one))
    .find(one => one.name === name)
  for (const one of [...subcommands, option]) found = found?.options?.find(other => other.name === one) as typeof found
  const localized = Object.entries(found?.name_localizations ?? {}).find(([locale]) => locale.startsWith(language))
  return localized?.[1] ?? option
}

function fieldLabel(opener: SentInteraction | undefined, field: string): string {
  const parts = opener ? modalSchema.parse(opener.callback()).components : []
  const isField = (part: Component) => part.component?.custom_id === field
  return parts.find(isField)?.label ?? field
}
