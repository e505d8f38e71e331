import type { Field } from './field.js'
import { CHANNELS, type Level } from './level.js'

const SWEEPS = 90
const OVER_RELAXATION = 1.9

/**
 * Remove the seams between copied pieces, and between them and what is known, in the gradient domain (Pérez et al.
 * 2003, "Poisson image editing"; screened as in Bhat et al. 2008): the result has the pieces' gradients, meets the
 * known pixels exactly, and drifts from the copied colours no farther than `reach` pixels from a seam.
 *
 * With f = v + e, v the copied colours and g the gradient that the sources have from p to q, the minimum of
 * Σ (f_p − f_q − g_pq)² + ε Σ (f_p − v_p)² is where (n + ε) e_p = Σ e_q + Σ (v_q − v_p + g_pq) over the n neighbours;
 * e is 0 where the picture is known. Solved by successive over-relaxation.
 *
 * @param level whose unknown pixels hold the copied colours; they are replaced
 * @param reach in pixels: ε is 1 / reach²
 */
export function blend(level: Level, { source }: Field, radius: number, reach: number): void {
  const { width, height, data, known } = level
  const unknown: number[] = []
  for (let at = 0; at < known.length; at++) if (!known[at]) unknown.push(at)
  const order = Int32Array.from(unknown)
  const screen = 1 / (reach * reach)
  const right = new Float32Array(order.length)
  const change = new Float32Array(known.length)
  const inverse = new Float32Array(order.length)

  for (let channel = 0; channel < 3; channel++) {
    const value = (at: number) => data[at * CHANNELS + channel]!
    // How much brighter the known side is than the source says, at the border. The mean over a patch's reach, nearer
    // pixels first: the outermost row of a photo is often off, and its grain would be drawn out into streaks.
    const offset = (at: number, own: number, step: number) => {
      if (radius === 0) return value(at + step) - value(own)
      const room = step === 1 ? width - 1 - (at % width) : step === -1 ? at % width : radius
      let sum = 0
      let weights = 0
      for (let k = 1; k <= Math.min(radius, room) && known[at + k * step]; k++) {
        sum += (value(at + k * step) - value(own + k * step)) / k
        weights += 1 / k
      }
      return sum / weights
    }
    for (let i = 0; i < order.length; i++) {
      const at = order[i]!
      const x = at % width
      const own = source[at]!
      let sum = 0
      let neighbours = 0
      for (let side = 0; side < 4; side++) {
        if (side === 0 ? x === 0 : side === 1 ? x === width - 1 : side === 2 ? at < width : at >= width * (height - 1))
          continue
        const step = side === 0 ? -1 : side === 1 ? 1 : side === 2 ? -width : width
        neighbours++
        if (known[at + step]) sum += offset(at, own, step)
        else if (radius > 0) {
          // Patches of a single pixel know no gradient: they continue flat.
          const theirs = source[at + step]!
          sum += (value(theirs) - value(own + step) + value(theirs - step) - value(own)) / 2
        }
      }
      right[i] = sum
      inverse[i] = 1 / (neighbours + screen)
    }
    change.fill(0)
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      for (let i = 0; i < order.length; i++) {
        const at = order[i]!
        const x = at % width
        let sum = right[i]!
        if (x > 0) sum += change[at - 1]!
        if (x < width - 1) sum += change[at + 1]!
        if (at >= width) sum += change[at - width]!
        if (at < width * (height - 1)) sum += change[at + width]!
        change[at] = change[at]! + OVER_RELAXATION * (sum * inverse[i]! - change[at]!)
      }
    }
    for (const at of order) {
      const blended = Math.round(value(at) + change[at]!)
      data[at * CHANNELS + channel] = Math.max(0, Math.min(255, blended))
    }
  }
}
