import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { fillAhead, fillOnDemand } from '../../../../src/inference/engines/diffusion/inpaint/initial-fill.js'
import { fillEngine } from '../../../../src/inference/engines/fill/engine.js'
import { createCanvas } from '../../../../src/inference/pipeline/canvas.js'
import type { Engine } from '../../../../src/inference/pipeline/engine.js'
import { layoutCanvas } from '../../../../src/inference/pipeline/layout.js'
import { landscape } from '../../../contracts/engine.js'

const pixels = landscape(48, 32)
const canvas = createCanvas(layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, pixels), landscape(32, 21))
const { signal } = new AbortController()

/** The real engine, and the seeds of each call. */
function recorded(): { engine: Engine; calls: (readonly number[])[] } {
  const engine = fillEngine('fill')
  const calls: (readonly number[])[] = []
  return {
    calls,
    engine: {
      ...engine,
      paint(on, task) {
        calls.push(task.seeds)
        return engine.paint(on, task)
      },
    },
  }
}

test('with the first picture the others are begun, and they are the same as on demand', async () => {
  const { engine, calls } = recorded()
  const ahead = fillAhead(engine, [5, 6, 7], signal)
  const first = await ahead(canvas, 5)
  expect(calls).toEqual([[5]])
  await vi.waitFor(() => expect(calls).toEqual([[5], [6, 7]]))
  const pictures = [first, await ahead(canvas, 6), await ahead(canvas, 7)]
  expect(calls).toHaveLength(2)
  for (const [index, seed] of [5, 6, 7].entries())
    expect(pictures[index]).toEqual(await fillOnDemand(engine, signal)(canvas, seed))
  const drafts = fillAhead(engine, [5, 6], signal)
  for (const [index, seed] of [5, 6].entries()) {
    const draft = await drafts(canvas, seed, 0.75)
    expect(draft).toEqual(await fillOnDemand(engine, signal)(canvas, seed, 0.75))
    expect(draft).not.toEqual(pictures[index])
  }
  await engine.close()
})

test('a picture is there before later ones are made', async () => {
  const threads = Math.max(2, availableParallelism())
  const seeds = Array.from({ length: threads + 2 }, (_, index) => index)
  const made: number[] = []
  let makeLast = () => {}
  const fill: Engine = {
    ...recorded().engine,
    async paint(_, { seeds: group }) {
      if (group.includes(threads + 1))
        await new Promise<void>(resolve => {
          makeLast = resolve
        })
      made.push(...group)
      return group.map(() => pixels)
    },
  }
  const ahead = fillAhead(fill, seeds, signal)
  await ahead(canvas, 0)
  await ahead(canvas, threads)
  expect(made).toEqual(seeds.slice(0, -1))
  const last = ahead(canvas, threads + 1)
  await sleep(0)
  makeLast()
  expect(await last).toBe(pixels)
})

test('of one picture nothing more is begun, and the same seed twice gives the same picture twice', async () => {
  const { engine, calls } = recorded()
  await fillAhead(engine, [5], signal)(canvas, 5)
  expect(calls).toEqual([[5]])
  const twice = fillAhead(engine, [5, 5], signal)
  expect(await twice(canvas, 5)).toEqual(await twice(canvas, 5))
  await engine.close()
})

test('an error of a picture that was begun reaches whoever asks for it, and nobody else', async () => {
  const { engine } = recorded()
  const fails: Engine = {
    ...engine,
    paint: async (on, task) => {
      if (task.seeds.includes(6)) throw new Error('no memory')
      return engine.paint(on, task)
    },
  }
  const ahead = fillAhead(fails, [5, 6], signal)
  await ahead(canvas, 5)
  await sleep(20)
  await expect(ahead(canvas, 6)).rejects.toThrow('no memory')
  await engine.close()
})
