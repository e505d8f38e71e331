import { parseParametersXmp } from './parameters-xmp.js'
import { readWebpXmp } from './strip/webp.js'

/** The parameters that `encodeWebp` wrote, or undefined. */
export function readWebpParameters(file: Uint8Array): string | undefined {
  return parseParametersXmp(readWebpXmp(file) ?? '')
}
