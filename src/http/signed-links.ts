import { createHmac } from 'node:crypto'
import type { Context } from 'hono'
import { sign, verify } from 'hono/jwt'
import { z } from 'zod'
import type { ActivityUser } from '../bot/drawing/activity.js'
import { type DrawingTarget, drawingTargetSchema } from '../bot/drawing/target.js'

/** How long a token is valid, in seconds. */
const TOKEN_LIFE_S = 30 * 60

const activityUserSchema = z.strictObject({ person: z.string(), locale: z.string().optional() })

/**
 * Links to the editor page for one person and one picture, signed (JSON Web Token, RFC 7519; HMAC with SHA-256) and valid for
 * half an hour. The token is the address's fragment. Browsers do not send it, so no log has it.
 *
 * @param token the bot's: all processes of one bot accept each other's links, also after a restart
 */
export function createSignedLinks(token: string) {
  // The key that signs links must not be the one that logs in.
  const secret = createHmac('sha256', token).update('overscan pages').digest('hex')
  const payloadOf = (jwt: string) => verify(jwt, secret, 'HS256').catch(() => undefined)
  const expiry = (now: number) => Math.floor(now / 1000) + TOKEN_LIFE_S
  return {
    /** @param base the address of the pages */
    async editorUrl(base: string, target: DrawingTarget, now = Date.now()): Promise<string> {
      return `${base}/paint#${await this.signTarget(target, now)}`
    },
    async signTarget(target: DrawingTarget, now = Date.now()): Promise<string> {
      return sign({ region: target, exp: expiry(now) }, secret, 'HS256')
    },
    /** Undefined if it is not a token, was forged, or has expired. */
    async verifyTarget(jwt: string): Promise<DrawingTarget | undefined> {
      return drawingTargetSchema.safeParse((await payloadOf(jwt))?.region).data
    },
    /** For a person whom Discord has identified. It authorizes further requests of the Activity, and opens no picture. */
    async signVisitor(user: ActivityUser, now = Date.now()): Promise<string> {
      return sign({ visitor: user, exp: expiry(now) }, secret, 'HS256')
    },
    /** Undefined as with {@link verifyTarget}. */
    async verifyVisitor(jwt: string): Promise<ActivityUser | undefined> {
      return activityUserSchema.safeParse((await payloadOf(jwt))?.visitor).data
    },
  }
}

export type SignedLinks = ReturnType<typeof createSignedLinks>

/** The token of a request's `Authorization` header; empty if there is none. */
export function bearerToken(context: Context): string {
  const [, token = ''] = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '') ?? []
  return token
}
