/** The code of every body that breaks a rule. */
export const INVALID_FORM_BODY = 50_035

/** An answer of Discord's that is an error: its status, and the body with Discord's own code. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    /** What is wrong where, each like `components.0.label: Must be 80 or fewer in length.` */
    readonly errors: readonly string[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
  }

  get body(): Record<string, unknown> {
    const errors = this.errors.length > 0 ? { errors: tree(this.errors) } : {}
    return { message: this.message, code: this.code, ...errors }
  }
}

/** Too many requests: come back in so many seconds. */
export class RateLimited extends ApiError {
  constructor(readonly seconds: number) {
    super(429, 0, 'You are being rate limited.', [], {
      'retry-after': String(seconds),
      'x-ratelimit-scope': 'user',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset-after': String(seconds),
    })
  }

  override get body(): Record<string, unknown> {
    return { message: this.message, retry_after: this.seconds, global: false }
  }
}

/** What goes wrong where people sign in, in the form of OAuth 2. */
export class OAuthError extends ApiError {
  constructor(
    status: number,
    readonly error: 'invalid_client' | 'invalid_grant' | 'invalid_request' | 'unsupported_grant_type',
    readonly description: string,
  ) {
    super(status, 0, description)
  }

  override get body(): Record<string, unknown> {
    return { error: this.error, error_description: this.description }
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
export const cannotSendToUser = () => new ApiError(403, 50_007, 'Cannot send messages to this user')
export const cannotReplyWithoutHistory = () =>
  new ApiError(403, 160_002, 'Cannot reply without permission to read message history')
/** Which of its errors Discord answers by it does not say. */
export const invalidActivityAction = () => new ApiError(400, 50_039, 'Invalid activity action')
export const cannotRemoveEntryPoint = () =>
  new ApiError(400, 50_240, 'You cannot remove this app’s Entry Point command in a bulk update operation.')
export const cannotExecuteInDm = () => new ApiError(403, 50_003, 'Cannot execute action on a DM channel')
export const tooManyFollowUps = () =>
  new ApiError(400, 40_094, 'This interaction has reached the maximum number of follow-up messages')

/** A body that breaks a rule; `errors` say where. */
export function invalidFormBody(errors: readonly string[]): ApiError {
  return new ApiError(400, INVALID_FORM_BODY, 'Invalid Form Body', errors)
}

type ErrorTree = { [key: string]: ErrorTree } & { _errors?: { code: string; message: string }[] }

/**
 * Errors as Discord nests them: `{ components: { 0: { label: { _errors: [{ code, message }] } } } }`. Where something
 * is wrong further in, that alone is told.
 */
function tree(errors: readonly string[]): ErrorTree {
  const root = {} as ErrorTree
  const parted = errors.map(error => {
    const [, dotted = '', slashed = '', message = error] = /^(?:([\w.]+):|\/([\w/]*)) (.*)$/s.exec(error) ?? []
    return { keys: `${dotted}${slashed}`.split(/[./]/).filter(Boolean), message }
  })
  for (const { keys, message } of parted.sort((one, other) => other.keys.length - one.keys.length)) {
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
