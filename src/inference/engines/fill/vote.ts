import type { Anchors } from './anchors.js'
import type { Field } from './field.js'
import { CHANNELS, type Level } from './level.js'

/** A patch one pixel farther into the hole counts this much less, up to a limit (Wexler et al. 2007, section 3.2). */
const FALL = 1.3
const DEEPEST = 12

/**
 * Paint every pixel with the mean of what the patches around it would put there (Wexler et al. 2007, equation 4):
 * patches that match well, and patches near to what is known, count more.
 */
export function vote(level: Level, { targets, source, cost }: Field, radius: number, { distance }: Anchors): void {
  const { width, height, data, known } = level
  let total = 0
  for (const target of targets) total += cost[target]!
  const spread = Math.max(1, total / targets.length) // stands for 2σ² over all patches
  const weights = new Float32Array(width * height)
  for (const target of targets) {
    const depth = Math.min(DEEPEST, distance[target]!)
    weights[target] = Math.exp(-Math.min(20, cost[target]! / spread)) * FALL ** -depth
  }
  const painted = new Uint8Array(targets.length * CHANNELS)
  for (let i = 0; i < targets.length; i++) {
    const at = targets[i]!
    if (known[at]) continue
    const x = at % width
    const y = (at - x) / width
    let [red, green, blue, rough, steep, sum] = [0, 0, 0, 0, 0, 0]
    for (let py = Math.max(0, y - radius); py <= Math.min(height - 1, y + radius); py++) {
      for (let px = Math.max(0, x - radius); px <= Math.min(width - 1, x + radius); px++) {
        const patch = py * width + px
        const weight = weights[patch]!
        const from = (source[patch]! + at - patch) * CHANNELS
        sum += weight
        red += weight * data[from]!
        green += weight * data[from + 1]!
        blue += weight * data[from + 2]!
        rough += weight * data[from + 3]!
        steep += weight * data[from + 4]!
      }
    }
    painted[i * CHANNELS] = red / sum + 0.5
    painted[i * CHANNELS + 1] = green / sum + 0.5
    painted[i * CHANNELS + 2] = blue / sum + 0.5
    painted[i * CHANNELS + 3] = rough / sum + 0.5
    painted[i * CHANNELS + 4] = steep / sum + 0.5
  }
  put(level, targets, painted)
}

/** Paint every pixel with the centre of its own patch's source: as sharp as the picture, but with seams. */
export function copy(level: Level, { targets, source }: Field): void {
  const painted = new Uint8Array(targets.length * CHANNELS)
  targets.forEach((at, i) => {
    const from = source[at]! * CHANNELS
    for (let c = 0; c < CHANNELS; c++) painted[i * CHANNELS + c] = level.data[from + c]!
  })
  put(level, targets, painted)
}

function put({ data, known }: Level, targets: Int32Array, painted: Uint8Array): void {
  for (let i = 0; i < targets.length; i++) {
    const at = targets[i]!
    if (known[at]) continue
    for (let c = 0; c < CHANNELS; c++) data[at * CHANNELS + c] = painted[i * CHANNELS + c]!
  }
}
