import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readUpscaler } from '../../../../src/inference/checkpoint/upscaler.js'
import { openEngine } from '../../../../src/inference/engines/open.js'
import { createEngineRegistry } from '../../../../src/inference/engines/registry.js'
import { marginOf } from '../../../../src/inference/engines/upscale/engine.js'
import { loadUpscaleNetwork } from '../../../../src/inference/engines/upscale/network.js'
import { reduce, resample } from '../../../../src/inference/engines/upscale/resample.js'
import { enlargeInTiles } from '../../../../src/inference/engines/upscale/tiles.js'
import { readPicture } from '../../../../src/inference/image/decode.js'
import type { Extent } from '../../../../src/inference/image/geometry.js'
import { cropPixels, filledMask, PAINT, type Pixels } from '../../../../src/inference/image/pixels.js'
import { openOnnxSession } from '../../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../../src/inference/onnx/verified-session.js'
import { paint } from '../../../../src/inference/pipeline/paint.js'
import { readRecipe } from '../../../../src/inference/pipeline/recipe-file.js'
import { encodeSafetensors } from '../../../support/checkpoints.js'
import { problemIn } from '../../../support/problems.js'
import { shared, testWithShared } from '../../../support/shared.js'
import { UPSCALER_CASES, UPSCALER_INPUT, upscalerFile, upscalerTensors } from '../../../support/upscalers.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'upscale-'))
  await mkdir(join(folder, 'upscale'))
})
afterAll(() => rm(folder, { recursive: true }))

async function written(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, 'upscale', name)
  await writeFile(path, bytes)
  return path
}

/** The names of the oldest files: layers are only numbered. */
const oldNames = (key: string) =>
  key
    .replace(/^conv_first/, 'model.0')
    .replace(/^body\.(\d)\.rdb(\d)\.conv(\d)/, 'model.1.sub.$1.RDB$2.conv$3.0')
    .replace(/^conv_body/, 'model.1.sub.2')
    .replace(/^conv_up1/, 'model.3')
    .replace(/^conv_up2/, 'model.6')
    .replace(/^conv_hr/, 'model.8')
    .replace(/^conv_last/, 'model.10')

/** The names of ESRGAN's repository. */
const trunkNames = (key: string) =>
  key
    .replace(/^body\.(\d)\.rdb(\d)/, 'RRDB_trunk.$1.RDB$2')
    .replace(/^conv_body/, 'trunk_conv')
    .replace(/^conv_up/, 'upconv')
    .replace(/^conv_hr/, 'HRconv')

describe('a network gives what torch gives', () => {
  test.each([
    ['rrdbnet-x4', 'its own names', (key: string) => key, 4],
    ['rrdbnet-x4', 'numbered layers', oldNames, 4],
    ['rrdbnet-x4', 'the names of ESRGAN', trunkNames, 4],
    ['rrdbnet-x4', 'the wrapper of training', (key: string) => `params_ema.${key}`, 4],
    ['rrdbnet-x2', 'its own names', (key: string) => key, 2],
    ['srvgg-x4', 'its own names', (key: string) => key, 4],
  ])('%s with %s', async (name, _, rename, scale) => {
    const upscaler = await readUpscaler(await written(`${name}.safetensors`, upscalerFile(name, rename)))
    expect(upscaler.scale).toBe(scale)
    const session = await openOnnxSession(upscaler.source, CPU_PROVIDER)
    const { upscaled } = await session.run({ image: UPSCALER_INPUT }, ['upscaled']).finally(() => session.close())
    const { size, values } = UPSCALER_CASES[name]!
    expect(upscaled.dims).toEqual([1, ...size])
    const worst = values.reduce((most, value, at) => Math.max(most, Math.abs(value - upscaled.data[at]!)), 0)
    expect(worst).toBeLessThan(1e-4)
  })
})

test('what is no upscaler is refused with its name', async () => {
  const tensors = upscalerTensors('rrdbnet-x4')
  const [first] = tensors.values()
  const unknown = async (name: string, content: Map<string, typeof first>) =>
    problemIn(readUpscaler(await written(name, encodeSafetensors(content as never, 'F32'))))
  expect(await unknown('vae.safetensors', new Map([['decoder.conv_in.weight', first]]))).toEqual({
    code: 'upscaler-unknown',
    file: 'vae.safetensors',
  })
  // ESRGAN+ has a layer more in each block.
  expect(await unknown('plus.safetensors', new Map([...tensors, ['body.0.rdb1.conv1x1.weight', first]]))).toEqual({
    code: 'upscaler-unknown',
    file: 'plus.safetensors',
  })
  const lacking = new Map([...tensors].filter(([name]) => name !== 'body.1.rdb2.conv3.bias'))
  expect(await unknown('lacking.safetensors', lacking)).toEqual({
    code: 'checkpoint-incomplete',
    file: 'lacking.safetensors',
    missing: 'body.1.rdb2.conv3.bias',
  })
  await rm(join(folder, 'upscale'), { recursive: true })
  await mkdir(join(folder, 'upscale'))
})

