import {
  ApplicationCommandType,
  ApplicationIntegrationType,
  ContextMenuCommandBuilder,
  InteractionContextType,
  type RESTPostAPIContextMenuApplicationCommandsJSONBody,
} from 'discord.js'
import { LOCALES, languages, type Words } from '../i18n/i18n.js'

/** A command of a message's context menu (right click → Apps), and the dialog that it leads to. */
export type AppCommand = {
  readonly data: RESTPostAPIContextMenuApplicationCommandsJSONBody
  readonly dialog: 'zoom' | 'extend' | 'region' | 'remove'
}

function app(name: keyof Words['apps'], dialog: AppCommand['dialog']): AppCommand {
  const names = Object.entries(LOCALES).flatMap(([language, locales]) =>
    locales.map(locale => [locale, languages[language as keyof typeof LOCALES].apps[name]]),
  )
  const data = new ContextMenuCommandBuilder()
    .setType(ApplicationCommandType.Message)
    .setName(name)
    .setNameLocalizations(Object.fromEntries(names))
    .setIntegrationTypes(ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall)
    .setContexts(InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel)
    .toJSON()
  return { data: data as RESTPostAPIContextMenuApplicationCommandsJSONBody, dialog }
}

/** On any message that holds a picture. */
export const apps: readonly AppCommand[] = [
  app('Zoom out', 'zoom'),
  app('Extend…', 'extend'),
  app('Repaint region…', 'region'),
  app('Remove…', 'remove'),
]
