import { UserError } from '../user-error.js'
import type { CommandContext } from './command.js'

/** The id of the server, if the person manages it. @throws UserError `server-only`, `not-manager` */
export function requireManager({ server, person }: CommandContext): string {
  if (!server) throw new UserError({ code: 'server-only' })
  if (!person.isManager) throw new UserError({ code: 'not-manager' })
  return server
}
