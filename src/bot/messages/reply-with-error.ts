import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { problemMessage, type Translations } from '../../i18n/i18n.js'
import { isUnreachable } from '../../queue/backends/reconnect.js'
import { type Problem, UserError } from '../../user-error.js'
import { textView } from '../views/message-view.js'
import type { Responder } from './interaction-responder.js'

/**
 * Tell the person why nothing came of it. A problem becomes a sentence; anything else is logged whole, and the person
 * gets its number.
 */
export async function replyWithError(
  error: unknown,
  answer: Responder,
  words: Translations,
  log: Logger,
): Promise<Problem> {
  const problem = toProblem(error)
  const cause = error instanceof UserError ? error.cause : error
  if (problem.code === 'bug') log.error({ err: cause, incident: problem.incident }, 'a request failed')
  else log.info({ problem, ...(cause !== undefined && { err: cause }) }, 'a request was declined')
  await answer.notify(textView(problemMessage(problem, words))).catch(cause => log.warn(cause, 'nobody could be told'))
  return problem
}

/** What is told of whatever was thrown. */
export function toProblem(error: unknown): Problem {
  if (error instanceof UserError) return error.problem
  return isUnreachable(error) ? { code: 'queue-unreachable' } : { code: 'bug', incident: incidentId() }
}

/** A short number under which the log tells about a bug. */
export function incidentId(): string {
  return randomBytes(4).toString('hex')
}
