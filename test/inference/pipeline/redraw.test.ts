import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { traitsOf } from '../../../src/inference/engines/default-engine.js'
import { openEngine } from '../../../src/inference/engines/open.js'
import { createEngineRegistry } from '../../../src/inference/engines/registry.js'
import { readPicture } from '../../../src/inference/image/decode.js'
import { encodePng } from '../../../src/inference/image/png.js'
import type { Edit } from '../../../src/inference/pipeline/edit.js'
import { paint } from '../../../src/inference/pipeline/paint.js'
import { readRecipe } from '../../../src/inference/pipeline/recipe-file.js'
import { resultSize } from '../../../src/inference/pipeline/request.js'
import { engineCache } from '../../../src/inference/runtime/engine-cache.js'
import { landscape } from '../../contracts/engine.js'
import { problemIn, problemOf } from '../../support/problems.js'
import { upscalerFile } from '../../support/upscalers.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redraw-'))
  await cp('test/fixtures/diffusion/models/sd1', join(folder, 'sd1'), { recursive: true })
  await mkdir(join(folder, 'upscale'))
  await writeFile(join(folder, 'upscale', 'compact.safetensors'), upscalerFile('srvgg-x4'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Paint as the painting process does, with room for only one model at a time. */
async function painted(edit: Edit, source?: Uint8Array, seed = 3, signal = new AbortController().signal) {
  const engines = createEngineRegistry({ modelFolder: folder })
  const cache = engineCache({ engines, device: 'cpu', budget: 1 })
  const progress: number[] = []
  const engine = engines.forEdit(traitsOf(edit), undefined, 'hills').name
  const request = { edit, prompt: 'hills', seeds: [seed], engine, options: { steps: 4 }, ...(source && { source }) }
  const onProgress = ({ done }: { done: number }) => void progress.push(done)
  const context = { engines, openEngine: cache.get, signal, onProgress }
  try {
    const { pictures } = await paint(request, await cache.get(engine), context)
    const [{ png, recipe }] = pictures as [(typeof pictures)[number]]
    return { png, recipe, progress, pixels: (await readPicture(png)).pixels }
  } finally {
    await cache.close()
  }
}

const creative = (strength: number, more = {}): Edit => ({ kind: 'upscale', scale: 2, creative: { strength, ...more } })

test('Upscale (Creative) paints over what the upscaler gives; at a strength of 0 that is the result', async () => {
  const source = await encodePng(landscape(75, 50))
  const plain = await painted({ kind: 'upscale', scale: 2 }, source)
  const still = await painted(creative(0), source)
  expect(Buffer.compare(still.pixels.data, plain.pixels.data)).toBe(0)
  const over = await painted(creative(0.5), source)
  expect([over.pixels.width, over.pixels.height]).toEqual([150, 100])
  expect(Buffer.compare(over.pixels.data, plain.pixels.data)).not.toBe(0)
  expect(over.progress).toEqual([...over.progress].sort((one, other) => one - other))
  expect(over.progress.at(-1)).toBe(1)
  // The recipe has all that decides the picture, and says it in A1111's words too.
  const upscaler = 'upscale/compact'
  expect(readRecipe(over.png)).toMatchObject({
    ...over.recipe,
    engine: 'sd1',
    edit: creative(0.5, { upscaler }),
    seed: 3,
  })
  expect((await sharp(over.png).metadata()).comments?.[0]?.text).toMatch(
    /Denoising strength: 0\.5, SD upscale overlap: 64, SD upscale upscaler: upscale\/compact/,
  )
  const again = await painted(creative(0.5, { upscaler }), source)
  expect(Buffer.compare(again.pixels.data, over.pixels.data)).toBe(0)
  for (const other of [
    await painted(creative(0.5, { upscaler }), source, 4),
    await painted(creative(0.5, { upscaler: 'lanczos' }), source),
    await painted(creative(0.5, { upscaler, tileSize: 64, overlap: 16 }), source),
  ]) {
    expect(Buffer.compare(other.pixels.data, over.pixels.data)).not.toBe(0)
  }
}, 60_000)

test('transparency is upscaled and not painted over', async () => {
  const { data } = landscape(64, 48)
  const rgba = Buffer.from(
    Array.from({ length: 64 * 48 }, (_, at) => [...data.subarray(at * 3, at * 3 + 3), at % 64 < 32 ? 0 : 255]).flat(),
  )
  const source = await sharp(rgba, { raw: { width: 64, height: 48, channels: 4 } })
    .png()
    .toBuffer()
  const [plain, over] = [await painted({ kind: 'upscale', scale: 2 }, source), await painted(creative(0.5), source)]
  const alphaOf = ({ png }: { png: Uint8Array }) => sharp(png).extractChannel(3).raw().toBuffer()
  expect(await alphaOf(over)).toEqual(await alphaOf(plain))
})

test('it is cancelled within a tile', async () => {
  const controller = new AbortController()
  const source = await encodePng(landscape(200, 200))
  const engines = createEngineRegistry({ modelFolder: folder })
  const engine = openEngine('sd1', engines, 'cpu')
  const lanczos = openEngine('lanczos', engines)
  const seen: number[] = []
  const stopped = paint(
    {
      edit: creative(1, { upscaler: 'lanczos' }),
      source,
      prompt: '',
      seeds: [1],
      engine: 'sd1',
      options: { steps: 4 },
    },
    engine,
    {
      engines,
      openEngine: async name => (name === 'lanczos' ? lanczos : engine),
      signal: controller.signal,
      onProgress({ done }) {
        seen.push(done)
        if (done > 0.15) controller.abort(new Error('enough'))
      },
    },
  )
  await expect(stopped).rejects.toThrow('enough')
  expect(seen.filter(done => done > 0.15)).toHaveLength(1)
  await Promise.all([engine.close(), lanczos.close()])
})

test('without a diffusion model, or with an unknown upscaler, it says what to do', async () => {
  const nothing = createEngineRegistry({ modelFolder: join(folder, 'nothing') })
  const edit = traitsOf(creative(0.3))
  expect(problemOf(() => nothing.forEdit(edit))).toEqual({ code: 'needs-model', what: 'creative' })
  expect(problemOf(() => nothing.forEdit(edit, 'fill'))).toEqual({ code: 'needs-model', what: 'creative' })
  // A default that can't paint it is ignored.
  const { forEdit } = createEngineRegistry({ modelFolder: folder, defaultEngine: 'fill' })
  expect(forEdit(edit).name).toBe('sd1')
  const source = await encodePng(landscape(40, 40))
  expect(await problemIn(painted(creative(0.3, { upscaler: 'magic' }), source))).toMatchObject({
    code: 'engine-unknown',
    engine: 'magic',
    known: 'upscale/compact, lanczos',
  })
})

const imagined = (hires?: Extract<Edit, { kind: 'imagine' }>['hires']): Edit => ({
  kind: 'imagine',
  width: 80,
  height: 64,
  ...(hires && { hires }),
})

test('hires fix enlarges what was painted and paints over it; at a strength of 0 it is only enlarged', async () => {
  const upscaler = 'upscale/compact'
  const small = await painted(imagined())
  const still = await painted(imagined({ scale: 2, strength: 0 }))
  const enlarged = await painted({ kind: 'upscale', scale: 2 }, small.png)
  expect(Buffer.compare(still.pixels.data, enlarged.pixels.data)).toBe(0)
  const over = await painted(imagined({ scale: 2, strength: 0.5 }))
  expect(Buffer.compare(over.pixels.data, still.pixels.data)).not.toBe(0)
  expect(over.progress).toEqual([...over.progress].sort((one, other) => one - other))
  expect(over.progress.at(-1)).toBe(1)
  expect(readRecipe(over.png)).toMatchObject({ edit: imagined({ scale: 2, strength: 0.5, upscaler }), engine: 'sd1' })
  expect((await sharp(over.png).metadata()).comments?.[0]?.text).toMatch(
    /Denoising strength: 0\.5, Hires upscale: 2, Hires upscaler: upscale\/compact/,
  )
  // "Upscale by" need not be whole.
  const { pixels } = await painted(imagined({ scale: 1.3, strength: 0.5, upscaler: 'lanczos' }))
  expect([pixels.width, pixels.height]).toEqual([104, 83])
}, 60_000)

test('the size of a result is known before, and its limit', () => {
  const sizeOf = (scale: number) =>
    resultSize({ kind: 'imagine', width: 2048, height: 1024, hires: { scale, strength: 0.5 } }, undefined)
  expect(sizeOf(1.3)).toEqual({ width: 2662, height: 1331 })
  expect(problemOf(() => sizeOf(4))).toEqual({ code: 'hires-too-large', width: 8192, height: 4096, limit: 17 })
})
