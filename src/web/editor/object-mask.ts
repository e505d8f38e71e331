import type { ObjectSelection } from '../../protocol/drawing.js'
import { MASK_COLOR } from './mask-canvas.js'

type Extent = { readonly width: number; readonly height: number }
type Size = keyof ObjectSelection['masks']

/** From this grey level on, a pixel belongs to the object. */
const EDGE_LEVEL = 128

/** Copies on a circle, which approximate a dilation by a few pixels. */
const GROW_COPIES = 12

/**
 * Draw the mask of a selected object, opaque where the object is.
 *
 * @param to the size of the canvas
 * @param grow in pixels of the canvas
 */
export async function drawObjectMask(
  { masks, content }: ObjectSelection,
  size: Size,
  to: Extent,
  grow: number,
): Promise<HTMLCanvasElement> {
  const bytes = Uint8Array.from(atob(masks[size]), letter => letter.charCodeAt(0))
  const grid = await createImageBitmap(new Blob([bytes], { type: 'image/png' }), { colorSpaceConversion: 'none' })
  const { canvas, context } = newCanvas(to)
  // Grey levels are interpolated, then cut, so that the edge is smooth at any size.
  context.drawImage(grid, 0, 0, content.width, content.height, 0, 0, to.width, to.height)
  grid.close()
  const image = context.getImageData(0, 0, to.width, to.height)
  const levels = image.data
  for (let at = 0; at < levels.length; at += 4) levels[at + 3] = levels[at]! >= EDGE_LEVEL ? 255 : 0
  context.putImageData(image, 0, 0)
  context.globalCompositeOperation = 'source-in'
  context.fillStyle = MASK_COLOR
  context.fillRect(0, 0, to.width, to.height)
  return grow > 0 ? grown(canvas, grow) : canvas
}

/** How much a selected object grows, so that no halo stays, in pixels: its edge is known to a cell of a grid of 256 × 256. */
export function defaultGrow({ width, height }: Extent): number {
  return Math.ceil(Math.max(width, height) / 256) + 1
}

function grown(shape: HTMLCanvasElement, radius: number): HTMLCanvasElement {
  const { canvas, context } = newCanvas(shape)
  context.drawImage(shape, 0, 0)
  for (let index = 0; index < GROW_COPIES; index++) {
    const angle = (index / GROW_COPIES) * 2 * Math.PI
    context.drawImage(shape, Math.round(Math.cos(angle) * radius), Math.round(Math.sin(angle) * radius))
  }
  return canvas
}

function newCanvas({ width, height }: Extent) {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width, height })
  return { canvas, context: canvas.getContext('2d', { willReadFrequently: true })! }
}
