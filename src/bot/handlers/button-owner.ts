import { UserError } from '../../user-error.js'
import type { ComponentAction } from '../custom-id.js'
import type { RequestContext } from '../request-context.js'

/** Check that the person may use a button under a picture. @throws UserError `not-yours` */
export function assertMayPress(
  { kind, owner }: Extract<ComponentAction, { on: 'picture' }>,
  { person, server, settings }: RequestContext,
): void {
  if (owner === person.id || person.isManager) return
  if (kind === 'recipe' || kind === 'direct') return
  const isOpenToAll = server === undefined || settings.server(server).buttons === 'all'
  if (kind === 'delete' || !isOpenToAll) throw new UserError({ code: 'not-yours' })
}
