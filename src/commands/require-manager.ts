import { ProblemError } from '../user-error.js'
import type { Context } from './command.js'

/** The server that the person manages. @throws ProblemError `server-only`, `not-manager` */
export function managed({ server, person }: Context): string {
  if (!server) throw new ProblemError({ code: 'server-only' })
  if (!person.manager) throw new ProblemError({ code: 'not-manager' })
  return server
}
