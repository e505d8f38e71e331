import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config.js'
import { findKnownCause } from '../../src/known-causes/known-causes.js'
import { REDIS_EXPECTS_TLS, TLS_NOT_SPOKEN } from '../../src/known-causes/server-causes.js'
import { openBackend } from '../../src/queue/backends/open-backend.js'
import { tlsMismatch } from '../../src/queue/backends/redis-tls.js'
import { findOrInstall, freePort, hasRedis, skipWithout, startRedis } from '../support/servers.js'

const openssl = findOrInstall(['/usr/bin/openssl', '/opt/homebrew/bin/openssl'], 'openssl') ?? skipWithout('openssl')

describe('a Redis and its URL that disagree about TLS', () => {
  let server: Server
  let port: number
  beforeAll(async () => {
    if (!openssl) return
    const folder = await mkdtemp(join(tmpdir(), 'overscan-'))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost']
    execFileSync(openssl, [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    server = createTlsServer({ key: await readFile(key), cert: await readFile(cert) })
    await rm(folder, { recursive: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  afterAll(() => void server?.close())

  test.runIf(openssl)('redis:// to a port with TLS', async () => {
    expect((await tlsMismatch(`redis://127.0.0.1:${port}`))?.known).toBe(REDIS_EXPECTS_TLS)
    expect(await tlsMismatch(`rediss://127.0.0.1:${port}`)).toBeUndefined()
    const config = parseConfig({ REDIS_URL: `redis://127.0.0.1:${port}` })
    const error = await openBackend(config, () => {}).catch(cause => cause)
    expect(findKnownCause(error)).toBe(REDIS_EXPECTS_TLS)
  })

  test.runIf(hasRedis)('rediss:// to a Redis without TLS, with and without a password', async () => {
    for (const settings of [{}, { requirepass: 'secret' }]) {
      const redis = await startRedis(settings)
      try {
        expect((await tlsMismatch(`rediss://127.0.0.1:${redis.port}`))?.known).toBe(TLS_NOT_SPOKEN)
        expect(await tlsMismatch(redis.url)).toBeUndefined()
      } finally {
        await redis.close()
      }
    }
  })

  test('nothing, or something else, on the port', async () => {
    const silent = createServer(socket => socket.on('error', () => {}))
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const other = (silent.address() as AddressInfo).port
    for (const address of [`127.0.0.1:${await freePort()}`, `127.0.0.1:${other}`]) {
      expect(await tlsMismatch(`redis://${address}`)).toBeUndefined()
      expect(await tlsMismatch(`rediss://${address}`)).toBeUndefined()
    }
    expect(await tlsMismatch('redis+sentinel://a:1,b:2/primary')).toBeUndefined()
    silent.close()
  })
})
