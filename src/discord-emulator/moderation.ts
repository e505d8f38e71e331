import type { APIChannel } from 'discord.js'
import { blockedAsExplicit, blockedByAutoMod } from './api-errors.js'
import { flattenComponents } from './components.js'
import type { EmulatorState } from './state.js'
import type { MessageBody } from './validate.js'

/**
 * Check a message of the bot against the server's AutoMod and the filter for explicit content.
 *
 * @throws ApiError 200000, 20009
 */
export function moderate(
  state: EmulatorState,
  channel: APIChannel | undefined,
  body: MessageBody,
  fileCount: number,
): void {
  if (!channel || !('guild_id' in channel) || channel.guild_id !== state.guild.id) return
  const texts = flattenComponents(body.components ?? []).flatMap(({ content }) => content ?? [])
  const text = [body.content ?? '', ...texts].join('\n').toLowerCase()
  if (state.blockedWords.some(word => text.includes(word.toLowerCase()))) throw blockedByAutoMod()
  if (fileCount > 0 && state.explicitChannels.has(channel.id)) throw blockedAsExplicit()
}
