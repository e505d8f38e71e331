import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mustNotSkip } from './must-not-skip.js'

/** A port of the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return address.port
}

/**
 * The path of a program. Where it is missing, its Debian package is installed, if that is possible.
 *
 * @param names paths where it may be
 */
export function findOrInstall(names: readonly string[], debianPackage: string): string | undefined {
  const find = () => names.find(name => existsSync(name))
  const installed = find()
  if (installed) return installed
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    try {
      execFileSync('apt-get', ['install', '--yes', '--no-install-recommends', debianPackage], {
        stdio: 'ignore',
        timeout: 180_000,
      })
    } catch (error) {
      console.warn(`${debianPackage} could not be installed: ${(error as Error).message}`)
    }
  }
  return find()
}

/** Tests that need the program are skipped, with a warning. @throws Error where {@link mustNotSkip} */
export function skipWithout(what: string): undefined {
  if (mustNotSkip) throw new Error(`${what} is needed and could not be installed`)
  console.warn(`SKIPPED: there is no ${what} on this machine, and it could not be installed.`)
  return undefined
}

/** The path of redis-server. */
export const redisServer =
  findOrInstall(
    ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'],
    'redis-server',
  ) ?? skipWithout('redis-server')

/** Whether tests that need a Redis can run. */
export const hasRedis = redisServer !== undefined

/** The path of a Valkey server: that of `VALKEY_SERVER`, or an installed one. Tests that need it are skipped without one. */
export const valkeyServer = [process.env.VALKEY_SERVER, '/usr/bin/valkey-server', '/usr/local/bin/valkey-server'].find(
  path => path !== undefined && existsSync(path),
)

export type RedisServer = {
  readonly url: string
  readonly port: number
  /** `kill -9`. Its files stay. */
  kill(): Promise<void>
  /** Start it again with its files. */
  restart(): Promise<void>
  close(): Promise<void>
}

/**
 * Start a Redis on a random port of the loopback. It logs each change to a file (AOF).
 *
 * @param more further settings by name
 * @param program the path of the server
 */
export async function startRedis(
  more: Readonly<Record<string, string>> = {},
  program: string | undefined = redisServer,
): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'overscan-redis-'))
  const port = await freePort()
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    const options = {
      port,
      bind: '127.0.0.1',
      dir: folder,
      appendonly: 'yes',
      appendfsync: 'everysec',
      save: '',
      ...more,
    }
    // A setting with several values is separated by spaces, as in redis.conf.
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, ...String(value).split(' ')])
    child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await waitForOutput(child, /Ready to accept connections/)
  }
  async function kill(): Promise<void> {
    await killProcess(child)
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    restart: start,
    async close() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const postgresFolder = '/usr/lib/postgresql'
const postgresServer = (() => {
  const names = ['13', '14', '15', '16', '17', '18'].map(version => `${postgresFolder}/${version}/bin/initdb`)
  return findOrInstall(names.reverse(), 'postgresql') ?? skipWithout('postgresql')
})()

/** Whether tests that need a PostgreSQL can run. */
export const hasPostgres = postgresServer !== undefined

/** Start a PostgreSQL on a random port of the loopback. It refuses to run as root: then it runs as the user `postgres`. */
export async function startPostgres(): Promise<{
  readonly url: string
  /** Stop it, and start it again with its data. */
  restart(): Promise<void>
  close(): Promise<void>
}> {
  const bin = postgresServer!.replace(/initdb$/, '')
  const isRoot = process.getuid?.() === 0
  const asUser = (command: string, args: string[]): [string, string[]] =>
    isRoot ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', command, ...args]] : [command, args]
  const folder = mkdtempSync(join(tmpdir(), 'overscan-postgres-'))
  if (isRoot) execFileSync('chown', ['postgres', folder])
  const data = join(folder, 'data')
  const port = await freePort()
  const [initdb, initArgs] = asUser(`${bin}initdb`, [
    '-D',
    data,
    '-U',
    'overscan',
    '--auth=trust',
    '--no-sync',
    '-E',
    'UTF8',
  ])
  execFileSync(initdb, initArgs, { stdio: 'ignore', cwd: folder })
  const [command, args] = asUser(`${bin}postgres`, [
    '-D',
    data,
    '-p',
    String(port),
    '-k',
    folder,
    '-h',
    '127.0.0.1',
    '-F',
  ])
  async function start(): Promise<ChildProcess> {
    const started = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder })
    await waitForOutput(started, /ready to accept connections/, 'stderr')
    return started
  }
  async function stop(): Promise<void> {
    child.kill('SIGINT')
    await ended(child)
  }
  let child = await start()
  return {
    url: `postgres://overscan@127.0.0.1:${port}/postgres`,
    async restart() {
      await stop()
      child = await start()
    },
    async close() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** How much of a process's output is kept, in characters: the last. */
const MAX_OUTPUT_LENGTH = 100_000

/** Resolves with all output up to then, once it matches. @throws Error where the process ends before */
export function waitForOutput(
  child: ChildProcess,
  pattern: RegExp,
  stream: 'stdout' | 'stderr' = 'stdout',
): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    child[stream]!.on('data', (chunk: Buffer) => {
      output = (output + chunk).slice(-MAX_OUTPUT_LENGTH)
      if (pattern.test(output)) resolve(output)
    })
    child.once('exit', code =>
      reject(new Error(`it ended with ${code} before its output matched ${pattern}: ${output}`)),
    )
  })
}

/** `kill -9`. */
export async function killProcess(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const end = ended(child)
  child.kill('SIGKILL')
  await end
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise(resolve => child.once('exit', () => resolve()))
}
