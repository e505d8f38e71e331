import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { addModel } from '../../src/cli/models/add-model.js'
import { download } from '../../src/cli/models/download.js'
import { assertMayRedirect, guardedFetch, isPrivateAddress } from '../../src/cli/models/guarded-fetch.js'
import { pathInside } from '../../src/cli/models/path-inside.js'
import { modelFiles, publishRepository, useHub } from '../support/hub.js'
import { problemIn, problemOf } from '../support/problems.js'

const quiet = { signal: new AbortController().signal, onProgress: () => {} }

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-untrusted-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** A server that answers each path with these headers, and records what it is asked. */
async function server(answer: (path: string) => { status?: number; headers?: Record<string, string>; body?: string }) {
  const requests: { path: string; authorization: string | undefined }[] = []
  const http = createServer((request, response) => {
    requests.push({ path: request.url!, authorization: request.headers.authorization })
    const { status = 200, headers = {}, body = '' } = answer(request.url!)
    response.writeHead(status, headers).end(body)
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void http.close())
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, requests }
}

describe('a path in a list of files', () => {
  test.each([
    '../config.json',
    'unet/../../config.json',
    '/etc/passwd',
    '..',
    '.',
    '',
    'unet//config.json',
    'unet/./config.json',
    '..\\config.json',
    'C:\\config.json',
    'C:config.json',
    'config.json:stream',
    'config\0.json',
    'config\n.json',
  ])('%j is refused', async path => {
    expect(problemOf(() => pathInside('models', path))).toEqual({ code: 'path-outside-folder', path })
  })

  test.each(['config.json', 'unet/config.json', 'a folder/model (1).safetensors', '..config'])(
    '%s is allowed',
    path => {
      expect(pathInside('models', path)).toBe(join('models', path))
    },
  )

  test('may not go through a link out of the folder', async () => {
    const [folder, outside] = [await temporaryFolder(), await temporaryFolder()]
    await symlink(outside, join(folder, 'unet'))
    await mkdir(join(folder, 'vae'))
    const path = 'unet/config.json'
    expect(problemOf(() => pathInside(folder, path))).toEqual({ code: 'path-outside-folder', path })
    expect(pathInside(folder, 'vae/config.json')).toBe(join(folder, 'vae/config.json'))
  })
})

describe('a hostile hub', () => {
  const hub = useHub()

  test('writes nothing outside of the model', async () => {
    const files = await modelFiles()
    publishRepository(hub.files, 'evil/model', { ...files, 'unet/../../../config.json': Buffer.from('{}') })
    const added = problemIn(addModel('evil/model', hub.sources(), quiet))
    expect(await added).toMatchObject({ code: 'path-outside-folder' })
    expect(await readdir(hub.folder)).toEqual([])
  })

  test('sends no more than it announced', async () => {
    const files = await modelFiles()
    publishRepository(hub.files, 'evil/model', files, { size: 10, hashes: false })
    const added = problemIn(addModel('evil/model', hub.sources(), quiet))
    expect(await added).toMatchObject({ code: 'download-too-large', limit: '10 bytes' })
  })
})

describe('a redirect', () => {
  test('loses the token where it leads to another site', async () => {
    const other = await server(() => ({ body: 'file' }))
    const first = await server(path => ({
      status: 302,
      headers: { location: path === '/far' ? `${other.url}/file` : '/far' },
    }))
    const headers = { authorization: 'Bearer secret' }
    expect(await (await guardedFetch(`${first.url}/near`, { headers })).text()).toBe('file')
    expect(first.requests.map(({ authorization }) => authorization)).toEqual(['Bearer secret', 'Bearer secret'])
    expect(other.requests.map(({ authorization }) => authorization)).toEqual([undefined])
  })

  test.each(['ftp://x.test/', 'file:///etc/passwd', 'data:text/plain,x', 'http://['])(
    'to %s is refused',
    async location => {
      const { url } = await server(() => ({ status: 302, headers: { location } }))
      expect(await problemIn(guardedFetch(url))).toMatchObject({ code: 'redirect-refused' })
    },
  )

  test.each([
    ['http://127.0.0.1:6379/'],
    ['http://localhost/'],
    ['http://169.254.169.254/latest/meta-data/'],
    ['http://[::1]/'],
    ['http://[::ffff:10.0.0.1]/'],
    ['http://192.168.0.1/'],
    ['http://2130706433/'],
  ])('from the internet to %s is refused', async location => {
    const redirect = assertMayRedirect(new URL('http://93.184.216.34/model'), new URL(location))
    expect(await problemIn(redirect)).toMatchObject({ code: 'redirect-refused', from: '93.184.216.34' })
  })

  test('within the internet, or within the own network, is followed', async () => {
    await assertMayRedirect(new URL('https://93.184.216.34/model'), new URL('https://1.1.1.1/file'))
    await assertMayRedirect(new URL('http://192.168.0.5/model'), new URL('http://192.168.0.6/file'))
  })

  test('in a circle ends', async () => {
    const { url, requests } = await server(() => ({ status: 302, headers: { location: '/again' } }))
    expect(await problemIn(guardedFetch(url))).toMatchObject({ code: 'redirect-refused' })
    expect(requests.length).toBeLessThan(20)
  })

  test.each([
    ['127.0.0.1', true],
    ['10.1.2.3', true],
    ['172.31.0.1', true],
    ['192.168.1.1', true],
    ['169.254.169.254', true],
    ['100.64.0.1', true],
    ['0.0.0.0', true],
    ['::1', true],
    ['::', true],
    ['::ffff:127.0.0.1', true],
    ['fe80::1', true],
    ['fd00::1', true],
    ['1.1.1.1', false],
    ['172.32.0.1', false],
    ['2606:4700::1111', false],
  ])('%s is private: %s', (address, expected) => {
    expect(isPrivateAddress(address)).toBe(expected)
  })
})

test('a token in an address is neither printed nor stored', async () => {
  const { url } = await server(path =>
    path.startsWith('/part') ? { headers: { etag: '"1"', 'content-length': '9' }, body: 'short' } : { status: 404 },
  )
  const folder = await temporaryFolder()
  const [missing, file] = [join(folder, 'missing'), join(folder, 'part')]
  const problem = await problemIn(download({ ...quiet, url: `${url}/none?token=secretToken`, file: missing }))
  expect(problem).toMatchObject({ code: 'download-missing' })
  expect(JSON.stringify(problem)).not.toContain('secretToken')
  const signal = AbortSignal.timeout(2000)
  await download({ ...quiet, url: `${url}/part?token=secretToken`, file, signal }).catch(() => {})
  for (const name of await readdir(folder))
    expect(await readFile(join(folder, name), 'utf8')).not.toContain('secretToken')
})
