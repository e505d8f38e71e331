import { createRequire } from 'node:module'
import type Sharp from 'sharp'

const require = createRequire(import.meta.url)
let loaded: typeof Sharp | undefined

/** sharp itself, loaded with the first picture: a bot that nobody has asked for anything goes without. */
export const sharp = (...given: Parameters<typeof Sharp>): ReturnType<typeof Sharp> => {
  loaded ??= require('sharp') as typeof Sharp
  return loaded(...given)
}
