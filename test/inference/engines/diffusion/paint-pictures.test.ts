import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PostProcess, postProcessHere } from '../../../../src/inference/engines/diffusion/inpaint/post-process.js'
import { postProcessingThread } from '../../../../src/inference/engines/diffusion/inpaint/post-processing-thread.js'
import {
  type DiffusionModel,
  loadDiffusionModel,
} from '../../../../src/inference/engines/diffusion/model/diffusion-model.js'
import { paintPictures } from '../../../../src/inference/engines/diffusion/paint-pictures.js'
import { fillEngine } from '../../../../src/inference/engines/fill/engine.js'
import { createCanvas } from '../../../../src/inference/pipeline/canvas.js'
import type { Engine, PaintTask } from '../../../../src/inference/pipeline/engine.js'
import { layoutCanvas } from '../../../../src/inference/pipeline/layout.js'
import { landscape } from '../../../contracts/engine.js'

const layout = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, { width: 96, height: 64 })
const canvas = createCanvas(layout, landscape(layout.old.width, layout.old.height))

let onCpu: DiffusionModel
let fill: Engine
beforeAll(async () => {
  onCpu = await loadDiffusionModel(join('test/fixtures/diffusion/models', 'sd1'), 'cpu')
  fill = fillEngine('fill')
})
afterAll(async () => {
  await onCpu.close()
  await fill.close()
})

/** The model as on a GPU, and how it is used: the runs of its UNet, and the most at the same time. */
function onGpu(afterRun: (runs: number) => void = () => {}) {
  const used = { runs: 0, running: 0, most: 0 }
  const model: DiffusionModel = {
    ...onCpu,
    device: 'stand-in for a GPU',
    unet: {
      ...onCpu.unet,
      async predict(...given) {
        used.most = Math.max(used.most, ++used.running)
        const outputs = await onCpu.unet.predict(...given).finally(() => used.running--)
        afterRun(++used.runs)
        return outputs
      },
    },
  }
  return { model, used }
}

const STEPS = 2
const OPTIONS = { steps: STEPS, strength: 1, seam: true } as const
/** `fill` as the initial image takes most of the time of a painting by a tiny model. */
const taskOf = (seeds: number[], more: Partial<PaintTask> = {}): PaintTask => ({
  seeds,
  prompt: 'the sea',
  options: { ...OPTIONS, prefill: 'edge color' },
  signal: new AbortController().signal,
  onProgress: () => {},
  ...more,
})

test('several pictures are those that are painted alone, and a thread post-processes them', async () => {
  const thread = postProcessingThread(0)
  const { model } = onGpu()
  const seen: number[] = []
  const done: number[] = []
  const task = taskOf([1, 2, 3], {
    options: OPTIONS,
    onProgress: progress => done.push(progress.done),
    onPicture: (_, index) => seen.push(index),
  })
  const pictures = await paintPictures(model, canvas, task, fill, undefined, thread.postProcess).finally(thread.close)
  expect(seen.toSorted()).toEqual([0, 1, 2])
  expect(done).toEqual(done.toSorted((one, other) => one - other))
  expect(done.at(-1)).toBe(1)
  for (const [index, seed] of [1, 2, 3].entries()) {
    const [alone] = await paintPictures(model, canvas, taskOf([seed], { options: OPTIONS }), fill)
    expect(Buffer.compare(pictures[index]!.data, alone!.data)).toBe(0)
  }
})

test('the next picture is painted while one is post-processed, and the device does one thing at a time', async () => {
  let secondBegins = () => {}
  const secondBegun = new Promise<void>(resolve => {
    secondBegins = resolve
  })
  const { model, used } = onGpu(runs => {
    if (runs > STEPS) secondBegins()
  })
  const waiting: PostProcess = {
    ...postProcessHere,
    async matchColors(task) {
      await secondBegun
      return postProcessHere.matchColors(task)
    },
  }
  const pictures = await paintPictures(model, canvas, taskOf([1, 2]), fill, undefined, waiting)
  expect(pictures).toHaveLength(2)
  expect(used).toMatchObject({ running: 0, most: 1 })
})

test.each(['an error', 'a cancellation'])('after %s nothing is under way', async how => {
  const reason = new Error('enough')
  const controller = new AbortController()
  const { model, used } = onGpu()
  const ends: PostProcess = {
    ...postProcessHere,
    async matchColors() {
      if (how === 'an error') throw reason
      controller.abort(reason)
      return canvas.pixels
    },
  }
  const task = taskOf([1, 2, 3], { signal: controller.signal })
  await expect(paintPictures(model, canvas, task, fill, undefined, ends)).rejects.toBe(reason)
  const { runs } = used
  expect(runs).toBeLessThan(3 * STEPS)
  expect(used.running).toBe(0)
  await new Promise(resolve => setImmediate(resolve))
  expect(used.runs).toBe(runs)
})
