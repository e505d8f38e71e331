/** "Invalid Form Body": the request's body breaks a rule. */
export const INVALID_FORM_BODY = 50_035

/** An error response of Discord: the HTTP status and the JSON error code. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    /** A path and a message each, like `components.0.label: Must be 80 or fewer in length.` */
    readonly errors: readonly string[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
  }

  get body(): Record<string, unknown> {
    const errors = this.errors.length > 0 ? { errors: nestErrors(this.errors) } : {}
    return { message: this.message, code: this.code, ...errors }
  }
}

/** 429 Too Many Requests. */
export class RateLimited extends ApiError {
  constructor(
    readonly retryAfterSeconds: number,
    readonly scope: 'user' | 'global' = 'user',
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(429, 0, 'You are being rate limited.', [], {
      'retry-after': String(retryAfterSeconds),
      'x-ratelimit-scope': scope,
      ...(scope === 'global' && { 'x-ratelimit-global': 'true' }),
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset-after': String(retryAfterSeconds),
      ...headers,
    })
  }

  override get body(): Record<string, unknown> {
    return { message: this.message, retry_after: this.retryAfterSeconds, global: this.scope === 'global' }
  }
}

/** An error response of OAuth 2 (RFC 6749, section 5.2). */
export class OAuthError extends ApiError {
  constructor(
    status: number,
    readonly errorCode: 'invalid_client' | 'invalid_grant' | 'invalid_request' | 'unsupported_grant_type',
    readonly description: string,
  ) {
    super(status, 0, description)
  }

  override get body(): Record<string, unknown> {
    return { error: this.errorCode, error_description: this.description }
  }
}

export const unknownChannel = () => new ApiError(404, 10_003, 'Unknown Channel')
export const unknownMessage = () => new ApiError(404, 10_008, 'Unknown Message')
export const unknownWebhook = () => new ApiError(404, 10_015, 'Unknown Webhook')
export const unknownInteraction = () => new ApiError(404, 10_062, 'Unknown interaction')
export const alreadyAcknowledged = () => new ApiError(400, 40_060, 'Interaction has already been acknowledged.')
export const invalidWebhookToken = () => new ApiError(401, 50_027, 'Invalid Webhook Token')
export const unauthorized = () => new ApiError(401, 0, '401: Unauthorized')
export const notFound = () => new ApiError(404, 0, '404: Not Found')
export const requestEntityTooLarge = () => new ApiError(413, 40_005, 'Request entity too large')
export const cannotSendEmptyMessage = () => new ApiError(400, 50_006, 'Cannot send an empty message')

export const missingAccess = () => new ApiError(403, 50_001, 'Missing Access')
export const missingPermissions = () => new ApiError(403, 50_013, 'Missing Permissions')
export const archivedThread = () => new ApiError(400, 50_083, 'Thread is archived')
/** Discord calls a locked thread archived too, as bots report: discord/discord-api-docs#6884 and #7707. */
export const lockedThread = () => new ApiError(403, 50_083, 'Thread is archived')
export const cannotSendInNonTextChannel = () => new ApiError(400, 50_008, 'Cannot send messages in a non-text channel')
export const cannotMessageUnbegunPost = () =>
  new ApiError(403, 40_058, 'Cannot message this thread until after the post author has sent an initial message.')
export const blockedByAutoMod = () => new ApiError(400, 200_000, 'Message was blocked by automatic moderation')
export const blockedAsExplicit = () =>
  new ApiError(400, 20_009, 'Explicit content cannot be sent to the desired recipient(s)')
export const cannotSendToUser = () => new ApiError(403, 50_007, 'Cannot send messages to this user')
export const cannotReplyWithoutHistory = () =>
  new ApiError(403, 160_002, 'Cannot reply without permission to read message history')
/** Discord doesn't document which error it answers here. */
export const invalidActivityAction = () => new ApiError(400, 50_039, 'Invalid activity action')
export const cannotRemoveEntryPoint = () =>
  new ApiError(400, 50_240, 'You cannot remove this app’s Entry Point command in a bulk update operation.')
export const cannotExecuteInDm = () => new ApiError(403, 50_003, 'Cannot execute action on a DM channel')
export const tooManyFollowUps = () =>
  new ApiError(400, 40_094, 'This interaction has reached the maximum number of follow-up messages')

/** @param errors as {@link ApiError.errors} */
export function invalidFormBody(errors: readonly string[]): ApiError {
  return new ApiError(400, INVALID_FORM_BODY, 'Invalid Form Body', errors)
}

type ErrorTree = { [key: string]: ErrorTree } & { _errors?: { code: string; message: string }[] }

/**
 * Nest errors as Discord does: `{ components: { 0: { label: { _errors: [{ code, message }] } } } }`. An error of a nested
 * field hides those of its parents.
 */
function nestErrors(errors: readonly string[]): ErrorTree {
  const root = {} as ErrorTree
  const parts = errors.map(error => {
    const [, dotted = '', slashed = '', message = error] = /^(?:([\w.]+):|\/([\w/]*)) (.*)$/s.exec(error) ?? []
    return { keys: `${dotted}${slashed}`.split(/[./]/).filter(Boolean), message }
  })
  for (const { keys, message } of parts.sort((one, other) => other.keys.length - one.keys.length)) {
    let node = root
    for (const key of keys) {
      node[key] ??= {} as ErrorTree
      node = node[key]
    }
    if (Object.keys(node).some(key => key !== '_errors')) continue
    node._errors = [...(node._errors ?? []), { code: 'INVALID', message }]
  }
  return root
}
