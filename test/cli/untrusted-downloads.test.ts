import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { addModel } from '../../src/cli/models/add-model.js'
import { download } from '../../src/cli/models/download.js'
import { guardedFetch, isPrivateAddress, type Network } from '../../src/cli/models/guarded-fetch.js'
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
async function server(
  answer: (path: string) => { status?: number; headers?: Record<string, string>; body?: string },
  address = '127.0.0.1',
) {
  const requests: { path: string; authorization: string | undefined }[] = []
  const http = createServer((request, response) => {
    requests.push({ path: request.url!, authorization: request.headers.authorization })
    const { status = 200, headers = {}, body = '' } = answer(request.url!)
    response.writeHead(status, headers).end(body)
  })
  await new Promise<void>(resolve => http.listen(0, address, resolve))
  onTestFinished(() => void http.close())
  const { port } = http.address() as AddressInfo
  return { url: `http://${address}:${port}`, port, requests }
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

  test('in a circle ends', async () => {
    const { url, requests } = await server(() => ({ status: 302, headers: { location: '/again' } }))
    expect(await problemIn(guardedFetch(url))).toMatchObject({ code: 'redirect-refused' })
    expect(requests.length).toBeLessThan(20)
  })

  // macOS has one loopback address only.
  describe.skipIf(process.platform === 'darwin')('from the internet, which 127.0.0.9 stands for here,', () => {
    const INTERNET = '127.0.0.9'

    /** @param addresses of each name, one after the other */
    function network(addresses: Record<string, string[]>): Network {
      const lookup = (name: string, _: unknown, callback: (error: Error | null, found: object[]) => void) => {
        const [address, ...later] = addresses[name] ?? []
        if (later.length > 0) addresses[name] = later
        if (address === undefined) callback(new Error(`${name} is unknown`), [])
        else callback(null, [{ address, family: 4 }])
      }
      const isPrivate = (address: string) => address !== INTERNET && isPrivateAddress(address)
      return { lookup: lookup as unknown as Network['lookup'], isPrivate }
    }

    const redirecting = (location: string) =>
      server(
        path => (path === '/' ? { status: 302, headers: { location, connection: 'close' } } : { body: 'file' }),
        INTERNET,
      )

    test.each([
      ['http://127.0.0.1:6379/'],
      ['http://localhost/'],
      ['http://169.254.169.254/latest/meta-data/'],
      ['http://[::1]/'],
      ['http://[::ffff:10.0.0.1]/'],
      ['http://192.168.0.1/'],
      ['http://2130706433/'],
      ['http://hidden.test/'],
    ])('to %s is refused', async location => {
      const { port, requests } = await redirecting(location)
      const names = network({ 'hub.test': [INTERNET], localhost: ['127.0.0.1'], 'hidden.test': ['10.0.0.7'] })
      expect(await problemIn(guardedFetch(`http://hub.test:${port}/`, {}, names))).toEqual({
        code: 'redirect-refused',
        from: `hub.test:${port}`,
        to: new URL(location).origin,
      })
      expect(requests).toHaveLength(1)
    })

    test('to a name that is in the internet when it is looked at, and then here, is refused', async () => {
      const { port, requests } = await redirecting('/file')
      const names = network({ 'hub.test': [INTERNET, '127.0.0.1'] })
      const problem = await problemIn(guardedFetch(`http://hub.test:${port}/`, {}, names))
      expect(problem).toMatchObject({ code: 'redirect-refused', to: `http://hub.test:${port}` })
      expect(requests).toHaveLength(1)
    })

    test('to a place in the internet is followed', async () => {
      const other = await server(() => ({ body: 'file' }), INTERNET)
      const { port } = await redirecting(`http://files.test:${other.port}/`)
      const names = network({ 'hub.test': [INTERNET], 'files.test': [INTERNET] })
      expect(await (await guardedFetch(`http://hub.test:${port}/`, {}, names)).text()).toBe('file')
    })

    test('of a mirror in the own network is followed within it', async () => {
      const other = await server(() => ({ body: 'file' }))
      const { port } = await redirecting(`http://files.test:${other.port}/`)
      const isPrivate = isPrivateAddress
      const names = { ...network({ 'mirror.test': [INTERNET], 'files.test': ['127.0.0.1'] }), isPrivate }
      expect(await (await guardedFetch(`http://mirror.test:${port}/`, {}, names)).text()).toBe('file')
    })
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
