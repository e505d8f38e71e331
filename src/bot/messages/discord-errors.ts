import { DiscordAPIError, RESTJSONErrorCodes } from 'discord.js'

const EXPIRED_TOKEN = [RESTJSONErrorCodes.UnknownWebhook, RESTJSONErrorCodes.InvalidWebhookToken]
const DELETED = [RESTJSONErrorCodes.UnknownMessage, RESTJSONErrorCodes.UnknownChannel]
const FORBIDDEN = [RESTJSONErrorCodes.MissingAccess, RESTJSONErrorCodes.MissingPermissions]

/** The message was deleted, or its channel. */
export function isDeletedError(error: unknown): boolean {
  return hasCode(error, DELETED)
}

/** A file is too large for Discord. */
export function isTooLargeError(error: unknown): boolean {
  return (
    hasCode(error, [RESTJSONErrorCodes.RequestEntityTooLarge]) ||
    (error instanceof DiscordAPIError && error.status === 413)
  )
}

/** The interaction's token has expired. */
export function isExpiredTokenError(error: unknown): boolean {
  return hasCode(error, EXPIRED_TOKEN)
}

/** The person takes no direct messages from the bot. */
export function isClosedDirectMessageError(error: unknown): boolean {
  return hasCode(error, [
    RESTJSONErrorCodes.CannotSendMessagesToThisUser,
    RESTJSONErrorCodes.CannotSendMessagesToThisUserDueToHavingNoMutualGuilds,
  ])
}

/** The bot may post, but not reply: for that it has to read the channel's history. */
export function isReplyForbiddenError(error: unknown): boolean {
  return hasCode(error, [RESTJSONErrorCodes.CannotReplyWithoutPermissionToReadMessageHistory])
}

/** The interaction was acknowledged before: by another bot with the same token, if not by this one. */
export function isAnsweredError(error: unknown): boolean {
  return hasCode(error, [RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged])
}

/** Discord refuses to open an Activity, and the interaction can still be answered otherwise. */
export function isLaunchRefusedError(error: unknown): error is DiscordAPIError {
  return error instanceof DiscordAPIError && [400, 403].includes(error.status) && !isAnsweredError(error)
}

/** The result of `send`, or undefined where this route is closed to the bot and another may be open. */
export async function undefinedIfClosed<T>(send: () => Promise<T>): Promise<T | undefined> {
  try {
    return await send()
  } catch (error) {
    if (!hasCode(error, [...DELETED, ...FORBIDDEN, ...EXPIRED_TOKEN])) throw error
    return undefined
  }
}

function hasCode(error: unknown, codes: readonly number[]): boolean {
  return error instanceof DiscordAPIError && codes.includes(Number(error.code))
}
