import { existsSync } from 'node:fs'
import { appendFile, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { prepareMethod } from '../../src/inference/engines/fill/presets.js'
import { TUNED_PARTS, type TunedPart } from '../../src/inference/engines/fill/tuned-parts.js'
import type { Pixels } from '../../src/inference/image/pixels.js'
import { createRandom } from '../../src/inference/random.js'
import { SAMPLES } from '../fill.js'
import { type AblationResult, summaryOf } from './ablation-summary.js'
import { type Scores, scorerFor } from './scores.js'
import { readSquare, TASKS, withoutMasked } from './tasks.js'

const SEEDS = [1, 2, 3, 4]

/** Smaller than what fill-quality scores: nine engines take nine times as long. Pixels. */
const SIDE = 384

/** Fewer patches say as well how two engines differ, if both are judged by the same ones. */
const SHARE_OF_PATCHES = 0.1

const ENGINES: readonly (TunedPart | undefined)[] = [undefined, ...TUNED_PARTS]

/**
 * What each tuned part of `fill` is worth: the change of each score when the part is left out, in one thread. See
 * {@link summaryOf}.
 *
 * @param pictures folder with PNG and JPEG photos, in a random order that is always the same
 * @param results file to which each result is appended as a line of JSON; what it holds already is not painted again
 * @param minutes after which no other task is begun
 */
export async function benchFillAblation({
  quick,
  pictures = SAMPLES,
  results: file,
  minutes = Number.POSITIVE_INFINITY,
}: {
  quick: boolean
  pictures?: string
  results?: string
  minutes?: number
}) {
  const names = shuffled((await readdir(pictures)).filter(name => /\.(png|jpe?g)$/i.test(name)).sort())
  if (names.length === 0) throw new Error(`There is no PNG or JPEG in ${pictures}. Name a folder with photos.`)
  const results = file && existsSync(file) ? parseLines(await readFile(file, 'utf8')) : []
  const isDone = new Set(results.map(keyOf))
  const end = performance.now() + minutes * 60_000
  const seeds = quick ? SEEDS.slice(0, 2) : SEEDS
  for (const picture of quick ? names.slice(0, 1) : names) {
    for (const [task, maskFor] of Object.entries(TASKS)) {
      if (performance.now() > end) return summaryOf(results)
      const missing = ENGINES.filter(without =>
        seeds.some(seed => !isDone.has(keyOf({ picture, task, without, seed }))),
      )
      if (missing.length === 0) continue
      const truth = await readSquare(join(pictures, picture), SIDE)
      const mask = maskFor(names.indexOf(picture), SIDE)
      const canvas = { pixels: withoutMasked(truth, mask), mask }
      const score = scorerFor(truth, mask, SHARE_OF_PATCHES)
      for (const without of missing) {
        const added = paintAndScore({ picture, task, canvas, without, seeds, score })
        results.push(...added)
        if (file) await appendFile(file, added.map(result => `${JSON.stringify(result)}\n`).join(''))
      }
    }
  }
  return summaryOf(results)
}

interface Case {
  readonly picture: string
  readonly task: string
  readonly canvas: Parameters<typeof prepareMethod>[1]
  readonly without: TunedPart | undefined
  readonly seeds: readonly number[]
  readonly score: (painted: Pixels) => Scores
}

function paintAndScore({ picture, task, canvas, without, seeds, score }: Case): AblationResult[] {
  const startedAt = performance.now()
  const paint = prepareMethod('fill', canvas, without && { without })
  const painted = seeds.map(seed => ({ seed, pixels: paint(seed) }))
  const milliseconds = Math.round((performance.now() - startedAt) / seeds.length)
  return painted.map(({ seed, pixels }) => ({
    picture,
    task,
    ...(without && { without }),
    seed,
    scores: score(pixels),
    milliseconds,
  }))
}

function keyOf({
  picture,
  task,
  without,
  seed,
}: Pick<AblationResult, 'picture' | 'task' | 'seed'> & { without?: string | undefined }) {
  return [picture, task, without ?? '', seed].join('|')
}

/** A line that was cut off, because the process ended while it wrote, is left out. */
function parseLines(text: string): AblationResult[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
}

function shuffled(names: readonly string[]): string[] {
  const random = createRandom(38)
  return names
    .map(name => ({ name, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ name }) => name)
}
