import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listModelNames } from '../../../src/inference/engines/model-folder.js'

const MODELS = 'test/fixtures/diffusion/models'

test('models are found by the files in their folders', () => {
  expect(listModelNames(MODELS)).toEqual(['lcm', 'sd1', 'sd1-fixed', 'sd1-half', 'sd1-inpaint', 'sd2-v', 'sdxl'])
  expect(listModelNames('test')).toEqual([])
  expect(listModelNames('no such folder')).toEqual([])
})

test('files whose names can’t be used are not listed as models', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-names-'))
  for (const name of [
    'a.safetensors',
    'b.vae.safetensors',
    'c:d.safetensors',
    `${'e'.repeat(101)}.safetensors`,
    'f.ckpt',
  ]) {
    await writeFile(join(folder, name), '')
  }
  expect(listModelNames(folder)).toEqual(['a'])
  await rm(folder, { recursive: true })
})
