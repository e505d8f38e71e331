import { createRequire } from 'node:module'
import type Sharp from 'sharp'

const require = createRequire(import.meta.url)
let loaded: typeof Sharp | undefined

/** sharp, loaded with the first picture: an idle bot saves its memory. */
export const sharp = (...args: Parameters<typeof Sharp>): ReturnType<typeof Sharp> => {
  loaded ??= require('sharp') as typeof Sharp
  return loaded(...args)
}
