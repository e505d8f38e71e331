import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reportError } from '../../src/cli/error-report.js'
import { OperatorError } from '../../src/known-causes/cause.js'
import { gatewayCloseCause } from '../../src/known-causes/gateway-causes.js'
import { findKnownCause, KNOWN_CAUSES } from '../../src/known-causes/known-causes.js'
import { UserError } from '../../src/user-error.js'

type Example = { readonly message?: string; readonly code?: string; readonly [fact: string]: unknown }

/** Errors as Node, Redis, PostgreSQL and discord.js throw them, by row of the table. Each row has one at least. */
const EXAMPLES: Record<string, readonly Example[]> = {
  'answered-by-another': [{ code: '40060', message: 'Interaction has already been acknowledged.' }],
  'logins-spent': [{ message: 'Not enough sessions remaining to spawn 4 shards; only 0 remaining; resets at …' }],
  'redis-replica': [
    { message: "READONLY You can't write against a read only replica." },
    {
      message:
        "ERR Error running script (call to f_1): @user_script:9: @user_script: 9: -READONLY You can't write against a read only replica.",
    },
  ],
  'redis-permission': [
    { message: "NOPERM this user has no permissions to run the 'info' command" },
    { message: 'NOPERM No permissions to access a key' },
    { message: "ERR Error running script: @user_script: 9: -NOPERM this user has no permissions to run 'xadd'" },
  ],
  'redis-cluster': [
    { message: "CROSSSLOT Keys in request don't hash to the same slot" },
    { message: 'MOVED 3999 127.0.0.1:6381' },
    { message: 'CLUSTERDOWN Hash slot not served' },
  ],
  'redis-database': [
    { message: 'ERR DB index is out of range' },
    { message: 'ERR invalid DB index' },
    { message: 'ERR SELECT is not allowed in cluster mode' },
  ],
  'redis-password': [
    { message: 'WRONGPASS invalid username-password pair or user is disabled.' },
    { message: 'NOAUTH Authentication required.' },
    { message: 'ERR Client sent AUTH, but no password is set' },
    { message: 'ERR invalid password' },
    { message: 'ERR AUTH <password> called without any password configured for the default user.' },
  ],
  'redis-memory': [{ message: "OOM command not allowed when used memory > 'maxmemory'." }],
  'redis-disk': [
    { message: 'MISCONF Redis is configured to save RDB snapshots, but it’s currently unable to persist' },
  ],
  'redis-replicas-missing': [
    { message: 'NOREPLICAS Not enough good replicas to write.' },
    { message: "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'." },
  ],
  'redis-clients': [{ message: 'ERR max number of clients reached' }],
  'redis-speaks-tls': [{ message: 'Protocol error, got "\\x15" as reply type byte' }],
  'tls-not-spoken': [
    { code: 'ERR_SSL_WRONG_VERSION_NUMBER', message: 'write EPROTO' },
    { code: 'EPROTO', message: 'write EPROTO C0:error:0A00010B:SSL routines:ssl3_get_record:wrong version number' },
    { code: 'EPROTO', message: 'SSL routines:tls_get_more_records:packet length too long' },
  ],
  'tls-unknown-authority': [
    { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed certificate' },
    { code: 'SELF_SIGNED_CERT_IN_CHAIN', message: 'self-signed certificate in certificate chain' },
    { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', message: 'unable to verify the first certificate' },
    { code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', message: 'unable to get local issuer certificate' },
  ],
  'tls-expired': [{ code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' }],
  'tls-other-name': [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: 'Hostname/IP does not match: IP: 10.0.0.1' }],
  'postgres-password': [{ code: '28P01', message: 'password authentication failed for user "overscan"' }],
  'postgres-database': [{ code: '3D000', message: 'database "overscan" does not exist' }],
  'postgres-permission': [{ code: '42501', message: 'permission denied for database overscan' }],
  'postgres-replica': [{ code: '25006', message: 'cannot execute INSERT in a read-only transaction' }],
  'postgres-connections': [{ code: '53300', message: 'sorry, too many clients already' }],
  'postgres-without-tls': [{ message: 'The server does not support SSL connections' }],
  'port-privileged': [{ code: 'EACCES', syscall: 'listen', port: 80, message: 'listen EACCES: permission denied' }],
  'address-not-here': [{ code: 'EADDRNOTAVAIL', syscall: 'listen', address: '10.9.8.7', message: 'listen' }],
  'no-permission': [
    { code: 'EACCES', syscall: 'mkdir', path: '/nowhere/data/line.lock', message: 'EACCES: permission denied' },
    { code: 'EPERM', syscall: 'open', path: '/nowhere/data/settings.json', message: 'EPERM: operation not permitted' },
  ],
  'not-a-folder': [
    { code: 'ENOTDIR', syscall: 'mkdir', path: '/etc/hostname/data', message: 'ENOTDIR: not a directory' },
    { code: 'EEXIST', syscall: 'mkdir', path: '/etc/hostname', message: 'EEXIST: file already exists' },
  ],
  'folder-not-made': [
    { code: 'ENOENT', syscall: 'mkdir', path: 'Z:\\data', message: 'ENOENT: no such file' },
    { code: 'ENAMETOOLONG', syscall: 'mkdir', path: '/data/aaa', message: 'ENAMETOOLONG: name too long' },
    { code: 'ELOOP', syscall: 'mkdir', path: '/data/loop/a', message: 'ELOOP: too many symbolic links' },
  ],
  'read-only-disk': [{ code: 'EROFS', syscall: 'mkdir', path: '/data/line', message: 'EROFS: read-only file system' }],
  'disk-full': [
    { code: 'ENOSPC', syscall: 'write', message: 'ENOSPC: no space left on device, write' },
    { code: 'EDQUOT', syscall: 'write', path: '/data/a', message: 'EDQUOT: quota exceeded' },
    { code: '53100', message: 'could not extend file: No space left on device' },
  ],
  'disk-broken': [{ code: 'EIO', syscall: 'read', path: '/data/a', message: 'EIO: i/o error, read' }],
  'too-many-open-files': [{ code: 'EMFILE', syscall: 'open', path: '/data/a', message: 'EMFILE: too many open files' }],
}

const errorOf = ({ message = '', ...facts }: Example) => Object.assign(new Error(message), facts)

describe.each(KNOWN_CAUSES)('$id', ({ id, explain }) => {
  test('has examples, which no other row takes', () => {
    expect(EXAMPLES[id]?.length, id).toBeGreaterThan(0)
    for (const example of EXAMPLES[id]!) {
      const { message = '', code = '', ...facts } = example
      expect(findKnownCause(errorOf(example)), message).toEqual(explain({ message, code, ...facts }))
    }
  })

  test('says what happened, then what to do', () => {
    for (const example of EXAMPLES[id]!) {
      const { says, todo } = findKnownCause(errorOf(example))!
      expect(says).toMatch(/^[/A-Z].*[^.]$/)
      expect(todo).toMatch(/^[A-Z].*[.;]$/)
      expect(`${says} ${todo}`).not.toMatch(/undefined|\bbug\b/)
      expect(reportError(errorOf(example))).toEqual({ text: `${says}. ${todo}`, exitCode: 2 })
    }
  })
})

test('a cause inside of other errors is found', () => {
  const inner = errorOf({ code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' })
  const wrapped = new UserError({ code: 'queue-unreachable' }, { cause: new Error('x', { cause: inner }) })
  expect(reportError(wrapped).text).toContain('The server’s certificate isn’t valid today (CERT_HAS_EXPIRED).')
  expect(findKnownCause(new AggregateError([new Error('a'), inner]))?.says).toContain('CERT_HAS_EXPIRED')
  const loop = new Error('loop')
  loop.cause = loop
  expect(findKnownCause(loop)).toBeUndefined()
})

test('what is not in the table is a bug, or keeps its own sentence', () => {
  expect(reportError(new TypeError('x is not a function'))).toMatchObject({
    text: expect.stringMatching(/^This is a bug in Overscan\./),
    exitCode: 1,
  })
  expect(reportError(new UserError({ code: 'cancelled' })).exitCode).toBe(130)
  const refused = errorOf({ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:6379', syscall: 'connect' })
  expect(reportError(new UserError({ code: 'queue-unreachable' }, { cause: refused }))).toEqual({
    text: 'The queue can’t be reached: connect ECONNREFUSED 127.0.0.1:6379. Start its server, or correct REDIS_URL or DATABASE_URL in .env.',
    exitCode: 2,
  })
  // A file that is missing may be one of ours.
  expect(findKnownCause(errorOf({ code: 'ENOENT', path: '/a', message: 'ENOENT' }))).toBeUndefined()
})

test.each([4004, 4010, 4011, 4012, 4013, 4014, 4999])('close code %i has a sentence', code => {
  const { says, todo } = gatewayCloseCause(code)
  expect(says).toContain(`close code ${code}`)
  expect(todo).toMatch(/^[A-Z].*/)
  expect(findKnownCause(new OperatorError({ says, todo }))).toEqual({ says, todo })
})

describe('errors of this system', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overscan-'))
    await chmod(folder, 0o755)
  })
  afterAll(() => rm(folder, { recursive: true }))

  const causeOf = async (work: Promise<unknown>) =>
    findKnownCause(
      await work.then(
        () => undefined,
        error => error,
      ),
    )

  test('a folder under a file, and one that is a file', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    for (const path of [join(file, 'data'), file]) {
      expect((await causeOf(mkdir(path, { recursive: path !== file })))?.says).toContain('is a file')
    }
  })

  test.runIf(process.getuid?.() === 0)('advice never gives a folder of the system to another user', () => {
    const todoOf = (path: string) => {
      const uid = process.getuid!
      process.getuid = () => 1000
      try {
        return findKnownCause(errorOf({ message: 'EACCES', code: 'EACCES', syscall: 'mkdir', path }))!.todo
      } finally {
        process.getuid = uid
      }
    }
    expect(todoOf(folder)).toBe(`Run this as root: chown -R 1000 ${folder}. Or set another folder in .env.`)
    const path = join(folder, 'one', 'two')
    expect(todoOf(path)).toBe(
      `Run this as root: mkdir -p ${path} && chown 1000 ${path}. Or set another folder in .env.`,
    )
    for (const path of ['/', '/var', '/var/lib', '/home', '/usr/local', '/etc', '/tmp']) {
      expect(todoOf(path), path).toBe('Allow uid 1000 to use it, or set another folder in .env.')
    }
  })

  test('a port that needs rights, and an address that is not here', async () => {
    const listen = (port: number, host: string) => {
      const server = createServer()
      server.listen(port, host)
      return once(server, 'listening').finally(() => server.close())
    }
    expect((await causeOf(listen(0, '192.0.2.1')))?.says).toBe('This machine doesn’t have the address 192.0.2.1')
  })

  test.runIf(process.getuid?.() === 0)('a folder of another user', async () => {
    const script = `import('node:fs').then(fs => fs.mkdirSync(${JSON.stringify(join(folder, 'line'))}))
      .catch(error => process.stdout.write(JSON.stringify({ ...error })))`
    const child = spawn(process.execPath, ['-e', script], { uid: 65_534, gid: 65_534, cwd: tmpdir() })
    let text = ''
    child.stdout.on('data', part => {
      text += part
    })
    await once(child, 'close')
    // Read by root, the folder is its own: the sentence is about permissions.
    expect(findKnownCause(errorOf({ message: 'EACCES', ...JSON.parse(text) }))).toEqual({
      says: `Overscan isn’t allowed to use ${join(folder, 'line')} (EACCES)`,
      todo: `Change the permissions of ${folder}, or set another folder in .env.`,
    })
  })
})
