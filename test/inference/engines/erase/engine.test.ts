import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { eraseEngine } from '../../../../src/inference/engines/erase/engine.js'
import { loadRemovalModel } from '../../../../src/inference/engines/erase/removal-network.js'
import {
  applySymmetry,
  randomAugmentation,
  undoSymmetry,
} from '../../../../src/inference/engines/erase/test-time-augmentation.js'
import { summarizeModel } from '../../../../src/inference/engines/model-summary.js'
import { openEngine } from '../../../../src/inference/engines/open.js'
import { engineNamed } from '../../../../src/inference/engines/registry.js'
import { filledMask, KEEP, PAINT } from '../../../../src/inference/image/pixels.js'
import { graphBuilder } from '../../../../src/inference/onnx/graph-builder.js'
import { engineContract, landscape } from '../../../contracts/engine.js'
import { LAMA_FILL, LAMA_SIDE, writeLama, writeMigan } from '../../../support/erasers.js'
import { problemIn } from '../../../support/problems.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-erasers-'))
  await writeLama(join(folder, 'lama.onnx'))
  await writeMigan(join(folder, 'migan.onnx'))
})
afterAll(() => rm(folder, { recursive: true }))

const at = (name: string) => join(folder, `${name}.onnx`)
engineContract('a network of LaMa’s kind', () => eraseEngine('lama', at('lama'), 'cpu'))
engineContract('a network of MI-GAN’s kind', () => eraseEngine('migan', at('migan'), 'cpu'))

/** A picture with a hole that is not square, nor in the middle. */
function holed(width: number, height: number) {
  const mask = filledMask({ width, height }, KEEP)
  for (let y = 6; y < 20; y++) mask.data.fill(PAINT, y * width + 10, y * width + 40)
  return { pixels: landscape(width, height), mask }
}

describe('a network is given what it was exported for, and gives pictures:', () => {
  test('LaMa takes shares and 1 for a hole, and gives values up to 255', async () => {
    const { pixels, mask } = holed(LAMA_SIDE, LAMA_SIDE)
    const eraser = await loadRemovalModel(at('lama'), 'cpu')
    expect(eraser).toMatchObject({ size: { width: LAMA_SIDE, height: LAMA_SIDE }, device: 'cpu', precision: 'fp32' })
    const { data } = await eraser.erase(pixels, mask).finally(() => eraser.close())
    const expected = pixels.data.map((value, index) => {
      const [place, channel] = [Math.floor(index / 3), index % 3]
      return mask.data[place] === PAINT ? Math.round(LAMA_FILL[channel * LAMA_SIDE * LAMA_SIDE + place]! * 255) : value
    })
    expect(data).toEqual(expected)
  })

  test('MI-GAN’s pipeline takes bytes of any size and 0 for a hole', async () => {
    const { pixels, mask } = holed(75, 41)
    const eraser = await loadRemovalModel(at('migan'), 'cpu')
    expect(eraser.workSize).toBeUndefined()
    const { data } = await eraser.erase(pixels, mask).finally(() => eraser.close())
    const expected = pixels.data.map((value, index) => {
      const place = Math.floor(index / 3)
      return mask.data[place] === PAINT ? (((place % 75) + 1) * 5) % 256 : value
    })
    expect(data).toEqual(expected)
  })

  test('what takes something else is none', async () => {
    const g = graphBuilder('other', '/')
    const x = g.input('x', 'F32', [2])
    g.output('y', g.node('Add', [x, x]), 'F32', [2])
    await writeFile(at('other'), g.bytes())
    await writeFile(at('text'), 'this is no graph')
    const problem = { code: 'model-unreadable', model: 'other', detail: 'it does not take an image and a mask' }
    expect(await problemIn(loadRemovalModel(at('other'), 'cpu'))).toEqual(problem)
    expect(await problemIn(loadRemovalModel(at('text'), 'cpu'))).toMatchObject({
      code: 'model-unreadable',
      model: 'text',
    })
  })
})

test('a picture comes back as it was from each of its eight sides', () => {
  const pixels = landscape(7, 4)
  const canvas = { pixels, mask: holed(7, 4).mask, old: { x: 0, y: 0, width: 7, height: 4 } }
  const sides = Array.from({ length: 8 }, (_, turn) => applySymmetry(canvas, turn).pixels)
  expect(new Set(sides.map(({ data }) => data.join())).size).toBe(8)
  expect(sides[4]).toMatchObject({ width: 4, height: 7 })
  // Rows become columns after the mirrors: the first pixel of 5 is the top right one.
  expect([...sides[5]!.data.subarray(0, 3)]).toEqual([...pixels.data.subarray(18, 21)])
  for (const [turn, side] of sides.entries()) expect(undoSymmetry(side, turn)).toEqual(pixels)
})

test('a view lies within what the network paints, in the picture’s shape', () => {
  for (let seed = 0; seed < 50; seed++) {
    const { symmetry, innerBox } = randomAugmentation(seed, { width: 300, height: 100 }, { width: 512, height: 512 })
    const [long, short] = symmetry & 4 ? [innerBox.height, innerBox.width] : [innerBox.width, innerBox.height]
    expect(long / short).toBeCloseTo(3, 1)
    expect(innerBox.x + innerBox.width).toBeLessThanOrEqual(512)
    expect(innerBox.y + innerBox.height).toBeLessThanOrEqual(512)
    expect(long).toBeGreaterThan(430)
  }
})

test('in the models’ folder it is an engine that can’t read', async () => {
  vi.stubEnv('MODEL_FOLDER', folder)
  vi.stubEnv('DEVICE', 'cpu')
  try {
    expect(engineNamed('lama')).toEqual({ name: 'lama', reads: false, imagines: false })
    expect(await summarizeModel(at('lama'))).toMatchObject({ kind: 'eraser', precision: 'fp32' })
    const engine = openEngine('lama')
    const canvas = { ...holed(90, 60), old: { x: 0, y: 0, width: 90, height: 60 } }
    const task = { seeds: [1], prompt: '', signal: new AbortController().signal, onProgress: () => {} }
    const [painted] = await engine.paint(canvas, task).finally(() => engine.close())
    const changed = painted!.data.filter((value, index) => value !== canvas.pixels.data[index])
    expect(changed.length).toBeGreaterThan(30 * 14)
  } finally {
    vi.unstubAllEnvs()
  }
})
