import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eraseEngine } from '../../../../src/inference/engines/erase/engine.js'
import { loadRemovalModel } from '../../../../src/inference/engines/erase/removal-model.js'
import {
  applySymmetry,
  randomAugmentation,
  undoSymmetry,
} from '../../../../src/inference/engines/erase/test-time-augmentation.js'
import { summarizeModel } from '../../../../src/inference/engines/model-summary.js'
import { openEngine } from '../../../../src/inference/engines/open.js'
import { createEngineRegistry } from '../../../../src/inference/engines/registry.js'
import { filledMask, KEEP, PAINT } from '../../../../src/inference/image/pixels.js'
import { graphBuilder } from '../../../../src/inference/onnx/graph-builder.js'
import { engineContract, landscape } from '../../../contracts/engine.js'
import { LAMA_FILL, LAMA_SIDE, writeLama, writeMigan, writeNanEraser } from '../../../support/erasers.js'
import { problemIn } from '../../../support/problems.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-erasers-'))
  await writeLama(join(folder, 'lama.onnx'))
  await writeMigan(join(folder, 'migan.onnx'))
})
afterAll(() => rm(folder, { recursive: true }))

const at = (name: string) => join(folder, `${name}.onnx`)
engineContract('a removal model like LaMa', () => eraseEngine('lama', at('lama'), 'cpu'))
engineContract('a removal model like MI-GAN', () => eraseEngine('migan', at('migan'), 'cpu'))

/** A picture with a hole that is neither square nor centred. */
function holed(width: number, height: number) {
  const mask = filledMask({ width, height }, KEEP)
  for (let y = 6; y < 20; y++) mask.data.fill(PAINT, y * width + 10, y * width + 40)
  return { pixels: landscape(width, height), mask }
}

test('a removal model whose values are no numbers paints nothing', async () => {
  await writeNanEraser(at('nan'))
  const { pixels, mask } = holed(LAMA_SIDE, LAMA_SIDE)
  const model = await loadRemovalModel(at('nan'), 'cpu')
  const erased = problemIn(model.erase(pixels, mask))
  expect(await erased.finally(() => model.close())).toEqual({ code: 'model-overflowed', model: 'nan' })
})

describe('a removal model gets the value range of its export, and returns pixels:', () => {
  test('LaMa takes values from 0 to 1, with 1 for the hole, and returns values up to 255', async () => {
    const { pixels, mask } = holed(LAMA_SIDE, LAMA_SIDE)
    const model = await loadRemovalModel(at('lama'), 'cpu')
    expect(model).toMatchObject({ workSize: { width: LAMA_SIDE, height: LAMA_SIDE }, device: 'cpu', precision: 'fp32' })
    const { data } = await model.erase(pixels, mask).finally(() => model.close())
    const expected = pixels.data.map((value, index) => {
      const [place, channel] = [Math.floor(index / 3), index % 3]
      return mask.data[place] === PAINT ? Math.round(LAMA_FILL[channel * LAMA_SIDE * LAMA_SIDE + place]! * 255) : value
    })
    expect(data).toEqual(expected)
  })

  test('MI-GAN’s pipeline takes bytes of any size, with 0 for the hole', async () => {
    const { pixels, mask } = holed(75, 41)
    const model = await loadRemovalModel(at('migan'), 'cpu')
    expect(model.workSize).toBeUndefined()
    const { data } = await model.erase(pixels, mask).finally(() => model.close())
    const expected = pixels.data.map((value, index) => {
      const place = Math.floor(index / 3)
      return mask.data[place] === PAINT ? (((place % 75) + 1) * 5) % 256 : value
    })
    expect(data).toEqual(expected)
  })

  test('a graph with other inputs is not a removal model', async () => {
    const g = graphBuilder('other', '/')
    const x = g.input('x', 'F32', [2])
    g.output('y', g.node('Add', [x, x]), 'F32', [2])
    await writeFile(at('other'), g.bytes())
    await writeFile(at('text'), 'this is not a graph')
    const problem = { code: 'model-unreadable', model: 'other', detail: 'it does not take an image and a mask' }
    expect(await problemIn(loadRemovalModel(at('other'), 'cpu'))).toEqual(problem)
    expect(await problemIn(loadRemovalModel(at('text'), 'cpu'))).toMatchObject({
      code: 'model-unreadable',
      model: 'text',
    })
  })
})

test('each of the eight symmetries has an inverse', () => {
  const pixels = landscape(7, 4)
  const canvas = { pixels, mask: holed(7, 4).mask, old: { x: 0, y: 0, width: 7, height: 4 } }
  const views = Array.from({ length: 8 }, (_, symmetry) => applySymmetry(canvas, symmetry).pixels)
  expect(new Set(views.map(({ data }) => data.join())).size).toBe(8)
  expect(views[4]).toMatchObject({ width: 4, height: 7 })
  // The transposition comes after the mirrors: the first pixel of 5 is the top right one.
  expect([...views[5]!.data.subarray(0, 3)]).toEqual([...pixels.data.subarray(18, 21)])
  for (const [symmetry, view] of views.entries()) expect(undoSymmetry(view, symmetry)).toEqual(pixels)
})

test('an augmented canvas lies on the model’s input and keeps its aspect ratio', () => {
  for (let seed = 0; seed < 50; seed++) {
    const { symmetry, innerBox } = randomAugmentation(seed, { width: 300, height: 100 }, { width: 512, height: 512 })
    const [long, short] = symmetry & 4 ? [innerBox.height, innerBox.width] : [innerBox.width, innerBox.height]
    expect(long / short).toBeCloseTo(3, 1)
    expect(innerBox.x + innerBox.width).toBeLessThanOrEqual(512)
    expect(innerBox.y + innerBox.height).toBeLessThanOrEqual(512)
    expect(long).toBeGreaterThan(430)
  }
})

test('in the model folder it is an engine without prompt support', async () => {
  const engines = createEngineRegistry({ modelFolder: folder })
  expect(engines.get('lama')).toEqual({
    name: 'lama',
    supportsPrompt: false,
    supportsTextToImage: false,
    isEraser: true,
  })
  expect(await summarizeModel(at('lama'))).toMatchObject({ kind: 'eraser', precision: 'fp32' })
  const engine = openEngine('lama', engines, 'cpu')
  const canvas = { ...holed(90, 60), old: { x: 0, y: 0, width: 90, height: 60 } }
  const task = { seeds: [1], prompt: '', signal: new AbortController().signal, onProgress: () => {} }
  const [painted] = await engine.paint(canvas, task).finally(() => engine.close())
  const changed = painted!.data.filter((value, index) => value !== canvas.pixels.data[index])
  expect(changed.length).toBeGreaterThan(30 * 14)
})
