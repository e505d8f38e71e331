import type { Context } from 'hono'

/** How long a browser may keep a picture, in seconds: as long as the token of its request is valid. */
const PICTURE_MAX_AGE_S = 30 * 60

/** The answer to a request for a PNG, JPEG or WebP that only this token opens. */
export function pictureResponse(context: Context, bytes: Uint8Array): Response {
  return context.body(new Uint8Array(bytes), 200, {
    'content-type': pictureType(bytes),
    'cache-control': `private, max-age=${PICTURE_MAX_AGE_S}`,
    vary: 'authorization',
  })
}

/** By the first bytes of the file. */
function pictureType([first]: Uint8Array): string {
  return first === 0x89 ? 'image/png' : first === 0xff ? 'image/jpeg' : 'image/webp'
}
