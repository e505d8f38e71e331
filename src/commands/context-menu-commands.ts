import {
  ApplicationCommandType,
  ApplicationIntegrationType,
  ContextMenuCommandBuilder,
  InteractionContextType,
  type RESTPostAPIContextMenuApplicationCommandsJSONBody,
} from 'discord.js'
import type { Translations } from '../i18n/i18n.js'
import { localizations } from './localize.js'

/** A command of a message's context menu (right click → Apps), and what it does. */
export type ContextMenuCommand = {
  readonly data: RESTPostAPIContextMenuApplicationCommandsJSONBody
  readonly kind: 'zoom' | 'square' | 'fit' | 'extend' | 'upscale' | 'region' | 'remove' | 'recipe'
}

function contextMenuCommand(
  name: keyof Translations['contextMenus'],
  kind: ContextMenuCommand['kind'],
): ContextMenuCommand {
  const data = new ContextMenuCommandBuilder()
    .setType(ApplicationCommandType.Message)
    .setName(name)
    .setNameLocalizations(localizations(t => t.contextMenus[name]))
    .setIntegrationTypes(ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall)
    .setContexts(InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel)
    .toJSON()
  return { data: data as RESTPostAPIContextMenuApplicationCommandsJSONBody, kind }
}

/** For messages that have a picture. */
export const contextMenuCommands: readonly ContextMenuCommand[] = [
  contextMenuCommand('Zoom out', 'zoom'),
  contextMenuCommand('Extend…', 'extend'),
  contextMenuCommand('Make Square', 'square'),
  contextMenuCommand('Fit…', 'fit'),
  contextMenuCommand('Upscale', 'upscale'),
  contextMenuCommand('Repaint region…', 'region'),
  contextMenuCommand('Remove…', 'remove'),
  contextMenuCommand('Recipe', 'recipe'),
]
