import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DownloadRequest, download, fileSha256 } from '../../src/cli/models/download.js'
import { startFileServer } from '../support/file-server.js'
import { problemIn } from '../support/problems.js'

const DATA = randomBytes(300_000)
const HASH = createHash('sha256').update(DATA).digest('hex')

let folder: string
let server: Awaited<ReturnType<typeof startFileServer>>
const files = new Map([['/model', DATA]])
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-download-'))
  server = await startFileServer(files)
})
afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const file = () => join(folder, 'deep', 'model')
const get = (more: Partial<DownloadRequest> = {}) =>
  download({
    url: `${server.url}/model`,
    file: file(),
    signal: new AbortController().signal,
    onProgress: () => {},
    ...more,
  })

test('a file is downloaded with progress and checksum, and no temporary file is left', async () => {
  const seen: [number, number | undefined][] = []
  await get({ sha256: HASH.toUpperCase(), onProgress: (bytes, whole) => seen.push([bytes, whole]) })
  expect(Buffer.compare(await readFile(file()), DATA)).toBe(0)
  expect(await readdir(join(folder, 'deep'))).toEqual(['model'])
  expect(seen[0]).toEqual([0, DATA.length])
  expect(seen.at(-1)).toEqual([DATA.length, DATA.length])
  expect(await fileSha256(file())).toBe(HASH)
})

test('a broken connection is resumed several times', async () => {
  server.faults.push({ breakAfter: 100_000 }, { breakAfter: 70_000 }, { status: 503 })
  await get({ sha256: HASH })
  const ranges = server.requests.map(({ range }) => range)
  expect(ranges[0]).toBeUndefined()
  const from = ranges.slice(1).map(range => Number(/^bytes=(\d+)-$/.exec(range!)![1]))
  expect(from[0]).toBeGreaterThan(0)
  expect(from[1]).toBeGreaterThan(from[0]!)
  expect(from[2]).toBe(from[1])
}, 20_000)

test('the next attempt resumes a cancelled download', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  server.faults.push({ breakAfter: 150_000 })
  const onProgress = (bytes: number) => bytes > 100_000 && stop.abort(reason)
  await expect(get({ signal: stop.signal, onProgress })).rejects.toBe(reason)
  const begun: number[] = []
  await get({ sha256: HASH, onProgress: bytes => void begun.push(bytes) })
  expect(begun[0]).toBeGreaterThan(50_000)
  // Also when all of it was there already, but for its name.
  await rename(file(), `${file()}.part`)
  const urlHash = createHash('sha256').update(`${server.url}/model`).digest('hex')
  await writeFile(`${file()}.part.json`, JSON.stringify({ url: urlHash, version: '"1-/model"' }))
  await get({ sha256: HASH })
  expect(server.requests.at(-1)!.range).toBe(`bytes=${DATA.length}-`)
}, 20_000)

test('a file that changed on the server is downloaded from the start', async () => {
  const stop = new AbortController()
  server.faults.push({ breakAfter: 150_000 })
  const onProgress = (bytes: number) => bytes > 100_000 && stop.abort(new Error('enough'))
  await expect(get({ signal: stop.signal, onProgress })).rejects.toThrow('enough')
  server.change()
  await get({ sha256: HASH })
}, 20_000)

test('servers without ranges or entity tags work', async () => {
  for (const options of [{ ranges: false }, { tags: false }]) {
    const other = await startFileServer(files, options)
    other.faults.push({ breakAfter: 100_000 })
    await get({ url: `${other.url}/model`, sha256: HASH })
    expect(Buffer.compare(await readFile(file()), DATA)).toBe(0)
    await rm(file())
    await other.close()
  }
}, 20_000)

test('a file with the wrong checksum is deleted', async () => {
  expect(await problemIn(get({ sha256: '0'.repeat(64) }))).toEqual({ code: 'download-corrupt', file: 'model' })
  expect(await readdir(join(folder, 'deep'))).toEqual([])
})

test('HTTP errors get messages', async () => {
  const url = `${server.url}/model`
  for (const status of [401, 403]) {
    server.faults.push({ status })
    expect(await problemIn(get())).toEqual({ code: 'download-forbidden', url })
  }
  expect(await problemIn(get({ url: `${server.url}/none` }))).toMatchObject({ code: 'download-missing' })
  server.faults.push({ status: 400 })
  expect(await problemIn(get())).toEqual({ code: 'download-failed', url, reason: 'HTTP 400' })
})

test('a server that sends too little or the wrong range is given up', async () => {
  const short = createServer((_, response) => {
    response.writeHead(206, { 'content-range': 'bytes 0-99/200', etag: '"1"' }).end(Buffer.alloc(100))
  })
  await new Promise<void>(resolve => short.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(short.address() as AddressInfo).port}/model`
  const problem = await problemIn(get({ url }))
  expect(problem).toMatchObject({
    code: 'download-failed',
    reason: expect.stringMatching(/100 of 200 bytes were received|a different range/),
  })
  short.close()
}, 60_000)

test('an unreachable server is tried several times', async () => {
  const gone = await startFileServer(files)
  await gone.close()
  const problem = await problemIn(get({ url: `${gone.url}/model` }))
  expect(problem).toMatchObject({ code: 'download-failed', reason: expect.stringMatching(/ECONNREFUSED/) })
}, 40_000)
