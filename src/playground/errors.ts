/** An answer of Discord's that is an error: its status, and the body with Discord's own code. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    readonly errors?: unknown,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
  }

  get body(): Record<string, unknown> {
    return { message: this.message, code: this.code, ...(this.errors !== undefined && { errors: this.errors }) }
  }
}

export const unknownChannel = () => new ApiError(404, 10_003, 'Unknown Channel')
export const unknownMessage = () => new ApiError(404, 10_008, 'Unknown Message')
export const unknownWebhook = () => new ApiError(404, 10_015, 'Unknown Webhook')
export const unknownInteraction = () => new ApiError(404, 10_062, 'Unknown interaction')
export const alreadyAcknowledged = () => new ApiError(400, 40_060, 'Interaction has already been acknowledged.')
export const invalidToken = () => new ApiError(401, 50_027, 'Invalid Webhook Token')
export const unauthorized = () => new ApiError(401, 0, '401: Unauthorized')
export const notFound = () => new ApiError(404, 0, '404: Not Found')
export const tooLarge = () => new ApiError(413, 40_005, 'Request entity too large')

/** A body that breaks a rule; `errors` say where. */
export function invalidBody(errors: readonly string[]): ApiError {
  const _errors = errors.map(message => ({ code: 'INVALID', message }))
  return new ApiError(400, 50_035, 'Invalid Form Body', { _errors })
}
