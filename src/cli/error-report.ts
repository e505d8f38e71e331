import { problemMessage } from '../i18n/i18n.js'
import { findKnownCause } from '../known-causes/known-causes.js'
import { formatError, redact } from '../serialize-error.js'
import { UserError } from '../user-error.js'
import { withoutControls } from './print-line.js'

/** What the program says about an error at its end, and its exit code. */
export type ErrorReport = { readonly text: string; readonly exitCode: number }

/** 2 for what a person can solve, 130 after Ctrl+C, 1 for a bug. */
export function reportError(error: unknown): ErrorReport {
  const problem = error instanceof UserError ? error.problem : undefined
  // These problems are worded for people in Discord, who can't see the cause.
  const isVague = problem === undefined || problem.code === 'queue-unreachable'
  const known = isVague ? findKnownCause(error) : undefined
  if (known) return { text: `${known.says}. ${known.todo}`, exitCode: 2 }
  if (problem?.code === 'queue-unreachable') return { text: unreachableText(error as UserError), exitCode: 2 }
  if (problem) return { text: problemMessage(problem), exitCode: problem.code === 'cancelled' ? 130 : 2 }
  return { text: `This is a bug in Overscan. Please report it with these lines: ${formatError(error)}`, exitCode: 1 }
}

/** The lines for stderr, without secrets. */
export function errorLines({ text }: ErrorReport): string {
  return `${withoutControls(redact(text)).replaceAll(/^/gm, 'overscan: ')}\n`
}

function unreachableText({ cause }: UserError): string {
  const { message, code } = (cause ?? {}) as NodeJS.ErrnoException
  const reason = message?.replace(/\.$/, '') || code
  return `The queue can’t be reached${reason ? `: ${reason}` : ''}. Start its server, or correct REDIS_URL or DATABASE_URL in .env.`
}
