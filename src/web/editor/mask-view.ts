import type { Box } from './box.js'
import type { Point } from './point.js'
import type { View } from './use-stage-view.js'

/**
 * The part of a mask that the stage shows, at the resolution of the screen. A canvas of the picture's size would be copied whole for
 * each frame in which it changes: 64 MB for 4096 × 4096 pixels.
 */
export class MaskView {
  readonly #context: CanvasRenderingContext2D
  readonly #scratch = document.createElement('canvas')
  #mask: HTMLCanvasElement
  #view: View = { scale: 1, x: 0, y: 0 }
  /** Pixels of the screen per pixel of the page. */
  #density = 1

  /** @param mask of the picture's size */
  constructor(
    readonly canvas: HTMLCanvasElement,
    mask: HTMLCanvasElement,
  ) {
    this.#context = canvas.getContext('2d')!
    this.#mask = mask
  }

  /** Show another part. */
  show(view: View): void {
    this.#density = devicePixelRatio
    this.#view = view
    const { clientWidth, clientHeight } = this.canvas
    const [width, height] = [clientWidth, clientHeight].map(length => Math.round(length * this.#density))
    // Setting the size clears the canvas, and allocates another one.
    if (this.canvas.width !== width) this.canvas.width = width!
    if (this.canvas.height !== height) this.canvas.height = height!
    this.redraw()
  }

  /** Draw what is shown again. */
  redraw(): void {
    const context = this.#context
    context.globalCompositeOperation = 'source-over'
    context.resetTransform()
    context.clearRect(0, 0, this.canvas.width, this.canvas.height)
    this.#usePicturePixels()
    context.drawImage(this.#mask, 0, 0)
  }

  /** Draw the same as on the mask, in pixels of the picture. */
  draw(paint: (context: CanvasRenderingContext2D) => void): void {
    const context = this.#context
    this.#usePicturePixels()
    context.save()
    context.beginPath()
    context.rect(0, 0, this.#mask.width, this.#mask.height)
    context.clip()
    paint(context)
    context.restore()
  }

  /** Replace a part. @param at where the pixels are on the mask */
  put(pixels: ImageData, { x, y }: Point): void {
    const { width, height } = pixels
    const scratch = this.#scratch
    if (scratch.width < width) scratch.width = width
    if (scratch.height < height) scratch.height = height
    scratch.getContext('2d', { willReadFrequently: true })!.putImageData(pixels, 0, 0)
    const context = this.#context
    context.globalCompositeOperation = 'source-over'
    context.save()
    context.resetTransform()
    context.beginPath()
    context.rect(...this.#wholePixels({ x, y, width, height }))
    context.clip()
    context.clearRect(0, 0, this.canvas.width, this.canvas.height)
    this.#usePicturePixels()
    context.drawImage(scratch, 0, 0, width, height, x, y, width, height)
    context.restore()
  }

  /** Width of the margin that {@link put} may leave out, in pixels of the picture. */
  get margin(): number {
    return Math.ceil(2 / (this.#view.scale * this.#density))
  }

  /** The pixels of this canvas inside a box of the mask: at its edge they would mix with what is next to it. */
  #wholePixels({ x, y, width, height }: Box): [number, number, number, number] {
    const { scale, x: left, y: top } = this.#view
    const toCanvas = (at: number, offset: number) => (at * scale + offset) * this.#density
    const [x1, y1] = [x > 0 ? Math.ceil(toCanvas(x, left)) : 0, y > 0 ? Math.ceil(toCanvas(y, top)) : 0]
    const [right, bottom] = [x + width, y + height]
    const x2 = right < this.#mask.width ? Math.floor(toCanvas(right, left)) : this.canvas.width
    const y2 = bottom < this.#mask.height ? Math.floor(toCanvas(bottom, top)) : this.canvas.height
    return [x1, y1, Math.max(0, x2 - x1), Math.max(0, y2 - y1)]
  }

  #usePicturePixels(): void {
    const { scale, x, y } = this.#view
    const density = this.#density
    this.#context.setTransform(scale * density, 0, 0, scale * density, x * density, y * density)
  }
}
