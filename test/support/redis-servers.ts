import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort, killProcess, type RedisServer, redisServer, startRedis, waitForOutput } from './servers.js'

const SLOTS = 16_384

/** A Redis Cluster of three primaries on the loopback. */
export async function startRedisCluster(): Promise<{ nodes: RedisServer[]; url: string; close(): Promise<void> }> {
  const busPorts = [await freePort(), await freePort(), await freePort()]
  const nodes = await Promise.all(
    busPorts.map(port =>
      startRedis({ 'cluster-enabled': 'yes', 'cluster-port': String(port), 'cluster-node-timeout': '2000' }),
    ),
  )
  const clients = nodes.map(({ url }) => new Redis(url))
  for (const [index, client] of clients.entries()) {
    const slot = (count: number) => Math.floor((SLOTS * count) / nodes.length)
    await client.call('CLUSTER', 'ADDSLOTSRANGE', slot(index), slot(index + 1) - 1)
    if (index > 0) await clients[0]!.call('CLUSTER', 'MEET', '127.0.0.1', nodes[index]!.port, busPorts[index]!)
  }
  for (const client of clients) {
    while (!/cluster_state:ok/.test(String(await client.cluster('INFO'))))
      await new Promise(done => setTimeout(done, 50))
    client.disconnect()
  }
  return {
    nodes,
    url: nodes.map(({ url }) => url).join(','),
    async close() {
      await Promise.all(nodes.map(one => one.close()))
    },
  }
}

/** A sentinel that watches a Redis under the name `painting`. */
export async function startSentinel(primary: RedisServer): Promise<{ url: string; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'overscan-sentinel-'))
  const port = await freePort()
  const file = join(folder, 'sentinel.conf')
  writeFileSync(
    file,
    `port ${port}
bind 127.0.0.1
sentinel monitor painting 127.0.0.1 ${primary.port} 1
sentinel down-after-milliseconds painting 500
sentinel failover-timeout painting 2000
`,
  )
  const child: ChildProcess = spawn(redisServer!, [file, '--sentinel'], { stdio: ['ignore', 'pipe', 'inherit'] })
  await waitForOutput(child, /\+monitor/)
  return {
    url: `redis+sentinel://127.0.0.1:${port}/painting`,
    async close() {
      await killProcess(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A Redis with TLS on the loopback, whose certificate an authority of ours has signed. */
export async function startTlsRedis(): Promise<RedisServer & { readonly ca: string; readonly caFile: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'overscan-tls-'))
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Our authority')
  openssl('req', ...newKey, '-keyout', 'redis.key', '-out', 'redis.csr', '-subj', '/CN=redis')
  writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost')
  const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names']
  openssl('x509', '-req', '-in', 'redis.csr', '-out', 'redis.pem', ...sign)
  const tlsPort = await freePort()
  const server = await startRedis({
    'tls-port': String(tlsPort),
    'tls-cert-file': join(folder, 'redis.pem'),
    'tls-key-file': join(folder, 'redis.key'),
    'tls-auth-clients': 'no',
  })
  const caFile = join(folder, 'ca.pem')
  return {
    ...server,
    url: `rediss://127.0.0.1:${tlsPort}`,
    ca: readFileSync(caFile, 'utf8'),
    caFile,
    async close() {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
