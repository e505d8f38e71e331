import { detectFormat } from './format.js'
import { parseParametersXmp } from './parameters-xmp.js'
import { readJpegXmp } from './strip/jpeg.js'

/** The parameters in the XMP of a JPEG, or undefined. */
export function readJpegParameters(file: Uint8Array): string | undefined {
  return detectFormat(file) === 'jpeg' ? parseParametersXmp(readJpegXmp(file) ?? '') : undefined
}
