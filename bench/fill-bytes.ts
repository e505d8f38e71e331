import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fillEngine } from '../src/inference/engines/fill/engine.js'
import type { Method } from '../src/inference/engines/fill/methods.js'
import { layouts, SAMPLES } from './fill.js'

const SEEDS = [1, 2]

/** Every task with the default method, and a hole with each of the others. */
const runs: readonly (readonly [task: string, method: Method])[] = [
  ...Object.keys(layouts).map(task => [task, 'fill'] as const),
  ...(['fill:exemplar', 'fill:texture', 'fill:pde'] as const).map(method => ['a hole', method] as const),
]

/**
 * SHA-256 of the pixels that `fill` paints, for each picture, task and seed. Two versions of the engine paint the same pictures if these
 * are equal: keep the `--json` line of one, and give it to the other by `--compare FILE`.
 *
 * @param compare file that holds an earlier result as JSON
 */
export async function benchFillBytes({
  quick,
  pictures = SAMPLES,
  compare,
}: {
  quick: boolean
  pictures?: string
  compare?: string
}) {
  const files = (await readdir(pictures)).filter(name => /\.(png|jpe?g)$/.test(name)).sort()
  const hashes: Record<string, string> = {}
  for (const [task, method] of quick ? runs.slice(0, 1) : runs) {
    const engine = fillEngine(method)
    try {
      for (const file of files) {
        const canvas = await layouts[task]!(join(pictures, file))
        const painted = await engine.paint(canvas, {
          seeds: SEEDS,
          prompt: '',
          signal: new AbortController().signal,
          onProgress: () => {},
        })
        for (const [index, { data }] of painted.entries()) {
          hashes[`${file} ${task} ${method} ${SEEDS[index]}`] = createHash('sha256').update(data).digest('hex')
        }
      }
    } finally {
      await engine.close()
    }
  }
  const total = createHash('sha256').update(JSON.stringify(hashes)).digest('hex')
  if (compare === undefined) return { pictures: Object.keys(hashes).length, total, hashes }
  const earlier: typeof hashes = JSON.parse(await readFile(compare, 'utf8')).hashes
  const different = Object.keys(hashes).filter(name => name in earlier && hashes[name] !== earlier[name])
  const compared = Object.keys(hashes).filter(name => name in earlier).length
  return { pictures: Object.keys(hashes).length, compared, same: compared - different.length, different, total }
}
