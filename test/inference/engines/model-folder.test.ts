import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findModel, listModelNames } from '../../../src/inference/engines/model-folder.js'

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

test.skipIf(process.platform === 'win32')(
  'pipes, broken links and names that move the cursor are no models',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'overscan-odd-'))
    execFileSync('mkfifo', [join(folder, 'pipe.safetensors')])
    await symlink(join(folder, 'nothing'), join(folder, 'broken.safetensors'))
    await symlink(join(folder, 'itself.onnx'), join(folder, 'itself.onnx'))
    await writeFile(join(folder, 'red\x1b[31m.safetensors'), '')
    await mkdir(join(folder, 'two\nlines', 'unet'), { recursive: true })
    await writeFile(join(folder, 'real.safetensors'), '')
    await symlink(join(folder, 'real.safetensors'), join(folder, 'link.safetensors'))
    expect(listModelNames(folder)).toEqual(['link', 'real'])
    expect(findModel(folder, 'pipe')).toBeUndefined()
    expect(findModel(folder, 'broken')).toBeUndefined()
    await rm(folder, { recursive: true })
  },
)
