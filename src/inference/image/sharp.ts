import { createRequire } from 'node:module'
import type Sharp from 'sharp'

const require = createRequire(import.meta.url)
let loaded: typeof Sharp | undefined

/** Decoders of formats that are programs, that are not pictures, or that nobody sends. Their files are refused before, by their first bytes. */
const BLOCKED = [
  'VipsForeignLoadSvg',
  'VipsForeignLoadPdf',
  'VipsForeignLoadMagick',
  'VipsForeignLoadOpenslide',
  'VipsForeignLoadMat',
  'VipsForeignLoadCsv',
  'VipsForeignLoadMatrix',
  'VipsForeignLoadAnalyze',
  'VipsForeignLoadFits',
  'VipsForeignLoadOpenexr',
  'VipsForeignLoadPpm',
  'VipsForeignLoadRad',
  'VipsForeignLoadVips',
  'VipsForeignLoadJxl',
  'VipsForeignLoadJp2k',
  'VipsForeignLoadDcRaw',
]

/** sharp, loaded with the first picture: an idle bot saves its memory. */
export const sharp = (...args: Parameters<typeof Sharp>): ReturnType<typeof Sharp> => {
  if (!loaded) {
    loaded = require('sharp') as typeof Sharp
    loaded.block({ operation: BLOCKED })
  }
  return loaded(...args)
}
