import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { plainText } from '../../commands/plain-text.js'
import { problemMessage, type Translations } from '../../i18n/i18n.js'
import { findKnownCause } from '../../known-causes/known-causes.js'
import { isUnreachable } from '../../queue/backends/reconnect.js'
import { redact } from '../../serialize-error.js'
import { type Problem, UserError } from '../../user-error.js'
import { textView } from '../views/message-view.js'
import { isAnsweredError, type Refusal, refusalOf } from './discord-errors.js'
import { BOT_FILE_LIMIT_BYTES } from './file-limit.js'
import { UndeliverableError } from './open-way.js'
import type { Responder } from './responder.js'

/**
 * Tell the person why there is no result. A problem becomes a sentence. Any other error is logged whole, with its cause where it is
 * known, and the person gets its incident id.
 */
export async function replyWithError(
  error: unknown,
  responder: Responder,
  t: Translations,
  log: Logger,
): Promise<Problem> {
  const problem = toProblem(error)
  const cause = error instanceof UserError ? error.cause : error
  if (isAnsweredError(cause)) {
    // The person sees the answer of the other bot.
    log.error({ err: cause, ...findKnownCause(cause) }, 'interaction was answered already')
    return problem
  }
  const isUnexpected = problem.code === 'discord-refused' || problem.code === 'result-kept'
  if ('incident' in problem) {
    log.error({ err: cause, incident: problem.incident, ...findKnownCause(cause) }, 'request failed')
  } else {
    log[isUnexpected ? 'warn' : 'info']({ problem, ...(cause !== undefined && { err: cause }) }, 'request declined')
  }
  await responder
    .notify(textView(redact(problemMessage(plainProblem(problem), t))))
    .catch(cause => log.warn(cause, 'error message not sent'))
  return problem
}

/** What a link, a mention or markup of somebody else's looks like. Names with an underscore stay as they are. */
const MARKUP = /:\/\/|<[@#:]|@(?:everyone|here)|\]\(|[`*|~]|__/

/** Fields that hold what a person, a page or a picture said. */
const QUOTED_FIELDS: ReadonlySet<string> = new Set(['engine', 'lora', 'tag', 'text', 'detail', 'word', 'host', 'model'])

/** A problem whose sentence has no live links and mentions of the one who caused it. */
function plainProblem(problem: Problem): Problem {
  const fields = Object.entries(problem).map(([name, value]) => {
    const isMarkup = typeof value === 'string' && QUOTED_FIELDS.has(name) && MARKUP.test(value)
    return [name, isMarkup ? plainText(value) : value]
  })
  return Object.fromEntries(fields) as Problem
}

/** The problem that a thrown value is shown as. */
export function toProblem(error: unknown): Problem {
  if (error instanceof UserError) return error.problem
  if (isUnreachable(error)) return { code: 'queue-unreachable' }
  const refusal = error instanceof UndeliverableError ? (error.reason ?? 'forbidden') : refusalOf(error)
  const problem = problemOfRefusal(refusal)
  return problem ?? { code: findKnownCause(error) ? 'operator-needed' : 'bug', incident: incidentId() }
}

/** Discord's refusal as a problem; undefined where it is a bug of Overscan. */
function problemOfRefusal(refusal: Refusal | undefined): Problem | undefined {
  switch (refusal) {
    case undefined:
    case 'malformed':
      return undefined
    case 'too-large':
      return { code: 'result-too-large', limit: BOT_FILE_LIMIT_BYTES / 1024 / 1024 }
    case 'passing':
    case 'outage':
    case 'interaction-over':
      return { code: 'discord-not-responding' }
    case 'gone':
      return { code: 'message-deleted' }
    case 'user-unreachable':
      return { code: 'direct-messages-closed' }
    case 'forbidden':
      return { code: 'discord-refused', why: 'no-permission' }
    case 'other':
      return { code: 'discord-refused', why: 'refused' }
    default:
      return { code: 'discord-refused', why: refusal }
  }
}

/** A short random id by which a bug is found in the log. */
export function incidentId(): string {
  return randomBytes(4).toString('hex')
}
