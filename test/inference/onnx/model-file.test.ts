import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readPinnedChecksums } from '../../../src/cli/models/pinned-checksums.js'
import { readModelFiles } from '../../../src/inference/engines/diffusion/model/read-model-files.js'
import { readModelTraits } from '../../../src/inference/engines/model-traits.js'
import { isRegularFile } from '../../../src/inference/onnx/model-file.js'
import { openOnnxSession } from '../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../src/inference/onnx/verified-session.js'
import { writeDiffusersFolder, writeSingleFile } from '../../support/checkpoints.js'
import { problemIn } from '../../support/problems.js'

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-pipes-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
}

async function replaceByPipe(path: string): Promise<void> {
  await rm(path, { force: true })
  execFileSync('mkfifo', [path])
}

/** Read all that a painting process reads of a model before it paints. */
async function openModel(path: string): Promise<void> {
  const { unet, vaeEncoder, vaeDecoder, textEncoders } = await readModelFiles(path)
  for (const source of [unet, vaeEncoder, vaeDecoder, ...textEncoders.map(({ source }) => source)]) {
    await (await openOnnxSession(source, CPU_PROVIDER)).close()
  }
  for (const { openTokenizer } of textEncoders) await openTokenizer()
}

describe.skipIf(process.platform === 'win32')('a pipe, which would be read for ever,', () => {
  test('in place of any file of a model is refused, and the bot does not wait for it', {
    timeout: 60_000,
  }, async () => {
    const folder = await temporaryFolder()
    const models = { graphs: join(folder, 'graphs'), checkpoint: join(folder, 'checkpoint') }
    await cp('test/fixtures/diffusion/models/sd1', models.graphs, { recursive: true })
    await writeDiffusersFolder('sd1', models.checkpoint)
    for (const model of Object.values(models)) {
      await openModel(model)
      for (const file of await filesIn(model)) {
        const copy = join(folder, 'copy')
        await cp(model, copy, { recursive: true })
        await replaceByPipe(join(copy, file))
        readModelTraits(copy)
        await expect(openModel(copy), file).rejects.toThrow(/isn’t a file|model-unreadable|checkpoint-corrupt/)
        await rm(copy, { recursive: true })
      }
    }
  })

  test('next to a checkpoint with the name of its notes is no note', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'tiny-lcm.safetensors')
    await writeSingleFile('sd1', path)
    for (const extension of ['.yaml', '.json', '.civitai.info'])
      await replaceByPipe(join(folder, `tiny-lcm${extension}`))
    await openModel(path)
  })

  test('that a graph names as its weights is refused', async () => {
    const folder = await temporaryFolder()
    await replaceByPipe(join(folder, 'weights.bin'))
    await writeFile(join(folder, 'model.onnx'), 'location weights.bin')
    const source = { name: 'graph', file: join(folder, 'model.onnx') }
    await expect(openOnnxSession(source, CPU_PROVIDER)).rejects.toThrow('weights.bin isn’t a file')
  })

  test('in place of the list of checksums is refused', async () => {
    const folder = await temporaryFolder()
    await replaceByPipe(join(folder, 'catalogue-lock.json'))
    expect(await problemIn(readPinnedChecksums(folder))).toMatchObject({ code: 'settings-corrupt' })
  })
})

test('folders, devices, broken links and links to themselves are no files', async () => {
  const folder = await temporaryFolder()
  await symlink(join(folder, 'nothing'), join(folder, 'broken'))
  await symlink(join(folder, 'itself'), join(folder, 'itself'))
  await writeFile(join(folder, 'file'), '')
  await symlink(join(folder, 'file'), join(folder, 'link'))
  for (const name of ['broken', 'itself', '.']) expect(isRegularFile(join(folder, name)), name).toBe(false)
  for (const name of ['file', 'link']) expect(isRegularFile(join(folder, name)), name).toBe(true)
})
