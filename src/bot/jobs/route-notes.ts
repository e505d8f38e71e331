import type { Translations } from '../../i18n/i18n.js'
import type { Problem } from '../../user-error.js'
import type { Refusal } from '../messages/discord-errors.js'
import type { DeliveryRoute } from '../messages/responder.js'

/** Tells people why a result did not come as a message in its channel. @param isServer whether the bot is a member there */
export function routeNotes(
  route: DeliveryRoute,
  why: Refusal | undefined,
  isServer: boolean,
  { result }: Translations,
): string[] {
  if (route === 'channel') return []
  switch (why) {
    case 'automod':
      return [result.blockedByAutoMod]
    case 'explicit-content':
      return [result.blockedAsExplicit]
    case 'thread-closed':
      return [result.threadClosed]
    case 'gone':
    case 'forbidden':
    case undefined:
      if (route === 'direct') return [result.channelGone]
      return isServer ? [result.cannotPost] : []
    default:
      return [result.refusedInChannel]
  }
}

/** A refusal as the sentence about a kept result tells it. */
export function keptReason(why: Refusal | undefined): Extract<Problem, { code: 'result-kept' }>['why'] {
  switch (why) {
    case 'automod':
    case 'explicit-content':
    case 'thread-closed':
      return why
    case 'gone':
    case 'forbidden':
    case 'user-unreachable':
    case undefined:
      return 'forbidden'
    default:
      return 'refused'
  }
}
