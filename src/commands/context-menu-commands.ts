import {
  ApplicationCommandType,
  ApplicationIntegrationType,
  ContextMenuCommandBuilder,
  InteractionContextType,
  type RESTPostAPIContextMenuApplicationCommandsJSONBody,
} from 'discord.js'
import { DISCORD_LOCALES, type Translations, translationsByLanguage } from '../i18n/i18n.js'

/** A command of a message's context menu (right click → Apps), and the dialog that it leads to. */
export type ContextMenuCommand = {
  readonly data: RESTPostAPIContextMenuApplicationCommandsJSONBody
  readonly modal: 'zoom' | 'extend' | 'region' | 'remove'
}

function app(name: keyof Translations['contextMenus'], dialog: ContextMenuCommand['modal']): ContextMenuCommand {
  const names = Object.entries(DISCORD_LOCALES).flatMap(([language, locales]) =>
    locales.map(locale => [
      locale,
      translationsByLanguage[language as keyof typeof DISCORD_LOCALES].contextMenus[name],
    ]),
  )
  const data = new ContextMenuCommandBuilder()
    .setType(ApplicationCommandType.Message)
    .setName(name)
    .setNameLocalizations(Object.fromEntries(names))
    .setIntegrationTypes(ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall)
    .setContexts(InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel)
    .toJSON()
  return { data: data as RESTPostAPIContextMenuApplicationCommandsJSONBody, modal: dialog }
}

/** On any message that holds a picture. */
export const contextMenuCommands: readonly ContextMenuCommand[] = [
  app('Zoom out', 'zoom'),
  app('Extend…', 'extend'),
  app('Repaint region…', 'region'),
  app('Remove…', 'remove'),
]