/** Smooth waves and hard edges. */
function pattern({ width, height }: Extent): Pixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, index) => {
    const [x, y] = [Math.floor(index / 3) % width, Math.floor(index / 3 / width)]
    const wave = 60 * Math.sin(x / 5 + (index % 3)) + 60 * Math.cos(y / 7)
    return 128 + wave + (((x >> 3) + (y >> 4)) % 2) * 40 - 20
  })
  return { width, height, data }
}

function differences(one: Pixels, other: Pixels): { worst: number; share: number } {
  expect({ width: one.width, height: one.height }).toEqual({ width: other.width, height: other.height })
  let [worst, count] = [0, 0]
  for (let at = 0; at < one.data.length; at++) {
    const difference = Math.abs(one.data[at]! - other.data[at]!)
    worst = Math.max(worst, difference)
    if (difference > 1) count++
  }
  return { worst, share: count / one.data.length }
}

test('tiles give what the whole gives', async () => {
  const pixels = pattern({ width: 150, height: 97 })
  const double = (tile: Pixels) => resample(tile, { width: tile.width * 2, height: tile.height * 2 })
  for (const tiling of [
    { side: 64, margin: 3 },
    { side: 50, margin: 8 },
  ]) {
    expect(differences(await enlargeInTiles(pixels, 2, tiling, double), await double(pixels)).worst).toBeLessThan(2)
  }
  const network = await loadUpscaleNetwork(await written('x4.safetensors', upscalerFile('srvgg-x4')), 'cpu')
  const whole = await network.enlarge(pixels)
  const tiled = await enlargeInTiles(pixels, 4, { side: 48, margin: network.reach! }, network.enlarge)
  await network.close()
  expect(differences(tiled, whole).worst).toBeLessThan(2)
})

test.each(['rrdbnet-x4', 'rrdbnet-x2'])(
  '%s: tiles are within 1 level of the whole on 999 of 1000, with the margin that is used',
  async name => {
    const pixels = pattern({ width: 150, height: 98 })
    const network = await loadUpscaleNetwork(await written(`tiled-${name}.safetensors`, upscalerFile(name)), 'cpu')
    const whole = await network.enlarge(pixels)
    const tiling = { side: 96, margin: marginOf(network.reach, 96) }
    const tiled = await enlargeInTiles(pixels, network.scale, tiling, network.enlarge)
    await network.close()
    await rm(join(folder, 'upscale', `tiled-${name}.safetensors`))
    // Otherwise the network says nothing.
    expect(new Set(whole.data).size).toBeGreaterThan(20)
    expect(differences(tiled, whole).share).toBeLessThan(0.001)
  },
)

test('resampling keeps the light of a picture', async () => {
  const checker = { width: 32, height: 32, data: new Uint8Array(32 * 32 * 3) }
  for (let at = 0; at < 1024; at++) if ((at + (at >> 5)) % 2) checker.data.fill(255, at * 3, at * 3 + 3)
  // Half of the light is the sRGB value 188, not 128.
  expect(new Set((await reduce(checker, { width: 16, height: 16 })).data)).toEqual(new Set([188]))
  const grey = { width: 8, height: 8, data: new Uint8Array(192).fill(77) }
  expect(new Set((await resample(grey, { width: 32, height: 32 })).data)).toEqual(new Set([77]))
})

/** Upscale a file as a request does. */
async function upscaled(source: Uint8Array, scale: 2 | 4, name?: string) {
  const engines = createEngineRegistry({ modelFolder: folder })
  const edit = { kind: 'upscale', scale } as const
  const engine = openEngine(engines.forEdit(edit, name).name, engines, 'cpu')
  const progress: number[] = []
  const context = {
    engines,
    signal: new AbortController().signal,
    onProgress: ({ done }: { done: number }) => progress.push(done),
  }
  const request = { edit, source, prompt: '', seeds: [0], engine: engine.name }
  const { pictures } = await paint(request, engine, context).finally(() => engine.close())
  return { png: pictures[0]!.png, recipe: pictures[0]!.recipe, progress }
}

const png = ({ width, height, data }: Pixels) =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()

