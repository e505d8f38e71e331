import type { Context } from 'hono'
import type { DrawingService } from '../bot/drawing/session.js'
import type { DrawingTarget } from '../bot/drawing/target.js'
import { translationsFor } from '../i18n/i18n.js'
import { UserError } from '../user-error.js'
import { errorResponse } from './error-response.js'
import { requestTexts } from './request-language.js'
import { bearerToken, type SignedLinks } from './signed-links.js'

/** What a request's token opens. */
export type Authorized = { readonly target: DrawingTarget; readonly service: DrawingService }

export type Authorize = (
  context: Context,
  handler: (authorized: Authorized) => Promise<Response> | Response,
) => Promise<Response>

/**
 * Lets requests with a valid token through, and answers user errors in the person's language. Other errors go to the log.
 *
 * @param drawing undefined until the bot is logged in
 */
export function drawingAccess(links: SignedLinks, drawing: () => DrawingService | undefined): Authorize {
  return async (context, handler) => {
    const token = bearerToken(context)
    const target = await links.verifyTarget(token)
    const { server } = textsFor(context, target)
    if (!target) return errorResponse(token ? server.linkExpired : server.linkMissing, 403)
    const service = drawing()
    if (!service) return errorResponse(server.starting, 503)
    try {
      return await handler({ target, service })
    } catch (error) {
      if (error instanceof UserError) return errorResponse(service.describeProblem(target, error.problem), 400)
      throw error
    }
  }
}

/** In the person's language on Discord; if that is unknown, in their browser's. */
export function textsFor(context: Context, target: DrawingTarget | undefined) {
  return target?.locale ? translationsFor(target.locale).pages : requestTexts(context)
}
