import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { parseConfig } from '../../src/config.js'
import { openBackend } from '../../src/queue/backends/open-backend.js'
import { makeChosenFolderPrivate, openFolderMode } from '../../src/queue/backends/private-folder.js'

const folders: string[] = []
afterEach(async () => {
  for (const one of folders.splice(0)) await rm(one, { recursive: true, force: true })
})
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'overscan-private-'))
  folders.push(folder)
  return folder
}
const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)

describe.skipIf(process.platform === 'win32')('what others may not read', () => {
  test('the data folder and all files of the queue, also those of an earlier version', async () => {
    const data = join(temporaryFolder(), 'data')
    mkdirSync(join(data, 'line'), { recursive: true })
    cpSync(inject('database'), join(data, 'line', 'queue'), { recursive: true })
    chmodSync(data, 0o755)
    chmodSync(join(data, 'line', 'queue', 'PG_VERSION'), 0o666)
    const backend = await openBackend(parseConfig({ DATA_FOLDER: data }), console.error)
    await backend.blobs.put('a', Uint8Array.of(1))
    await backend.close()
    expect(modeOf(data)).toBe('700')
    expect(modeOf(join(data, 'line'))).toBe('700')
    const entries = readdirSync(join(data, 'line'), { recursive: true, withFileTypes: true })
    const open = entries.filter(one => one.isFile()).filter(one => modeOf(join(one.parentPath, one.name)) !== '600')
    expect(open.map(({ name }) => name)).toEqual([])
    expect(entries.length).toBeGreaterThan(100)
  })

  test('a folder that many users share, or that has the working directory in it, stays as it is', async () => {
    const shared = temporaryFolder()
    chmodSync(shared, 0o1777)
    await makeChosenFolderPrivate(shared)
    expect(modeOf(shared)).toBe('1777')
    const before = modeOf(process.cwd())
    await makeChosenFolderPrivate('.')
    await makeChosenFolderPrivate('..')
    expect(modeOf(process.cwd())).toBe(before)
  })

  test('the doctor’s question: which mode a folder has that others can look into', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'settings.json'), '{}')
    expect(await openFolderMode(folder)).toBeUndefined()
    chmodSync(folder, 0o750)
    expect(await openFolderMode(folder)).toBe('750')
    expect(await openFolderMode(join(folder, 'missing'))).toBeUndefined()
  })
})
