import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fillEngine } from '../../src/inference/engines/fill/engine.js'
import { METHODS, type Method } from '../../src/inference/engines/fill/methods.js'
import { KEEP, type Mask } from '../../src/inference/image/pixels.js'
import type { Canvas } from '../../src/inference/pipeline/canvas.js'
import { SAMPLES } from '../fill.js'
import { median } from '../median.js'
import { type Scores, scorerFor } from './scores.js'
import { readSquare, SIDE, TASKS, withoutMasked } from './tasks.js'

/** One more seed shows how much of a difference is chance. */
const SEEDS = [1, 2, 3, 4]

/**
 * The scores of the built-in engine on four tasks, as medians over the photos in a folder, with their spread over the
 * seeds: the difference between the highest and the lowest of the medians of each seed. A change is an improvement only
 * if it moves a score by more than that.
 *
 * @param pictures folder with PNG and JPEG photos; their middle 512×512 is used
 * @param method a preset of `fill`
 */
export async function benchFillQuality({
  quick,
  pictures = SAMPLES,
  method = 'fill',
}: {
  quick: boolean
  pictures?: string
  method?: string
}) {
  if (!isMethod(method)) throw new Error(`There is no method “${method}”. Use one of: ${METHODS.join(', ')}.`)
  const files = (await readdir(pictures)).filter(name => /\.(png|jpe?g)$/i.test(name)).sort()
  if (files.length === 0) throw new Error(`There is no PNG or JPEG in ${pictures}. Name a folder with photos.`)
  const used = quick ? files.slice(0, 1) : files
  const seeds = quick ? SEEDS.slice(0, 1) : SEEDS
  const engine = fillEngine(method)
  try {
    const tasks: Record<string, Record<string, { median: number; spread?: number }>> = {}
    for (const [task, maskFor] of Object.entries(TASKS)) {
      const bySeed: Scores[][] = seeds.map(() => [])
      for (const [number, file] of used.entries()) {
        const truth = await readSquare(join(pictures, file))
        const mask = maskFor(number)
        const canvas: Canvas = { pixels: withoutMasked(truth, mask), mask, old: knownBox(mask) }
        const painted = await engine.paint(canvas, {
          seeds,
          prompt: '',
          signal: new AbortController().signal,
          onProgress: () => {},
        })
        const score = scorerFor(truth, mask)
        for (const [index, picture] of painted.entries()) bySeed[index]!.push(score(picture))
      }
      tasks[task] = summary(bySeed)
    }
    return { method, pictures: used.length, seeds: seeds.length, tasks }
  } finally {
    await engine.close()
  }
}

function isMethod(name: string): name is Method {
  return METHODS.some(method => method === name)
}

/** For each score the median over the pictures, averaged over the seeds, and how far the seeds' medians are apart. */
function summary(bySeed: readonly (readonly Scores[])[]) {
  const names = Object.keys(bySeed[0]![0]!) as (keyof Scores)[]
  return Object.fromEntries(
    names.map(name => {
      const medians = bySeed.map(scores => median(scores.map(score => score[name]).filter(Number.isFinite)))
      const mean = medians.reduce((sum, value) => sum + value, 0) / medians.length
      const spread = Math.max(...medians) - Math.min(...medians)
      return [name, { median: rounded(mean), ...(medians.length > 1 && { spread: rounded(spread) }) }]
    }),
  )
}

function rounded(value: number): number {
  return Number(value.toFixed(3))
}

/** The smallest box that holds all known pixels. */
function knownBox({ data }: Mask) {
  let [left, top, right, bottom] = [SIDE, SIDE, 0, 0]
  for (let at = 0; at < data.length; at++) {
    if (data[at] !== KEEP) continue
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)]
    left = Math.min(left, x)
    right = Math.max(right, x + 1)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y + 1)
  }
  return { x: left, y: top, width: right - left, height: bottom - top }
}
