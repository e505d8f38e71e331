import { detectFormat } from './format.js'
import { readJpegParameters } from './jpeg.js'
import { parametersXmp } from './parameters-xmp.js'
import { stripAvif } from './strip/avif.js'
import { stripGif } from './strip/gif.js'
import { stripJpeg } from './strip/jpeg.js'
import { stripPng } from './strip/png.js'
import { stripTiff } from './strip/tiff.js'
import { stripWebp } from './strip/webp.js'
import { readWebpParameters } from './webp-parameters.js'

/**
 * A picture file of nothing but its picture: no EXIF (place, time and device), XMP, IPTC, comments, thumbnails, second pictures,
 * films or data behind the end. Pixels, color profile and orientation stay, and so do the `parameters` of image generators.
 * A file of another kind stays as it is; nothing reads it.
 *
 * The file is built from an allow-list of its segments. Nothing is decoded, so nothing is compressed again.
 */
export function stripMetadata(file: Uint8Array): Uint8Array {
  switch (detectFormat(file)) {
    case 'jpeg': {
      const parameters = readJpegParameters(file)
      return stripJpeg(file, parameters === undefined ? undefined : parametersXmp(parameters)).bytes
    }
    case 'png':
      return stripPng(file)
    case 'webp': {
      const parameters = readWebpParameters(file)
      return stripWebp(file, parameters === undefined ? undefined : parametersXmp(parameters))
    }
    case 'gif':
      return stripGif(file)
    case 'tiff':
      return stripTiff(file)
    case 'avif':
      return stripAvif(file)
    default:
      return file
  }
}
