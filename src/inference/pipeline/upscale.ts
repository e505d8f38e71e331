import type { Pixels, SoftMask } from '../image/pixels.js'
import { wholeCanvas } from './canvas.js'
import type { Engine, PaintTask } from './engine.js'

/** How far colours are carried into transparent pixels, in pixels: upscalers look at least as far with the weight that is seen. */
const CARRIED = 4

/**
 * The picture with the colours of its visible pixels carried into the transparent ones next to them, whose own colours nobody
 * sees: they would be mixed into the edge.
 */
export function carryColours(pixels: Pixels, alpha: SoftMask): Pixels {
  const { width, height } = pixels
  const data = pixels.data.slice()
  const isKnown = new Uint8Array(alpha.data).map(value => Number(value > 0))
  for (let round = 0; round < CARRIED; round++) {
    const known = isKnown.slice()
    for (let at = 0; at < known.length; at++) {
      if (known[at]) continue
      const [x, y] = [at % width, Math.floor(at / width)]
      const neighbours = [x > 0 && at - 1, x < width - 1 && at + 1, y > 0 && at - width, y < height - 1 && at + width]
      const visible = neighbours.filter((one): one is number => one !== false && known[one] === 1)
      if (visible.length === 0) continue
      for (let channel = 0; channel < 3; channel++) {
        const sum = visible.reduce((total, one) => total + data[one * 3 + channel]!, 0)
        data[at * 3 + channel] = Math.round(sum / visible.length)
      }
      isKnown[at] = 1
    }
  }
  return { width, height, data }
}

/** The alpha of an upscaled picture: it is upscaled as a grey picture, so that its edges are as sharp. */
export async function upscaleAlpha(engine: Engine, alpha: SoftMask, scale: number, task: PaintTask): Promise<SoftMask> {
  const { width, height } = alpha
  const pixels = { width, height, data: new Uint8Array(width * height * 3) }
  for (let at = 0; at < alpha.data.length; at++) pixels.data.fill(alpha.data[at]!, at * 3, at * 3 + 3)
  const [large] = await engine.paint(wholeCanvas(pixels), { ...task, seeds: [0], options: { scale, grain: false } })
  return { width: large!.width, height: large!.height, data: large!.data.filter((_, at) => at % 3 === 0) }
}
