import { MASK_COLOR } from './mask-canvas.js'

/**
 * A mask's file as a shape that is opaque where the picture is to be painted: the white parts of a black and white picture, or the
 * transparent parts of a picture that has some. Grey stays half transparent.
 *
 * @param size that the shape gets
 * @throws DOMException if the file can't be read as a picture
 */
export async function readMaskFile(file: Blob, size: { width: number; height: number }): Promise<HTMLCanvasElement> {
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none' })
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width: size.width, height: size.height })
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  const image = context.getImageData(0, 0, canvas.width, canvas.height)
  const { data } = image
  const hasAlpha = data.some((value, at) => at % 4 === 3 && value < 255)
  for (let at = 0; at < data.length; at += 4) data[at + 3] = hasAlpha ? 255 - data[at + 3]! : data[at]!
  context.putImageData(image, 0, 0)
  context.globalCompositeOperation = 'source-in'
  context.fillStyle = MASK_COLOR
  context.fillRect(0, 0, canvas.width, canvas.height)
  return canvas
}
