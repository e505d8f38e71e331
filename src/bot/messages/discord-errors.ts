import { RESTJSONErrorCodes as Code, DiscordAPIError, HTTPError } from 'discord.js'

/** Why Discord refuses a request, as far as it decides what to do next. */
export type Refusal =
  /** The body breaks a rule: a bug of Overscan, and every other way would refuse it too. */
  | 'malformed'
  | 'too-large'
  /** It passes by itself: rate limits, slow mode, a forum post that its author has not begun. */
  | 'passing'
  /** Discord can't be reached, or its servers fail. */
  | 'outage'
  /** AutoMod, or the filter for harmful links. */
  | 'automod'
  | 'explicit-content'
  /** The thread is archived or locked. */
  | 'thread-closed'
  /** The message, its channel or its server was deleted. */
  | 'gone'
  /** The interaction can't be answered anymore: its token has expired, or another process has answered it. */
  | 'interaction-over'
  | 'forbidden'
  /** The person takes no direct messages from the bot. */
  | 'user-unreachable'
  /** Everything else, codes of the future included: only this way is closed. */
  | 'other'

/** Discord's JSON error codes by what they mean for a message. The others are `other`. */
const CODES: Readonly<Partial<Record<Refusal, readonly number[]>>> = {
  malformed: [Code.InvalidFormBodyOrContentType, Code.CannotSendAnEmptyMessage, Code.RequestBodyContainsInvalidJSON],
  'too-large': [Code.RequestEntityTooLarge, Code.FileUploadedExceedsMaximumSize],
  passing: [
    Code.CannotSendAMessageInAForumChannel,
    Code.ActionCannotBePerformedDueToSlowmodeRateLimit,
    Code.AnnouncementEditLimitExceeded,
    Code.ChannelSendRateLimit,
    Code.ServerSendRateLimit,
    Code.MaximumNumberOfEditsToMessagesOlderThanOneHourReached,
    Code.OpeningDirectMessagesTooFast,
    Code.SendMessagesHasBeenTemporarilyDisabled,
    Code.FeatureTemporarilyDisabledServerSide,
    Code.ServiceResourceIsBeingRateLimited,
    Code.CloudflareIsBlockingYourRequest,
    Code.APIResourceOverloaded,
  ],
  automod: [
    Code.MessageWasBlockedByAutomaticModeration,
    Code.TitleWasBlockedByAutomaticModeration,
    Code.MessageBlockedByHarmfulLinksFilter,
    Code.StageTopicServerNameServerDescriptionOrChannelNamesContainDisallowedWords,
  ],
  'explicit-content': [Code.ExplicitContentCannotBeSentToTheDesiredRecipient],
  'thread-closed': [Code.InvalidActionOnArchivedThread, Code.ThreadLocked],
  gone: [Code.UnknownMessage, Code.UnknownChannel, Code.UnknownGuild],
  'interaction-over': [
    Code.UnknownWebhook,
    Code.InvalidWebhookToken,
    Code.UnknownInteraction,
    Code.InteractionHasAlreadyBeenAcknowledged,
  ],
  forbidden: [Code.MissingAccess, Code.MissingPermissions, Code.UserBannedFromThisGuild],
  'user-unreachable': [
    Code.CannotSendMessagesToThisUser,
    Code.CannotSendMessagesToThisUserDueToHavingNoMutualGuilds,
    Code.InvalidRecipients,
    Code.UnknownUser,
  ],
}

const REFUSAL_BY_CODE: ReadonlyMap<number, Refusal> = new Map(
  Object.entries(CODES).flatMap(([refusal, codes]) => codes.map(code => [code, refusal as Refusal] as const)),
)

/** Network errors of Node and undici, by code. */
const NETWORK_ERROR = /^(E(CONN|TIMEDOUT|PIPE|NOTFOUND|HOSTUNREACH|NETUNREACH|AI_AGAIN|PROTO)|UND_ERR_|ERR_SSL|CERT_)/

/** Why Discord refused, of an error that a request to Discord threw; undefined for a bug. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof DiscordAPIError) {
    const known = REFUSAL_BY_CODE.get(Number(error.code))
    if (known) return known
    if (error.status === 413) return 'too-large'
    if (error.status === 429) return 'passing'
    return error.status >= 500 ? 'outage' : 'other'
  }
  if (error instanceof HTTPError) return 'outage'
  return isNetworkError(error) ? 'outage' : undefined
}

function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { name, code, cause } = error as NodeJS.ErrnoException & { cause?: unknown }
  return name === 'AbortError' || NETWORK_ERROR.test(code ?? '') || (cause !== error && isNetworkError(cause))
}

/** Discord refuses, and would refuse the same request again. */
export function isFinalRefusal(error: unknown): boolean {
  const refusal = refusalOf(error)
  return refusal !== undefined && refusal !== 'passing' && refusal !== 'outage'
}

/** The message was deleted, or its channel. */
export function isDeletedError(error: unknown): boolean {
  return refusalOf(error) === 'gone'
}

/** A file is too large for Discord. */
export function isTooLargeError(error: unknown): boolean {
  return refusalOf(error) === 'too-large'
}

/** The interaction's token has expired. */
export function isExpiredTokenError(error: unknown): boolean {
  return refusalOf(error) === 'interaction-over'
}

/** Discord refuses the message only as a reply: the bot may not read the history, or no reply to that message is possible. */
export function isReplyRefusedError(error: unknown): boolean {
  if (!(error instanceof DiscordAPIError)) return false
  const codes: readonly number[] = [
    Code.CannotReplyWithoutPermissionToReadMessageHistory,
    Code.CannotReferenceAMessageWithoutPermissionToReadMessageHistory,
    Code.NSFWChannelMessageReferenceNotAllowed,
    Code.UnknownMessage,
  ]
  const { rawError, code } = error
  const fields = 'errors' in rawError && typeof rawError.errors === 'object' ? rawError.errors : {}
  return codes.includes(Number(code)) || 'message_reference' in fields
}

/** The interaction was acknowledged before: by another bot with the same token, if not by this one. */
export function isAnsweredError(error: unknown): boolean {
  return error instanceof DiscordAPIError && Number(error.code) === Code.InteractionHasAlreadyBeenAcknowledged
}

/** Discord refuses to open an Activity, and the interaction can still be answered otherwise. */
export function isLaunchRefusedError(error: unknown): error is DiscordAPIError {
  return error instanceof DiscordAPIError && [400, 403].includes(error.status) && !isAnsweredError(error)
}

/** The result of `read`, or undefined where Discord refuses. */
export async function undefinedIfRefused<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (refusalOf(error) === undefined) throw error
    return undefined
  }
}