test('a picture is upscaled with what is installed, or without a model', async () => {
  await written('compact.safetensors', upscalerFile('srvgg-x4'))
  const source = await png(pattern({ width: 60, height: 40 }))
  for (const [name, engine] of [
    ['compact', 'upscale/compact'],
    ['lanczos', 'lanczos'],
  ] as const) {
    for (const scale of [2, 4] as const) {
      const result = await upscaled(source, scale, name)
      const { pixels } = await readPicture(result.png)
      expect([pixels.width, pixels.height]).toEqual([60 * scale, 40 * scale])
      expect(readRecipe(result.png)).toMatchObject({ edit: { kind: 'upscale', scale }, engine })
      expect(result.progress.at(-1)).toBe(1)
    }
  }
  const installed = await upscaled(source, 2)
  expect(installed.recipe.engine).toMatch(/^upscale\//)
  const missing = problemIn(upscaled(source, 2, 'fill'))
  expect(await missing).toMatchObject({ code: 'engine-unknown', engine: 'fill' })
})

test('a network of scale 2 is used twice for 4', async () => {
  await written('double.safetensors', upscalerFile('rrdbnet-x2'))
  const source = await png(pattern({ width: 21, height: 13 }))
  const { pixels } = await readPicture((await upscaled(source, 4, 'double')).png)
  expect([pixels.width, pixels.height]).toEqual([84, 52])
})

test('transparency is upscaled too, without a fringe', async () => {
  // A white disc on transparent black.
  const inside = (at: number) => Math.hypot((at % 64) - 31.5, (at >> 6) - 31.5) < 24
  const data = Buffer.from(
    Array.from({ length: 4096 }, (_, at) => (inside(at) ? [255, 255, 255, 255] : [0, 0, 0, 0])).flat(),
  )
  const source = await sharp(data, { raw: { width: 64, height: 64, channels: 4 } })
    .png()
    .toBuffer()
  const result = await sharp((await upscaled(source, 2, 'lanczos')).png)
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect(result.info).toMatchObject({ width: 128, height: 128, channels: 4 })
  const alphaAt = (x: number, y: number) => result.data[(y * 128 + x) * 4 + 3]
  expect([alphaAt(64, 64), alphaAt(2, 2)]).toEqual([255, 0])
  for (let at = 0; at < 128 * 128; at++)
    if (result.data[at * 4 + 3]! > 8) expect(result.data[at * 4]).toBeGreaterThan(250)
})

test('a result that would be too large is refused before it is computed', async () => {
  const source = await sharp({ create: { width: 4200, height: 4200, channels: 3, background: '#456' } })
    .png()
    .toBuffer()
  const tooLarge = { code: 'upscale-too-large', width: 8400, height: 8400, limit: 68, scale: 2 }
  expect(await problemIn(upscaled(source, 2, 'lanczos'))).toEqual(tooLarge)
})

test('a cancelled request stops within a tile', async () => {
  const engines = createEngineRegistry({ modelFolder: folder })
  const engine = openEngine('lanczos', engines)
  const controller = new AbortController()
  const pixels = pattern({ width: 1400, height: 600 })
  const canvas = { pixels, mask: filledMask(pixels, PAINT), old: { x: 0, y: 0, width: 0, height: 0 } }
  let reports = 0
  const stopped = engine.paint(canvas, {
    seeds: [0],
    prompt: '',
    options: { scale: 2 },
    signal: controller.signal,
    onProgress: () => {
      if (++reports === 2) controller.abort(new Error('enough'))
    },
  })
  await expect(stopped).rejects.toThrow('enough')
  expect(reports).toBe(2)
})

function psnr(one: Pixels, other: Pixels): number {
  let sum = 0
  for (let at = 0; at < one.data.length; at++) sum += (one.data[at]! - other.data[at]!) ** 2
  return 10 * Math.log10(255 ** 2 / (sum / one.data.length))
}

testWithShared('weights/lsdir', 'a trained network is nearer to a photo than bicubic resampling', async () => {
  await symlink(shared('weights/lsdir/4xLSDIRCompactN3_fp32.onnx'), join(folder, 'upscale', 'lsdir.onnx'))
  const gains: number[] = []
  for (const name of ['baby', 'chelsea']) {
    const { pixels } = await readPicture(await sharp(shared(`photos/${name}.png`)).toBuffer())
    const photo = cropPixels(pixels, { x: 60, y: 60, width: 192, height: 160 })
    const small = await sharp(await png(photo))
      .resize(48, 40, { kernel: 'cubic' })
      .png()
      .toBuffer()
    const bicubic = await sharp(small).resize(192, 160, { kernel: 'cubic' }).removeAlpha().raw().toBuffer()
    const { pixels: better } = await readPicture((await upscaled(small, 4, 'lsdir')).png)
    gains.push(psnr(better, photo) - psnr({ ...photo, data: bicubic }, photo))
  }
  expect(gains.reduce((sum, gain) => sum + gain, 0) / gains.length).toBeGreaterThan(0.4)
})
