export type Point = { readonly x: number; readonly y: number }
type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** One thing that was drawn: what lay there before and after. */
type Step = { readonly at: Point; readonly before: ImageData; readonly after: ImageData }

/** How much memory undoing may take, in bytes. */
const MEMORY = 256 * 1024 * 1024

/** What is marked, as one sees it; how strongly it shines through is the page's style. */
const COLOUR = '#ff3d8b'

/** A mask that is drawn on, of the picture's own size: opaque where it is to be painted. */
export class MaskCanvas {
  readonly canvas = document.createElement('canvas')
  readonly #context: CanvasRenderingContext2D
  /** As it was before what is being drawn. */
  readonly #before: CanvasRenderingContext2D
  #dirty: Box | undefined
  #past: Step[] = []
  #future: Step[] = []

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    const copy = document.createElement('canvas')
    for (const one of [this.canvas, copy]) Object.assign(one, { width, height })
    this.#context = this.canvas.getContext('2d')!
    this.#before = copy.getContext('2d', { willReadFrequently: true })!
  }

  /** A stroke of a round brush. @param size its diameter, in pixels of the picture */
  stroke(from: Point, to: Point, size: number, erases: boolean): void {
    const context = this.#begin(erases)
    Object.assign(context, { lineWidth: size, lineCap: 'round', strokeStyle: COLOUR })
    context.beginPath()
    context.moveTo(from.x, from.y)
    context.lineTo(to.x, to.y)
    context.stroke()
    this.#touch([from, to], size / 2 + 2)
  }

  /** All that a line encloses. */
  fill(points: readonly Point[], erases: boolean): void {
    if (points.length < 3) return
    const context = this.#begin(erases)
    context.fillStyle = COLOUR
    context.beginPath()
    for (const { x, y } of points) context.lineTo(x, y)
    context.fill()
    this.#touch(points, 2)
  }

  invert(): void {
    this.#context.globalCompositeOperation = 'source-out'
    this.#context.fillStyle = COLOUR
    this.#context.fillRect(0, 0, this.width, this.height)
    this.#touchAll()
    this.commit()
  }

  clear(): void {
    this.#context.clearRect(0, 0, this.width, this.height)
    this.#touchAll()
    this.commit()
  }

  /** What was drawn since the last time becomes one step that can be undone. */
  commit(): void {
    const box = this.#dirty
    this.#dirty = undefined
    if (!box || box.width <= 0 || box.height <= 0) return
    const { x, y, width, height } = box
    const before = this.#before.getImageData(x, y, width, height)
    this.#copy(box)
    const after = this.#before.getImageData(x, y, width, height)
    this.#past.push({ at: { x, y }, before, after })
    this.#future = []
    const size = () => this.#past.reduce((sum, step) => sum + 2 * step.before.data.length, 0)
    while (this.#past.length > 1 && size() > MEMORY) this.#past.shift()
  }

  /** What is being drawn was not meant. */
  discard(): void {
    this.commit()
    this.undo()
    this.#future = []
  }

  get canUndo(): boolean {
    return this.#past.length > 0
  }
  get canRedo(): boolean {
    return this.#future.length > 0
  }

  undo(): void {
    const step = this.#past.pop()
    if (!step) return
    this.#put(step.before, step.at)
    this.#future.push(step)
  }

  redo(): void {
    const step = this.#future.pop()
    if (!step) return
    this.#put(step.after, step.at)
    this.#past.push(step)
  }

  /** How much of the picture is marked, from 0 to 1, measured on a small copy. */
  coverage(): number {
    const small = document.createElement('canvas')
    small.width = small.height = 128
    const context = small.getContext('2d', { willReadFrequently: true })!
    context.drawImage(this.canvas, 0, 0, 128, 128)
    const { data } = context.getImageData(0, 0, 128, 128)
    let sum = 0
    for (let at = 3; at < data.length; at += 4) sum += data[at]!
    return sum / 255 / (128 * 128)
  }

  /** As the painter takes it: white on black. */
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

  /** About what grows and fades of it, drawn small. @param grow and blur in pixels of the picture */
  preview(on: HTMLCanvasElement, grow: number, blur: number): void {
    const scale = Math.min(1, 1024 / Math.max(this.width, this.height))
    on.width = Math.round(this.width * scale)
    on.height = Math.round(this.height * scale)
    const context = on.getContext('2d')!
    context.filter = blur > 0 ? `blur(${(blur * scale) / 2}px)` : 'none'
    const round = grow > 0 ? 24 : 1
    const grown = new OffscreenCanvas(on.width, on.height)
    const inner = grown.getContext('2d')!
    for (let turn = 0; turn < round; turn++) {
      const angle = (turn / round) * 2 * Math.PI
      const [dx, dy] = [Math.cos(angle) * grow * scale, Math.sin(angle) * grow * scale]
      inner.drawImage(this.canvas, grow > 0 ? dx : 0, grow > 0 ? dy : 0, on.width, on.height)
    }
    inner.drawImage(this.canvas, 0, 0, on.width, on.height)
    context.drawImage(grown, 0, 0)
  }

  #begin(erases: boolean): CanvasRenderingContext2D {
    this.#context.globalCompositeOperation = erases ? 'destination-out' : 'source-over'
    return this.#context
  }

  #touch(points: readonly Point[], reach: number): void {
    const old = this.#dirty
    const xs = [...points.map(({ x }) => x), ...(old ? [old.x + reach, old.x + old.width - reach] : [])]
    const ys = [...points.map(({ y }) => y), ...(old ? [old.y + reach, old.y + old.height - reach] : [])]
    const x = Math.max(0, Math.floor(Math.min(...xs) - reach))
    const y = Math.max(0, Math.floor(Math.min(...ys) - reach))
    const right = Math.min(this.width, Math.ceil(Math.max(...xs) + reach))
    const bottom = Math.min(this.height, Math.ceil(Math.max(...ys) + reach))
    this.#dirty = { x, y, width: right - x, height: bottom - y }
  }

  #touchAll(): void {
    this.#dirty = { x: 0, y: 0, width: this.width, height: this.height }
  }

  #copy({ x, y, width, height }: Box): void {
    this.#before.clearRect(x, y, width, height)
    this.#before.drawImage(this.canvas, x, y, width, height, x, y, width, height)
  }

  #put(data: ImageData, { x, y }: Point): void {
    this.#context.putImageData(data, x, y)
    this.#before.putImageData(data, x, y)
  }
}
