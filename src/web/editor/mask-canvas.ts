import { type Box, boxAround, union } from './box.js'
import type { MaskView } from './mask-view.js'
import type { Point } from './point.js'
import { addToStroke, applyStroke, type Brush } from './soft-brush.js'
import { UndoHistory } from './undo-history.js'

/** Rows that are read at once: most masks have a kept pixel in the first ones. */
const ROWS_AT_ONCE = 64

/** The mask's color on the screen. Its opacity is in the page's style. */
export const MASK_COLOR = '#ff3d8b'
const MASK_RGB = [0xff, 0x3d, 0x8b] as const

/** A mask of the picture's size that a person draws: opaque where the picture is to be painted, half transparent where by part. */
export class MaskCanvas {
  readonly canvas = document.createElement('canvas')
  readonly #context: CanvasRenderingContext2D
  /** The mask at the last {@link commit}. */
  readonly #committed: CanvasRenderingContext2D
  /** The bounding box of the changes since the last {@link commit}. */
  #dirty: Box | undefined
  /** How much a soft brush has covered since the last {@link commit}, as `addToStroke` takes it. */
  #softStroke: Uint8Array | undefined
  readonly #history = new UndoHistory()
  /** Shows each change. */
  view: MaskView | undefined

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    const copy = document.createElement('canvas')
    for (const canvas of [this.canvas, copy]) Object.assign(canvas, { width, height })
    this.#context = this.canvas.getContext('2d')!
    this.#committed = copy.getContext('2d', { willReadFrequently: true })!
  }

  /** Draw a line with a round brush. */
  stroke(from: Point, to: Point, brush: Brush, isEraser: boolean): void {
    if (brush.hardness < 1) {
      this.#softLine(from, to, brush, isEraser)
      return
    }
    const { size } = brush
    this.#draw(isEraser ? 'destination-out' : 'source-over', context => {
      Object.assign(context, { lineWidth: size, lineCap: 'round', strokeStyle: MASK_COLOR })
      context.beginPath()
      context.moveTo(from.x, from.y)
      context.lineTo(to.x, to.y)
      context.stroke()
    })
    this.#touch([from, to], size / 2 + 2)
  }

  /** Fill a polygon. */
  fill(points: readonly Point[], isEraser: boolean): void {
    if (points.length < 3) return
    this.#draw(isEraser ? 'destination-out' : 'source-over', context => {
      context.fillStyle = MASK_COLOR
      context.beginPath()
      for (const { x, y } of points) context.lineTo(x, y)
      context.fill()
    })
    this.#touch(points, 2)
  }

  /** Add or take away what is opaque on a canvas of the picture's size. */
  draw(shape: HTMLCanvasElement, isEraser: boolean): void {
    this.#draw(isEraser ? 'destination-out' : 'source-over', context => context.drawImage(shape, 0, 0))
    this.#touchAll()
  }

  invert(): void {
    this.#draw('source-out', context => {
      context.fillStyle = MASK_COLOR
      context.fillRect(0, 0, this.width, this.height)
    })
    this.#touchAll()
    this.commit()
  }

  clear(): void {
    this.#draw('source-over', context => context.clearRect(0, 0, this.width, this.height))
    this.#touchAll()
    this.commit()
  }

  /** Make one undo step of all changes since the last call. */
  commit(): void {
    const box = this.#dirty
    this.#dirty = undefined
    this.#softStroke = undefined
    if (!box || box.width <= 0 || box.height <= 0) return
    const { x, y, width, height } = box
    const before = this.#committed.getImageData(x, y, width, height)
    this.#copy(box)
    const after = this.#committed.getImageData(x, y, width, height)
    this.#history.add({ at: { x, y }, before, after })
  }

  /** Revert the changes since the last {@link commit}. */
  discard(): void {
    if (!this.#dirty) return
    this.commit()
    this.undo()
    this.#history.forgetUndone()
  }

  /** Stands for the last change: another one after each change. */
  get lastStep(): object | undefined {
    return this.#history.last
  }
  get canUndo(): boolean {
    return this.#history.canUndo
  }
  get canRedo(): boolean {
    return this.#history.canRedo
  }

  undo(): void {
    const step = this.#history.undo()
    if (step) this.#put(step.before, step.at)
  }

  redo(): void {
    const step = this.#history.redo()
    if (step) this.#put(step.after, step.at)
  }

  /** The masked share of the picture, from 0 to 1, measured on a copy of 128 × 128 pixels. */
  coverage(): number {
    const small = document.createElement('canvas')
    small.width = small.height = 128
    const context = small.getContext('2d', { willReadFrequently: true })!
    context.drawImage(this.canvas, 0, 0, 128, 128)
    const { data } = context.getImageData(0, 0, 128, 128)
    let sum = 0
    for (let index = 3; index < data.length; index += 4) sum += data[index]!
    return sum / 255 / (128 * 128)
  }

  /** Whether nothing of the picture would stay. @param keepsGreys grey pixels are repainted by part, so that something stays */
  isFull(keepsGreys: boolean): boolean {
    for (let top = 0; top < this.height; top += ROWS_AT_ONCE) {
      const rows = Math.min(ROWS_AT_ONCE, this.height - top)
      const { data } = this.#committed.getImageData(0, top, this.width, rows)
      for (let index = 3; index < data.length; index += 4) {
        if (data[index]! < (keepsGreys ? 255 : 1)) return false
      }
    }
    return true
  }

  /** The mask as the server takes it: white on black. */
  async png(): Promise<Blob> {
    const out = new OffscreenCanvas(this.width, this.height)
    const context = out.getContext('2d')!
    context.drawImage(this.canvas, 0, 0)
    context.globalCompositeOperation = 'source-in'
    context.fillStyle = '#fff'
    context.fillRect(0, 0, this.width, this.height)
    context.globalCompositeOperation = 'destination-over'
    context.fillStyle = '#000'
    context.fillRect(0, 0, this.width, this.height)
    return out.convertToBlob({ type: 'image/png' })
  }

  /** Browsers have no soft brush, and their blurs differ. */
  #softLine(from: Point, to: Point, brush: Brush, isEraser: boolean): void {
    const box = boxAround([from, to], brush.size / 2 + (this.view?.margin ?? 0), this)
    this.#touch([from, to], brush.size / 2)
    if (box.width <= 0 || box.height <= 0) return
    this.#softStroke ??= new Uint8Array(this.width * this.height)
    addToStroke(this.#softStroke, this.width, box, from, to, brush)
    const image = this.#committed.getImageData(box.x, box.y, box.width, box.height)
    applyStroke(image.data, this.#softStroke, this.width, box, MASK_RGB, isEraser)
    this.#context.putImageData(image, box.x, box.y)
    this.view?.put(image, box)
  }

  /** Draw on the mask, and the same on what is shown of it. */
  #draw(operation: GlobalCompositeOperation, paint: (context: CanvasRenderingContext2D) => void): void {
    const drawOn = (context: CanvasRenderingContext2D) => {
      context.globalCompositeOperation = operation
      paint(context)
    }
    drawOn(this.#context)
    this.view?.draw(drawOn)
  }

  #touch(points: readonly Point[], margin: number): void {
    const added = boxAround(points, margin, this)
    this.#dirty = this.#dirty ? union(this.#dirty, added) : added
  }

  #touchAll(): void {
    this.#dirty = { x: 0, y: 0, width: this.width, height: this.height }
  }

  #copy({ x, y, width, height }: Box): void {
    this.#committed.clearRect(x, y, width, height)
    this.#committed.drawImage(this.canvas, x, y, width, height, x, y, width, height)
  }

  #put(data: ImageData, { x, y }: Point): void {
    this.#context.putImageData(data, x, y)
    this.#committed.putImageData(data, x, y)
    this.view?.redraw()
  }
}
