import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { sentence, type Words } from '../../i18n/i18n.js'
import { isUnreachable } from '../../queue/backends/reconnect.js'
import { type Problem, ProblemError } from '../../user-error.js'
import { textView } from '../views/message-view.js'
import type { Responder } from './interaction-responder.js'

/**
 * Tell the person why nothing came of it. A problem becomes a sentence; anything else is logged whole, and the person
 * gets its number.
 */
export async function decline(error: unknown, answer: Responder, words: Words, log: Logger): Promise<Problem> {
  const problem = problemOf(error)
  const cause = error instanceof ProblemError ? error.cause : error
  if (problem.code === 'bug') log.error({ err: cause, incident: problem.incident }, 'a request failed')
  else log.info({ problem, ...(cause !== undefined && { err: cause }) }, 'a request was declined')
  await answer.tell(textView(sentence(problem, words))).catch(cause => log.warn(cause, 'nobody could be told'))
  return problem
}

/** What is told of whatever was thrown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  return isUnreachable(error) ? { code: 'queue-unreachable' } : { code: 'bug', incident: incident() }
}

/** A short number under which the log tells about a bug. */
export function incident(): string {
  return randomBytes(4).toString('hex')
}
