import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answersInTime } from '../src/disk-timeout.js'
import { findKnownCause } from '../src/known-causes/known-causes.js'
import { makeFolder } from '../src/make-folder.js'
import { BUILT } from './support/programs.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-folder-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a folder is made with those above it, also by several at once, with a mode', async () => {
  const path = join(folder, 'one', 'two', 'three')
  await Promise.all(Array.from({ length: 5 }, () => makeFolder(path, 0o700)))
  await makeFolder(path)
  expect((await stat(path)).isDirectory()).toBe(true)
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o700)
})

test('a folder that exists stays as it is, the root and a link to a folder included', async () => {
  await symlink(folder, join(folder, 'link'))
  for (const path of ['/', '.', join(folder, 'link'), join(folder, 'link', 'four')]) await makeFolder(path)
  expect((await stat(join(folder, 'four'))).isDirectory()).toBe(true)
})

describe.skipIf(process.platform !== 'linux')('what can’t be made ends with a sentence:', () => {
  test.each([
    ['in /proc', '/proc/overscan', /can’t be made \(ENOENT\)/],
    ['deep in /proc', '/proc/over/scan/data', /can’t be made \(ENOENT\)/],
    ['in /sys', '/sys/over/scan', /\(EPERM|is on a read-only disk/],
    ['below a device', '/dev/null/data', /a file or a broken link \(ENOTDIR\)/],
    ['with too long a name', `/tmp/${'a'.repeat(300)}`, /can’t be made \(ENAMETOOLONG\)/],
    ['with a zero byte', '/tmp/a\0b', undefined],
  ])('%s', async (_, path, sentence) => {
    const error = await makeFolder(path).catch(caught => caught)
    expect(error).toBeInstanceOf(Error)
    if (sentence) expect(findKnownCause(error)?.says).toMatch(sentence)
  })

  test.each([
    ['a broken link', 'nowhere', 'EEXIST'],
    ['a link to itself', 'broken', 'EEXIST'],
  ])('%s', async (_, target, code) => {
    await rm(join(folder, 'broken'), { force: true })
    await symlink(join(folder, target), join(folder, 'broken'))
    const error = await makeFolder(join(folder, 'broken')).catch(caught => caught)
    expect(findKnownCause(error)?.says).toContain(`a file or a broken link (${code})`)
    expect(findKnownCause(await makeFolder(join(folder, 'broken', 'data')).catch(caught => caught))).toBeDefined()
  })

  test('a file', async () => {
    await writeFile(join(folder, 'file'), 'x')
    for (const path of [join(folder, 'file'), join(folder, 'file', 'data')]) {
      expect(findKnownCause(await makeFolder(path).catch(caught => caught))?.says).toMatch(/a file or a broken link/)
    }
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('x')
  })
})

describe('a disk that does not answer', () => {
  test('ends with a sentence', async () => {
    const error = await answersInTime('/mnt/gone', new Promise(() => {}), 20).catch(caught => caught)
    expect(findKnownCause(error)).toMatchObject({ says: 'The disk of /mnt/gone doesn’t answer' })
    expect(await answersInTime('/mnt/here', Promise.resolve(1), 20)).toBe(1)
  })

  // A pipe that nobody writes to answers as little as a network folder whose server is gone.
  test.skipIf(process.platform !== 'linux').each([
    [0, 'SIGTERM'],
    [2, 'SIGKILL'],
  ])('does not keep a process from ending with %i', async (code, signal) => {
    const pipe = join(folder, `pipe-${code}`)
    execFileSync('mkfifo', [pipe])
    const script = `import { readFile } from 'node:fs/promises'
      import { exitSoon } from ${JSON.stringify(join(BUILT, 'cli/closing.js'))}
      process.on('SIGTERM', () => {})
      readFile(${JSON.stringify(pipe)})
      exitSoon(${code})`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' })
    expect(await once(child, 'exit')).toEqual([null, signal])
  })
})
