import { DiscordAPIError, HTTPError } from 'discord.js'
import { OperatorError } from '../../known-causes/cause.js'
import { findKnownCause } from '../../known-causes/known-causes.js'
import { UserError } from '../../user-error.js'

/**
 * Throw what an error of Discord's API or gateway means for the operator.
 *
 * @throws UserError `login-refused`, `discord-rejected`, `discord-unreachable`; OperatorError for a known cause, like a certificate; or
 *   the error itself if it isn't from Discord
 */
export function throwDiscordProblem(cause: unknown): never {
  if (cause instanceof UserError || cause instanceof OperatorError) throw cause
  const { code, message } = cause as Error & { code?: unknown }
  const status = cause instanceof DiscordAPIError || cause instanceof HTTPError ? cause.status : undefined
  if (status === 401 || code === 'TokenInvalid') throw new UserError({ code: 'login-refused' }, { cause })
  if (status !== undefined && status >= 500) {
    throw new UserError({ code: 'discord-unreachable', reason: `${message} (${status})` }, { cause })
  }
  if (status !== undefined) throw new UserError({ code: 'discord-rejected', status, reason: message }, { cause })
  const known = findKnownCause(cause)
  if (known) throw new OperatorError(known, { cause })
  if (!isNetworkError(cause)) throw cause
  throw new UserError({ code: 'discord-unreachable', reason: networkReason(cause) }, { cause })
}

/** Node and undici name network errors by a code; a request that took too long is aborted. */
function isNetworkError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  if (/^(?:Unexpected server response|Opening handshake has timed out)/.test(error.message)) return true // of ws
  return 'code' in error ? typeof error.code === 'string' : error.name === 'AbortError'
}

/** An AggregateError, as from a host with several addresses, has no message. */
function networkReason(error: Error): string {
  const first = error instanceof AggregateError ? (error.errors[0] as Error | undefined) : undefined
  return error.message || first?.message || String((error as { code?: unknown }).code)
}
