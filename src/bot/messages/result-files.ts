import { fileExtension } from '../../inference/image/header.js'
import { readPngTexts, setPngTexts } from '../../inference/image/png-texts.js'
import { readWebpParameters } from '../../inference/image/webp-parameters.js'
import type { WebpService } from '../../inference/image/webp-service.js'
import type { PaintedPicture, PaintResult } from '../../inference/pipeline/paint-request.js'
import { formatParameters } from '../../inference/pipeline/recipe.js'
import { UserError } from '../../user-error.js'
import type { MessageFile } from '../views/message-view.js'
import type { PaintedFile } from '../views/result-view.js'
import type { SourceFiles } from './message-files.js'

/** Discord's limit for a request is 25 MiB. The rest of it is for what is not a file. In bytes. */
const REQUEST_LIMIT_BYTES = 24 * 1024 * 1024

/** A job's pictures as they are sent, and the files that travel with them unseen. */
export type PackedResult = { readonly files: readonly PaintedFile[]; readonly hiddenFiles: readonly MessageFile[] }

/**
 * A job's pictures as files for Discord, and their source files, which travel with the message unseen. What is too large
 * becomes WebP. A source that is too large even so is left out.
 *
 * @param spoiler whether the pictures are hidden: their recipes say so from then on
 * @param limit of one file, in bytes
 * @param webps encodes them
 * @throws UserError `result-too-large`, and those of the encoder
 */
export async function packResult(
  result: PaintResult,
  { source, mask }: SourceFiles,
  limit: number,
  spoiler: boolean,
  webps: WebpService,
): Promise<PackedResult> {
  const pictures = spoiler ? result.pictures.map(markHidden) : result.pictures
  const all = [...pictures.map(({ png }) => png), ...(source ? [source] : []), ...(mask ? [mask] : [])]
  const fits =
    all.every(file => file.length <= limit) && all.reduce((sum, file) => sum + file.length, 0) <= REQUEST_LIMIT_BYTES
  const fileLimit = fits ? limit : Math.min(limit, Math.floor(REQUEST_LIMIT_BYTES / all.length))
  const files = await Promise.all(
    pictures.map(async ({ png, recipe, width, height }, index) => {
      const name = `overscan-${index + 1}`
      if (png.length <= fileLimit) return { name: `${name}.png`, bytes: png, recipe, width, height }
      const webp = await webps.encode(png, formatParameters(recipe, { width, height }), fileLimit)
      if (!webp) throw new UserError({ code: 'result-too-large', limit: Math.floor(fileLimit / 1024 / 1024) })
      return { name: `${name}.webp`, bytes: webp, recipe, width, height }
    }),
  )
  const packedSource = source && (source.length <= fileLimit ? source : await recompress(source, fileLimit, webps))
  return {
    files,
    hiddenFiles: sourceAttachments({
      source: packedSource,
      mask: mask && mask.length <= fileLimit ? mask : undefined,
    }),
  }
}

function markHidden(picture: PaintedPicture): PaintedPicture {
  const recipe = { ...picture.recipe, spoiler: true }
  const texts = { ...readPngTexts(picture.png), parameters: formatParameters(recipe, picture) }
  return { ...picture, recipe, png: setPngTexts(picture.png, texts) }
}

/** Source files as they travel with a message. */
export function sourceAttachments({ source, mask }: SourceFiles): MessageFile[] {
  return [
    ...(source ? [{ attachment: Buffer.from(source), name: `source.${fileExtension(source)}` }] : []),
    ...(mask ? [{ attachment: Buffer.from(mask), name: 'mask.png' }] : []),
  ]
}

async function recompress(source: Uint8Array, limit: number, webps: WebpService): Promise<Uint8Array | undefined> {
  const parameters = readPngTexts(source).parameters ?? readWebpParameters(source) ?? ''
  return webps.encode(source, parameters, limit)
}
