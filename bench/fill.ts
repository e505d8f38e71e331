import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { canvas, frame } from '../src/inference/canvas.js'
import { fillEngine } from '../src/inference/engines/fill/fill.js'
import { readPicture, sizeOf } from '../src/inference/files/picture.js'
import { median } from './median.js'

const SAMPLE = fileURLToPath(new URL('../examples/lighthouse.png', import.meta.url))

/** Wall time of one and of four variations of zooming out the sample (768×512) 1.5×, in a warm engine; medians. */
export async function benchFill({ quick }: { quick: boolean }) {
  const file = await readFile(SAMPLE)
  const laid = frame({ kind: 'zoom', factor: 1.5, grow: false }, await sizeOf(file))
  const { pixels } = await readPicture(file, { size: laid.old })
  const toPaint = canvas(laid, pixels)
  const engine = fillEngine()
  const time = async (seeds: number[]) => {
    const start = performance.now()
    await engine.paint(toPaint, { seeds, prompt: '', signal: new AbortController().signal, onProgress: () => {} })
    return performance.now() - start
  }
  const runs = quick ? 1 : 3
  try {
    await time([1, 2]) // warm
    const one: number[] = []
    const four: number[] = []
    // In turn, so that both see the same load of the machine.
    for (let run = 0; run < runs; run++) {
      one.push(await time([run]))
      four.push(await time([run, run + 1, run + 2, run + 3]))
    }
    const [oneMs, fourMs] = [Math.round(median(one)), Math.round(median(four))]
    return { oneMs, fourMs, ratio: Number((fourMs / oneMs).toFixed(2)) }
  } finally {
    await engine.close()
  }
}
