import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diffusionEngine } from '../../../../src/inference/engines/diffusion/engine.js'
import { summarizeModel } from '../../../../src/inference/engines/model-summary.js'
import { createEngineRegistry } from '../../../../src/inference/engines/registry.js'
import { createCanvas } from '../../../../src/inference/pipeline/canvas.js'
import type { Engine, PaintTaskOptions } from '../../../../src/inference/pipeline/engine.js'
import { layoutCanvas } from '../../../../src/inference/pipeline/layout.js'
import { formatParameters } from '../../../../src/inference/pipeline/recipe.js'
import { landscape } from '../../../contracts/engine.js'
import { writeDiffusersFolder, writeSingleFile } from '../../../support/checkpoints.js'
import { problemIn } from '../../../support/problems.js'

describe('a refiner', () => {
  let folder: string
  let engine: Engine
  const lines: string[] = []
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overscan-refiner-'))
    // A folder says at which size the tiny model paints.
    await writeDiffusersFolder('sdxl', join(folder, 'base'), 'F16')
    await writeSingleFile('sdxl-refiner', join(folder, 'refiner.safetensors'), 'F16')
    await writeDiffusersFolder('sdxl-refiner', join(folder, 'refiner-folder'), 'F16')
    for (const name of ['sd1', 'sd1-inpaint']) {
      await cp(`test/fixtures/diffusion/models/${name}`, join(folder, name), { recursive: true })
    }
    engine = diffusionEngine('base', join(folder, 'base'), 'cpu', line => lines.push(line))
  }, 60_000)
  afterAll(async () => {
    await engine.close()
    await rm(folder, { recursive: true })
  })

  const layout = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, { width: 64, height: 64 })
  const canvas = createCanvas(layout, landscape(layout.old.width, layout.old.height))
  const paint = async (options: PaintTaskOptions, by: Engine = engine) => {
    const task = { seeds: [1], prompt: 'the sea', signal: new AbortController().signal, onProgress: () => {} }
    const [picture] = await by.paint(canvas, {
      ...task,
      // `fill` as the initial image takes most of the time of a painting by a tiny model.
      options: { steps: 4, sampler: 'Euler', seam: false, prefill: 'edge color', ...options },
    })
    return picture!.data
  }

  /** The mean difference in grey levels. */
  const difference = (one: Uint8Array, other: Uint8Array) =>
    one.reduce((sum, value, at) => sum + Math.abs(value - other[at]!), 0) / one.length

  test('paints the last steps; a later switch leaves less to it, and the log names its device', async () => {
    const alone = await paint({})
    const early = await paint({ refiner: 'refiner', switchAt: 0.3 })
    expect(lines).toContain('refiner runs on cpu')
    const late = await paint({ refiner: 'refiner', switchAt: 0.9 })
    expect(difference(early, alone)).toBeGreaterThan(difference(late, alone))
    expect(difference(late, alone)).toBeGreaterThan(0.1)
    expect(await paint({ refiner: 'refiner', switchAt: 1 })).toEqual(alone)
    expect(difference(await paint({ refiner: 'refiner-folder', switchAt: 0.3 }), early)).toBeLessThan(0.01)
  }, 60_000)

  test('has to be installed and to fit', async () => {
    expect(await problemIn(paint({ refiner: 'nothing' }))).toMatchObject({ code: 'engine-unknown', engine: 'nothing' })
    expect(await problemIn(paint({ refiner: '../base' }))).toMatchObject({ code: 'engine-unknown' })
    expect(await problemIn(paint({ refiner: 'sd1' }))).toEqual({ code: 'refiner-unfit', refiner: 'sd1', model: 'base' })
    const general = diffusionEngine('sd1', join(folder, 'sd1'), 'cpu')
    expect(await problemIn(paint({ refiner: 'sd1-inpaint' }, general))).toMatchObject({ code: 'refiner-unfit' })
    await general.close()
  }, 60_000)

  test('of SDXL can’t begin a picture, and is the default for nothing', async () => {
    const alone = diffusionEngine('refiner', join(folder, 'refiner.safetensors'), 'cpu')
    expect(await problemIn(paint({}, alone))).toEqual({ code: 'model-is-refiner', model: 'refiner' })
    await alone.close()
    expect((await summarizeModel(join(folder, 'refiner.safetensors'))).kind).toBe('SDXL refiner')
    for (const name of ['base', 'sd1', 'sd1-inpaint']) await rm(join(folder, name), { recursive: true })
    const engines = createEngineRegistry({ modelFolder: folder })
    expect(engines.forEdit({ kind: 'zoom' }).name).toBe('fill')
    expect(await problemIn((async () => engines.forEdit({ kind: 'imagine' }))())).toMatchObject({ code: 'needs-model' })
  })
})

test('A1111’s names of a refiner’s settings are in the picture’s parameters', () => {
  const recipe = {
    edit: { kind: 'imagine', width: 64, height: 64 } as const,
    old: { x: 0, y: 0, width: 0, height: 0 },
    prompt: '',
    seed: 1,
    engine: 'base',
    source: '',
  }
  const parameters = (options: PaintTaskOptions) => formatParameters({ ...recipe, options }, { width: 64, height: 64 })
  expect(parameters({ refiner: 'xl', switchAt: 0.7 })).toContain(', Refiner: xl, Refiner switch at: 0.7, ')
  expect(parameters({ refiner: 'xl' })).toContain(', Refiner: xl, Refiner switch at: 0.8, ')
})
