import { expect, test } from 'vitest'
import { type Scores, scorerFor } from '../../bench/fill-quality/scores.js'
import { TASKS, withoutMasked } from '../../bench/fill-quality/tasks.js'
import { countPainted, PAINT, type Pixels } from '../../src/inference/image/pixels.js'
import { createRandom } from '../../src/inference/random.js'

/** Less than half of what the benchmark has: a seventh of the time. Pixels. */
const SIDE = 192

const mask = TASKS['zoom 2×']!(1, SIDE)

/** Sky over waves, with noise: something that has texture, a gradient and an edge. */
const truth = drawn(1)
const scoresFor = scorerFor(truth, mask)
const own = scoresFor(truth)

function drawn(seed: number): Pixels {
  const random = createRandom(seed)
  const data = new Uint8Array(SIDE * SIDE * 3)
  for (let at = 0; at < SIDE * SIDE; at++) {
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)]
    const noise = 12 * (random() - 0.5)
    const value = y < 75 ? 140 + y / 2 : 90 + 30 * Math.sin(y / 5 + Math.sin(x / 30) * 2)
    data.set([value + noise - 20, value + noise, value + noise + 30], at * 3)
  }
  return { width: SIDE, height: SIDE, data }
}

/** The truth with its masked part changed. */
function painted(valueAt: (at: number, channel: number) => number): Pixels {
  const data = truth.data.map((value, index) =>
    mask.data[Math.floor(index / 3)] === PAINT ? valueAt(Math.floor(index / 3), index % 3) : value,
  )
  return { width: SIDE, height: SIDE, data }
}

test('the truth itself has the best sharpness and distance, and a seam of about 1', () => {
  expect(own.sharpness).toBeCloseTo(1, 6)
  expect(own.distance).toBeCloseTo(0, 6)
  expect(own.seam).toBeGreaterThan(0.9)
  expect(own.seam).toBeLessThan(1.1)
})

const flat = scoresFor(painted(() => 128))
const loud = scoresFor(noisy(255))

const worse: readonly (readonly [what: string, score: keyof Scores, scores: () => Scores, by: 'above' | 'below'])[] = [
  ['a flat colour is not sharp', 'sharpness', () => flat, 'below'],
  ['a flat colour leaves most of the picture out', 'completeness', () => flat, 'above'],
  ['noise is too sharp', 'sharpness', () => loud, 'above'],
  ['pixels that the picture does not have are not coherent', 'coherence', () => loud, 'above'],
  [
    'a brighter outside has a seam',
    'seam',
    () => scoresFor(painted((at, channel) => truth.data[at * 3 + channel]! + 40)),
    'above',
  ],
  [
    'a negative is far away',
    'distance',
    () => scoresFor(painted((at, channel) => 255 - truth.data[at * 3 + channel]!)),
    'above',
  ],
]

function noisy(range: number): Pixels {
  const random = createRandom(9)
  return painted(() => 128 + range * (random() - 0.5))
}

test.each(worse)('%s', (_, score, scores, by) => {
  const value = scores()[score]
  if (by === 'above') expect(value).toBeGreaterThan(own[score] * 1.3 + 0.05)
  else expect(value).toBeLessThan(own[score] * 0.5)
})

test('a copy of the known part is coherent: every patch of it is near a known one', () => {
  // Mirrored into the middle, as a kaleidoscope.
  const inner = (place: number) => SIDE / 4 + Math.abs(((place + SIDE / 4) % SIDE) - SIDE / 2) / 2
  const copied = painted((at, channel) => {
    const [x, y] = [Math.floor(inner(at % SIDE)), Math.floor(inner(Math.floor(at / SIDE)))]
    return truth.data[(y * SIDE + x) * 3 + channel]!
  })
  expect(scoresFor(copied).coherence).toBeLessThan(loud.coherence / 2)
})

test.each(Object.keys(TASKS))(
  '%s: the mask leaves something to continue, and the picture holds none of the truth',
  name => {
    const one = TASKS[name]!(3, SIDE)
    const share = countPainted(one) / one.data.length
    expect(share).toBeGreaterThan(0.01)
    expect(share).toBeLessThan(0.8)
    const { data } = withoutMasked(truth, one)
    for (let at = 0; at < one.data.length; at++) {
      if (data[at * 3] !== (one.data[at] === PAINT ? 127 : truth.data[at * 3])) expect.unreachable()
    }
  },
)
