import { createHmac } from 'node:crypto'
import { sign, verify } from 'hono/jwt'
import { type Region, regionSchema } from '../bot/region.js'

/** How long a link is good, in seconds. */
const LIFE = 30 * 60

/**
 * Links to a page for one person and one picture, signed (JSON Web Token, RFC 7519; HMAC with SHA-256) and good for half an hour.
 * The token is the address's fragment, which browsers do not send: it stands in nobody's log.
 *
 * @param token the bot's: all processes of one bot know each other's links, also after a restart
 */
export function regionLinks(token: string) {
  // What signs links must not be what logs in.
  const secret = createHmac('sha256', token).update('overscan pages').digest('hex')
  return {
    /** @param base where the pages are */
    async to(base: string, region: Region, now = Date.now()): Promise<string> {
      return `${base}/paint#${await this.token(region, now)}`
    },
    async token(region: Region, now = Date.now()): Promise<string> {
      return sign({ region, exp: Math.floor(now / 1000) + LIFE }, secret, 'HS256')
    },
    /** Undefined where it is none, was forged, or has expired. */
    async read(text: string): Promise<Region | undefined> {
      try {
        const { region } = await verify(text, secret, 'HS256')
        return regionSchema.parse(region)
      } catch {
        return undefined
      }
    },
  }
}

export type RegionLinks = ReturnType<typeof regionLinks>
