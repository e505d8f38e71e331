import { createRequire } from 'node:module'
import type load from 'sharp'
import type { Sharp, SharpInput, SharpOptions } from 'sharp'

const require = createRequire(import.meta.url)
let loaded: typeof load | undefined

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

/** sharp, loaded with the first picture: an idle bot saves its memory. Everything that reads or writes a picture calls it here. */
export function sharp(input: SharpInput, options?: SharpOptions): Sharp
export function sharp(options: SharpOptions): Sharp
export function sharp(input: SharpInput | SharpOptions, options?: SharpOptions): Sharp {
  if (!loaded) {
    loaded = require('sharp') as typeof load
    loaded.block({ operation: BLOCKED })
  }
  return loaded(input as SharpInput, options)
}
