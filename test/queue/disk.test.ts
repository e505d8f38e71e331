import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync } from 'node:fs'
import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, inject, test } from 'vitest'
import { deleteUnfinished, folderBlobStore } from '../../src/queue/backends/blob-store.js'
import { embeddedBackend } from '../../src/queue/backends/embedded.js'
import { jobQueue } from '../../src/queue/job-queue.js'
import { startWorker } from '../../src/queue/worker/worker.js'
import { followToEnd, paintRequest, scriptedPainter, workerDevice } from '../contracts/queue.js'
import { mountSmallDisk } from '../support/disk.js'

const folder = mkdtempSync(join(tmpdir(), 'overscan-disk-'))
const DISK_BYTES = 220 * 1024 * 1024
const mounted = mountSmallDisk(folder, DISK_BYTES)
afterAll(async () => {
  if (mounted) execFileSync('umount', ['--lazy', folder])
  await rm(folder, { recursive: true, force: true })
})

/** Free space of a disk of that size that has the files of the folder, in bytes. */
async function freeBytes(): Promise<number> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names.filter(name => name.isFile()).map(name => stat(join(name.parentPath, name.name)))
  return DISK_BYTES - (await Promise.all(files)).reduce((sum, { size }) => sum + size, 0)
}

test('a full disk refuses new jobs, finishes accepted ones, and takes new jobs when it has space again', async () => {
  const onError = (error: Error) => {
    throw error
  }
  cpSync(inject('database'), join(folder, 'line', 'queue'), { recursive: true })
  const backend = await embeddedBackend(join(folder, 'line'), { onError, ...(!mounted && { freeBytes }) })
  const queue = await jobQueue(backend, { engines: ['fill'], maxWaiting: 9, maxWaitingPerPerson: 9, onError })
  const { painter, call } = scriptedPainter()
  const worker = await startWorker(backend, { devices: [workerDevice(painter)], reportBug: () => '', onError })
  const add = (id: string) =>
    queue.add({
      id,
      person: 'ada',
      server: undefined,
      megapixels: 1,
      ticket: id,
      request: { ...paintRequest, prompt: id },
    })

  await add('runs')
  await call('runs')
  await add('waits')
  const largeFile = join(folder, 'large-file')
  await writeFile(largeFile, Buffer.alloc(60 * 1024 * 1024))
  await expect(add('new')).rejects.toMatchObject({ problem: { code: 'disk-full' } })
  expect((await queue.list()).map(({ id }) => id)).toEqual(['runs', 'waits'])
  for (const id of ['runs', 'waits']) {
    const end = followToEnd(queue, id)
    ;(await call(id)).finish()
    expect((await end).at(-1)).toMatchObject({ state: 'done' })
    await queue.acknowledge(id)
  }
  await rm(largeFile)
  await add('afterwards')
  const end = followToEnd(queue, 'afterwards')
  ;(await call('afterwards')).finish()
  expect((await end).at(-1)).toMatchObject({ state: 'done' })
  await worker.close(0)
  await queue.close()
  await backend.close()
})

test.skipIf(!mounted)('a picture that does not fit on the disk leaves no file', async () => {
  const blobs = folderBlobStore(join(folder, 'pictures'))
  await expect(blobs.put('a', new Uint8Array(400 * 1024 * 1024))).rejects.toMatchObject({
    problem: { code: 'disk-full' },
  })
  expect(await blobs.get('a')).toBeUndefined()
  await blobs.put('b', Uint8Array.of(1))
  expect(await blobs.get('b')).toEqual(Buffer.from([1]))
})

test('pictures in a folder expire after a day', async () => {
  const where = mkdtempSync(join(tmpdir(), 'overscan-blobs-'))
  const hours = (count: number) => Date.now() + count * 3_600_000
  const blobs = folderBlobStore(where)
  await blobs.put('a', Uint8Array.of(1))
  await folderBlobStore(where, () => hours(23)).deleteExpired()
  expect(await blobs.get('a')).toEqual(Buffer.from([1]))
  await folderBlobStore(where, () => hours(25)).deleteExpired()
  expect(await blobs.get('a')).toBeUndefined()
  await blobs.put('b', Uint8Array.of(2))
  await blobs.delete(['b', 'never there'])
  expect(await blobs.get('b')).toBeUndefined()
  await rm(where, { recursive: true })
})

test('a picture that a killed process had half-written is gone at the next start', async () => {
  const where = mkdtempSync(join(tmpdir(), 'overscan-unfinished-'))
  await deleteUnfinished(join(where, 'none'))
  await folderBlobStore(where).put('a', Uint8Array.of(1))
  await writeFile(join(where, 'abc.1234.new'), '')
  await deleteUnfinished(where)
  expect(await readdir(where)).toHaveLength(1)
  await rm(where, { recursive: true })
})

test('a folder that another process uses is a problem', async () => {
  const where = mkdtempSync(join(tmpdir(), 'overscan-held-'))
  cpSync(inject('database'), join(where, 'queue'), { recursive: true })
  const backend = await embeddedBackend(where, { onError: () => {} })
  await expect(embeddedBackend(where, { onError: () => {} })).rejects.toMatchObject({
    problem: { code: 'folder-in-use', path: where },
  })
  await backend.close()
  const again = await embeddedBackend(where, { onError: () => {} })
  await again.close()
  await rm(where, { recursive: true })
})
