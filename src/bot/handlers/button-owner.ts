import type { Message } from 'discord.js'
import { UserError } from '../../user-error.js'
import type { ComponentAction } from '../custom-id.js'
import type { RequestContext } from '../request-context.js'

/**
 * Check that the person may use a button under a picture.
 *
 * @param message that the button is in
 * @throws UserError `not-yours`
 */
export function assertMayPress(
  { kind, owner }: Extract<ComponentAction, { on: 'picture' }>,
  { person, server, settings }: RequestContext,
  message: Pick<Message, 'components'>,
): void {
  // A client can send any custom id. What can't be undone is checked against the message itself.
  const isOwner = (kind === 'delete' ? (namedOwner(message) ?? owner) : owner) === person.id
  if (isOwner || person.isManager) return
  if (kind === 'recipe' || kind === 'direct') return
  const isOpenToAll = server === undefined || settings.server(server).buttons === 'all'
  if (kind === 'delete' || !isOpenToAll) throw new UserError({ code: 'not-yours' })
}

/** The person whom a result mentions in its small print; direct messages mention nobody. Prompts are quoted, above it. */
function namedOwner({ components }: Pick<Message, 'components'>): string | undefined {
  const lines = components.flatMap(one => ('content' in one && one.content ? one.content.split('\n') : []))
  const mentions = lines
    .filter(line => line.startsWith('-# '))
    .flatMap(line => [...line.matchAll(/(?<!\\)<@!?(\d+)>/g)].map(([, id]) => id))
  return mentions.at(-1)
}
