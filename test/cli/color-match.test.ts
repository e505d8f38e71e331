import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodePng } from '../../src/inference/image/png.js'
import { readPngTexts } from '../../src/inference/image/png-texts.js'
import { parseParameters } from '../../src/inference/pipeline/recipe.js'
import { landscape } from '../contracts/engine.js'
import { runOverscan } from '../support/overscan.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-color-match-'))
  await sharp(await encodePng(landscape(60, 40))).toFile(join(folder, 'picture.png'))
})
afterAll(() => rm(folder, { recursive: true }))

async function paint(output: string, ...more: string[]) {
  const own = ['--engine', 'sd1', '--variations', '1', '--seed', '5', '--steps', '1', '--prompt', 'fog', ...more]
  const argv = ['square', join(folder, 'picture.png'), '-o', join(folder, output), ...own]
  const environment = { PATH: process.env.PATH!, MODEL_FOLDER: 'test/fixtures/diffusion/models', DEVICE: 'cpu' }
  expect((await runOverscan(argv, { environment })).code).toBe(0)
  const png = await readFile(join(folder, output, 'picture-square-5.png'))
  const recipe = parseParameters(readPngTexts(png).parameters!)
  return { options: recipe?.options, pixels: await sharp(png).removeAlpha().raw().toBuffer() }
}

test('--no-color-match leaves the painted colors as they are, and the recipe says so', async () => {
  const [matched, unmatched] = [await paint('matched'), await paint('unmatched', '--no-color-match')]
  expect([matched.options?.colorMatch, unmatched.options?.colorMatch]).toEqual([undefined, false])
  expect(matched.pixels.equals(unmatched.pixels)).toBe(false)
}, 60_000)
