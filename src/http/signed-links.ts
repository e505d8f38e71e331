import { createHmac } from 'node:crypto'
import { sign, verify } from 'hono/jwt'
import { z } from 'zod'
import type { ActivityUser } from '../bot/drawing/activity.js'
import { type DrawingTarget, drawingTargetSchema } from '../bot/drawing/target.js'

/** How long a link is good, in seconds. */
const LIFE = 30 * 60

const visitorSchema = z.strictObject({ person: z.string(), locale: z.string().optional() })

/**
 * Links to a page for one person and one picture, signed (JSON Web Token, RFC 7519; HMAC with SHA-256) and good for half an hour.
 * The token is the address's fragment, which browsers do not send: it stands in nobody's log.
 *
 * @param token the bot's: all processes of one bot know each other's links, also after a restart
 */
export function createSignedLinks(token: string) {
  // What signs links must not be what logs in.
  const secret = createHmac('sha256', token).update('overscan pages').digest('hex')
  const verified = (text: string) => verify(text, secret, 'HS256').catch(() => undefined)
  return {
    /** @param base where the pages are */
    async editorUrl(base: string, region: DrawingTarget, now = Date.now()): Promise<string> {
      return `${base}/paint#${await this.signTarget(region, now)}`
    },
    async signTarget(region: DrawingTarget, now = Date.now()): Promise<string> {
      return sign({ region, exp: Math.floor(now / 1000) + LIFE }, secret, 'HS256')
    },
    /** Undefined where it is none, was forged, or has expired. */
    async verifyTarget(text: string): Promise<DrawingTarget | undefined> {
      return drawingTargetSchema.safeParse((await verified(text))?.region).data
    },
    /** For somebody whom Discord vouched for, to go on asking by; it opens no picture. */
    async signVisitor(visitor: ActivityUser, now = Date.now()): Promise<string> {
      return sign({ visitor, exp: Math.floor(now / 1000) + LIFE }, secret, 'HS256')
    },
    /** Undefined as with {@link read}. */
    async verifyVisitor(text: string): Promise<ActivityUser | undefined> {
      return visitorSchema.safeParse((await verified(text))?.visitor).data
    },
  }
}

export type SignedLinks = ReturnType<typeof createSignedLinks>
