import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { atomicWrite } from '../src/atomic-write.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-write-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a file is replaced whole, whoever writes at the same time', async () => {
  const path = join(folder, 'a')
  const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000))
  await Promise.all(texts.map(text => atomicWrite(path, text)))
  expect(texts).toContain(await readFile(path, 'utf8'))
  expect(await readdir(folder)).toEqual(['a'])
})

test.skipIf(process.platform === 'win32')('the new file is the owner’s alone, unless told otherwise', async () => {
  const path = join(folder, 'a')
  await writeFile(path, 'old')
  await chmod(path, 0o666)
  await atomicWrite(path, 'new')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await atomicWrite(path, 'newer', 0o644)
  expect((await stat(path)).mode & 0o777).toBe(0o644)
})

test('where it can’t be written nothing changes, and nothing is left', async () => {
  const path = join(folder, 'a')
  await mkdir(join(path, 'inner'), { recursive: true })
  await expect(atomicWrite(path, 'new')).rejects.toThrow()
  expect(await readdir(folder)).toEqual(['a'])
  await expect(atomicWrite(join(folder, 'none', 'a'), 'new')).rejects.toMatchObject({ code: 'ENOENT' })
})
