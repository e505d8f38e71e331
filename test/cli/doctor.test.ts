import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GatewayCloseCodes } from 'discord.js'
import { Hono } from 'hono'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { inviteLink } from '../../src/bot/discord/invite.js'
import { type Check, type CheckGroup, type CheckResult, runChecks } from '../../src/cli/doctor/check.js'
import { deviceFindings } from '../../src/cli/doctor/check-devices.js'
import { attachmentLimit, clockFinding, discordGroup } from '../../src/cli/doctor/check-discord.js'
import { diskFinding, machineGroup, memoryFinding, nodeFinding } from '../../src/cli/doctor/check-machine.js'
import { modelsGroup } from '../../src/cli/doctor/check-models.js'
import { pagesGroup } from '../../src/cli/doctor/check-pages.js'
import { queueGroup, redisFindings } from '../../src/cli/doctor/check-queue.js'
import { settingsGroup } from '../../src/cli/doctor/check-settings.js'
import { type DoctorOptions, diagnose, doctorContext } from '../../src/cli/doctor/doctor.js'
import { canStart, groupLines, reportStyleFor, reportSummary } from '../../src/cli/doctor/report.js'
import { registerOnDiscord } from '../../src/cli/setup/discord-account.js'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { startPages } from '../../src/http/server.js'
import { gatewayCloseCause } from '../../src/known-causes/gateway-causes.js'
import { embeddedBackend } from '../../src/queue/backends/embedded.js'
import { writeLora, writeSingleFile } from '../support/checkpoints.js'
import { mountSmallDisk } from '../support/disk.js'
import { discordEnvironment, startTestDiscord } from '../support/emulator.js'
import { runOverscan } from '../support/overscan.js'
import { freePort, hasPostgres, hasRedis, startPostgres, startRedis } from '../support/servers.js'

let discord: DiscordEmulator
let folder: string
const file = (name: string) => join(folder, name)
beforeAll(async () => {
  discord = await startTestDiscord()
  await registerOnDiscord(discord.token, `${discord.url}/api`)
})
afterAll(async () => {
  expect(discord.violations).toEqual([])
  await discord.close()
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-doctor-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

type Environment = Record<string, string>

/** What these groups find, as somebody reads it, and whether the bot could start. */
async function look(groups: readonly CheckGroup[], environment: Environment, options: DoctorOptions = {}) {
  const context = doctorContext(
    { DATA_FOLDER: file('data'), MODEL_FOLDER: file('models'), ...environment },
    options,
    file('.env'),
  )
  const examined = await diagnose(context, () => {}, [settingsGroup, ...groups])
  return { examined, said: read(examined), starts: canStart(examined) }
}

function read(examined: readonly CheckResult[]): string {
  const titles = [...new Set(examined.map(({ group }) => group))]
  return titles
    .flatMap(title =>
      groupLines(
        examined.filter(({ group }) => group === title),
        'unicode',
      ),
    )
    .join('\n')
}

/** Run the program as somebody would who has set only this. */
async function overscan(environment: Environment, ...argv: string[]) {
  const { PATH = '', HOME = '' } = process.env
  const own = { PATH, HOME, DATA_FOLDER: file('data'), MODEL_FOLDER: file('models') }
  const { code, stdout, stderr } = await runOverscan(['doctor', ...argv], { environment: { ...own, ...environment } })
  return { code, said: stdout, wrong: stderr }
}

describe('the program', () => {
  test('exits with 0 without errors, and leaves no files behind', async () => {
    const [pages, operator] = [await freePort(), await freePort()]
    const before = discord.commands()
    const { code, said, wrong } = await overscan({
      ...discordEnvironment(discord),
      PAGES_PORT: String(pages),
      PUBLIC_URL: `http://localhost:${pages}`,
      OPERATOR_PORT: String(operator),
    })
    expect({ code, wrong }).toEqual({ code: 0, wrong: '' })
    for (const line of [
      /^ {2}\[OK\] Node: 2\d\./m,
      /^ {2}\[OK\] Devices: cpu works \(a tiny test graph took \d+ ms/m,
      /^ {2}\[OK\] Application: the token belongs to Overscan \(\d+\)$/m,
      /^ {2}\[OK\] Logins: \d+ of 1000 logins are left$/m,
      /^ {2}\[OK\] Commands: all \d+ are registered$/m,
      /^ {2}\[OK\] Servers: the bot can post in 1 of 1 channels of "Overscan"; file size limit 10 MB \(boost level 0\)$/m,
      /leads to these pages$/m,
      /0 errors\. The bot can start: npm start\.$/m,
    ]) {
      expect(said).toMatch(line)
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: whatever is not ASCII
    expect(said).not.toMatch(/^ {2}\[Error\] |[^\x00-\x7f]/m)
    expect(discord.commands()).toEqual(before)
    expect(await readdir(folder)).toEqual([])
  })

  test('--json prints one object; a rejected token exits with 2', async () => {
    const { code, said, wrong } = await overscan({ ...discordEnvironment(discord), DISCORD_TOKEN: 'wrong' }, '--json')
    expect({ code, wrong }).toEqual({ code: 2, wrong: '' })
    const { ok, starts, checks } = JSON.parse(said)
    expect([ok, starts]).toEqual([false, 'bot'])
    const byId = new Map((checks as CheckResult[]).map(one => [one.id, one.findings]))
    expect(byId.get('account')).toEqual([
      { state: 'error', says: expect.stringMatching(/^Discord rejects DISCORD_TOKEN\. Reset/) },
    ])
    expect(byId.get('starts')).toEqual([{ state: 'skipped', says: 'not checked: fix “Application” first' }])
    expect(byId.get('login')).toEqual([])
    expect(byId.get('node')).toMatchObject([{ state: 'ok' }])
  })

  test('without a token the playground can start', async () => {
    const { code, said } = await overscan({})
    expect(code).toBe(0)
    expect(said).toContain('DISCORD_TOKEN isn\'t set, so "npm start" opens the playground')
    expect(said).toMatch(/0 errors\. The playground can start: npm start\.$/m)
  })
})

describe('settings', () => {
  test('a malformed setting is named, and checks that need settings are skipped', async () => {
    const { said, starts } = await look([queueGroup, machineGroup], {
      ...discordEnvironment(discord),
      QUEUE_LIMIT: 'many',
    })
    expect(starts).toBe(false)
    expect(said).toMatch(/✗ Settings: QUEUE_LIMIT is “many”\. Use a whole number/)
    expect(said).toContain('· Data folder: not checked: fix “Settings” first')
    expect(said).toMatch(/✓ Node: /)
  })

  test('unused settings are warnings', async () => {
    const url = 'redis://127.0.0.1:1'
    const { said, starts } = await look([], {
      ...discordEnvironment(discord),
      PUBLIC_URL: 'https://overscan.example.com',
      REDIS_URL: url,
      DATABASE_URL: 'postgres://127.0.0.1:1/x',
    })
    expect(starts).toBe(true)
    expect(said).toContain('! Settings: PUBLIC_URL has no effect: the web pages need PAGES_PORT')
    expect(said).toContain('! Settings: DATABASE_URL has no effect: REDIS_URL is also set, and it wins')
    const { said: without, starts: can } = await look([], { REDIS_URL: url })
    expect([can, without]).toEqual([false, expect.stringContaining('✗ Token: DISCORD_TOKEN isn’t set')])
  })
})

describe('Discord', () => {
  const own = (more: Environment = {}) => ({ ...discordEnvironment(discord), ...more })
  afterEach(() => {
    discord.allow(discord.channel.id, 'AttachFiles', 'SendMessages')
    discord.setSessionStarts(900)
    discord.setInteractionsEndpoint(undefined)
  })

  test('an unreachable Discord is an error', async () => {
    const port = await freePort()
    const { said, starts } = await look([discordGroup], own({ DISCORD_API: `http://127.0.0.1:${port}/api` }))
    expect(starts).toBe(false)
    expect(said).toMatch(/✗ Discord: Discord can’t be reached: connect ECONNREFUSED .* network connection\./)
    expect(said).toContain('· Application: not checked: fix “Discord” first')
  })

  test('a server error of Discord is an error', async () => {
    discord.injectFault({ method: 'GET', path: /^\/gateway$/ }, { status: 503 })
    const { said, starts } = await look([discordGroup], own())
    expect([starts, said]).toEqual([false, expect.stringContaining('✗ Discord: Discord has an internal error (503)')])
  })

  test.each([
    [
      GatewayCloseCodes.DisallowedIntents,
      /✗ Gateway: .*\(close code 4014, DisallowedIntents\)\n +→ Overscan needs no privileged/,
    ],
    [
      GatewayCloseCodes.AuthenticationFailed,
      /✗ Gateway: .*\(close code 4004, AuthenticationFailed\)\n +→ The token was reset/,
    ],
    [
      GatewayCloseCodes.ShardingRequired,
      /✗ Gateway: .*\(close code 4011, ShardingRequired\)\n +→ The bot is in more than 2,500 servers/,
    ],
  ])('a gateway that ends the login with %s', async (code, sentence) => {
    discord.gateway.rejectNextIdentify(code)
    const { said, starts } = await look([discordGroup], own())
    expect(starts).toBe(false)
    expect(said).toMatch(sentence)
    expect(said).toContain('· Commands: not checked: fix “Gateway” first')
  })

  test('few logins left is a warning, none is an error', async () => {
    discord.setSessionStarts(0)
    const none = await look([discordGroup], own())
    expect(none.starts).toBe(false)
    expect(none.said).toMatch(
      /✗ Logins: 0 of 1000 logins are left\n +→ Find out in the log why .* resets in 240 minutes\./,
    )
    discord.setSessionStarts(3)
    const few = await look([discordGroup], own())
    expect(few).toMatchObject({ starts: true, said: expect.stringContaining('! Logins: 3 of 1000 logins are left') })
  })

  test('an interactions endpoint URL is a warning', async () => {
    discord.setInteractionsEndpoint('https://old.example.com/interactions')
    const { said, starts } = await look([discordGroup], own())
    expect(starts).toBe(true)
    expect(said).toMatch(/! Application: Discord sends the interactions of Overscan to https:\/\/old\.example\.com/)
  })

  test('a permission that is missing in channels is named, also with --channel', async () => {
    discord.deny(discord.channel.id, 'AttachFiles')
    const all = await look([discordGroup], own())
    expect(all.starts).toBe(true)
    expect(all.said).toContain(
      '! Servers: the bot can’t post in any channel of “Overscan”. Missing permissions in #playground: Attach Files\n      → Grant them',
    )
    const one = await look([discordGroup], own(), { server: discord.guild.id, channel: discord.channel.id })
    expect(one.said).toContain('! Servers: missing permissions in #playground of “Overscan”: Attach Files')
    expect(one.said).toContain(inviteLink(discord.applicationId, discord.guild.id))
    discord.allow(discord.channel.id, 'AttachFiles')
    const right = await look([discordGroup], own(), { channel: discord.channel.id })
    expect(right.said).toContain(
      '✓ Servers: the bot has all permissions in #playground of “Overscan”; file size limit 10 MB',
    )
  })

  test('a permission that is missing in the whole server is named', async () => {
    const strict = await startTestDiscord()
    try {
      strict.revoke('ReadMessageHistory', 'SendMessagesInThreads')
      const { said, starts } = await look([discordGroup], discordEnvironment(strict))
      expect(starts).toBe(true)
      expect(said).toContain(
        '! Servers: missing permissions in “Overscan”: Send Messages in Threads, Read Message History',
      )
      // There nobody has told Discord the commands yet.
      expect(said).toMatch(/! Commands: missing: zoom, .* and \d+ more\n +→ Restart the bot\. It registers/)
      expect(strict.commands()).toEqual([])
      expect(strict.violations).toEqual([])
    } finally {
      await strict.close()
    }
  })

  test('an unknown server or channel is a warning', async () => {
    const server = await look([discordGroup], own(), { server: '123456789012345678' })
    expect(server.said).toContain(
      `! Servers: the bot isn’t in the server 123456789012345678\n      → Add the bot there: ${inviteLink(discord.applicationId, '123456789012345678')}`,
    )
    const channel = await look([discordGroup], own(), { server: discord.guild.id, channel: '123456789012345678' })
    expect(channel.said).toContain('! Servers: “Overscan” has no channel 123456789012345678 that the bot can see')
    const anywhere = await look([discordGroup], own(), { channel: '123456789012345678' })
    expect(anywhere.said).toContain('! Servers: the bot can’t see a channel 123456789012345678 in any of its servers')
  })

  test('missing, outdated and foreign commands are listed', async () => {
    const other = await startTestDiscord()
    try {
      await registerOnDiscord(other.token, `${other.url}/api`)
      const [zoom, ...rest] = other.commands()
      const put = (body: unknown) =>
        fetch(`${other.url}/api/v10/applications/${other.applicationId}/commands`, {
          method: 'PUT',
          headers: { authorization: `Bot ${other.token}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      const drafts = rest.map(({ id: _, application_id: __, version: ___, dm_permission: ____, ...draft }) => draft)
      await put([
        { name: zoom!.name, description: 'Something else' },
        ...drafts.slice(1),
        { name: 'old', description: 'Old' },
      ])
      const { said, starts } = await look([discordGroup], discordEnvironment(other))
      expect(starts).toBe(true)
      expect(said).toContain(`! Commands: missing: ${drafts[0]!.name}; outdated: ${zoom!.name}; unknown: old`)
    } finally {
      await other.close()
    }
  })

  test('a wrong clock is a warning', async () => {
    const later = await startTestDiscord()
    try {
      later.clock.advance(10 * 60_000)
      const { said, starts } = await look([discordGroup], discordEnvironment(later))
      expect(starts).toBe(true)
      expect(said).toMatch(/! Discord: this machine’s clock is (?:599|60[01]) s behind Discord’s/)
    } finally {
      await later.close()
    }
    expect(clockFinding(1_000_000, 900_000)).toMatchObject({
      state: 'warning',
      says: expect.stringContaining('100 s ahead'),
    })
    expect(clockFinding(1_000_000, 1_059_000).state).toBe('ok')
  })

  test('unknown close codes have a finding; file limits follow boost tiers', () => {
    expect(gatewayCloseCause(4999).says).toContain('4999, unknown')
    expect([0, 1, 2, 3].map(attachmentLimit)).toEqual([10, 10, 50, 100].map(size => size * 1024 * 1024))
  })
})

describe('the queue', () => {
  const own = (more: Environment = {}) => ({ ...discordEnvironment(discord), ...more })

  test('a data folder in use by another process is an error', async () => {
    await mkdir(file('data'), { mode: 0o700 })
    await cp(inject('database'), file('data/line/queue'), { recursive: true })
    const backend = await embeddedBackend(file('data/line'), { onError: () => {} })
    const { said, starts } = await look([queueGroup], own()).finally(() => backend.close())
    expect(starts).toBe(false)
    expect(said).toContain(`✗ Data folder: another process uses ${file('data/line')}`)
    expect((await look([queueGroup], own())).said).toContain(`✓ Data folder: ${file('data')} is writable`)
    expect((await readdir(file('data'))).filter(name => name !== 'line')).toEqual([])
  }, 60_000)

  test('a data folder that is a file, and corrupt settings, are errors', async () => {
    await writeFile(file('data'), 'a file')
    const none = await look([queueGroup], own())
    expect(none).toMatchObject({
      starts: false,
      said: expect.stringMatching(/✗ Data folder: .*data isn’t writable: /),
    })
    await rm(file('data'))
    await mkdir(file('data'))
    await writeFile(file('data/settings.json'), '{')
    const broken = await look([queueGroup], own())
    expect(broken).toMatchObject({
      starts: false,
      said: expect.stringMatching(/✗ Data folder: The settings in .* can’t be/),
    })
    const pictures = await look([queueGroup], own({ PICTURE_FOLDER: file('data/settings.json') }))
    expect(pictures.said).toMatch(/✗ Picture folder: .* isn’t writable/)
  })

  test('a full disk is an error', async () => {
    await mkdir(file('data'))
    const isMounted = mountSmallDisk(file('data'), 32 * 1024 * 1024)
    try {
      const { said, starts } = await look([machineGroup], own())
      if (isMounted)
        expect({ said, starts }).toMatchObject({
          starts: false,
          said: expect.stringMatching(/✗ Disk: 33\.\d MB free/),
        })
    } finally {
      if (isMounted) execFileSync('umount', ['--lazy', file('data')])
    }
    const place = { name: 'settings', path: 'data', minFreeBytes: 128e6 }
    expect(diskFinding(place, 127e6)).toMatchObject({
      state: 'error',
      todo: expect.stringContaining('the bot doesn’t start'),
    })
    expect(diskFinding(place, 500e6).state).toBe('warning')
    expect(diskFinding(place, 5e9)).toEqual({ state: 'ok', says: '5.0 GB free for settings (data)' })
  })

  test('an unreachable Redis is an error', async () => {
    const { said, starts } = await look(
      [queueGroup],
      own({ REDIS_URL: `redis://:secret@127.0.0.1:${await freePort()}` }),
    )
    expect(starts).toBe(false)
    expect(said).toMatch(/✗ Redis: 127\.0\.0\.1:\d+ can’t be used: connect ECONNREFUSED/)
    expect(said).not.toContain('secret')
  })

  test.runIf(hasRedis)('an evicting Redis is a warning; a missing password is an error', async () => {
    const careless = await startRedis({ 'maxmemory-policy': 'allkeys-lru', appendonly: 'no' })
    try {
      const { said, starts } = await look([queueGroup], own({ REDIS_URL: careless.url }))
      expect(starts).toBe(true)
      expect(said).toMatch(/! Redis: its eviction policy is allkeys-lru: .*\n +→ Add “maxmemory-policy noeviction”/)
      expect(said).toMatch(/! Redis: its append-only file is off.*\n +→ Add “appendonly yes”/)
    } finally {
      await careless.close()
    }
    const closed = await startRedis({ requirepass: 'secret' })
    try {
      const { said } = await look([queueGroup], own({ REDIS_URL: closed.url }))
      expect(said).toMatch(/✗ Redis: Redis rejects the user or the password \(NOAUTH\)/)
      const open = await look([queueGroup], own({ REDIS_URL: closed.url.replace('//', '//:secret@') }))
      expect(open.said).toMatch(/✓ Redis: \d+\.\d+\.\d+, with persistence/)
      expect(open.said).toContain('· Data folder: the queue is stored elsewhere')
    } finally {
      await closed.close()
    }
  })

  test('an old Redis is a warning or an error', () => {
    const kept = { isPersistent: true, maxmemoryPolicy: 'noeviction' }
    expect(redisFindings({ version: '4.0.14', ...kept })).toMatchObject([{ state: 'error', says: '4.0.14 is old' }])
    expect(redisFindings({ version: '6.2.7', ...kept })).toMatchObject([{ state: 'warning' }])
    expect(redisFindings({ version: '7.2.4', ...kept })).toMatchObject([{ state: 'ok' }])
  })

  test.runIf(hasPostgres)('a PostgreSQL passes; an unreachable one is an error', async () => {
    const postgres = await startPostgres()
    const { said, starts } = await look([queueGroup], own({ DATABASE_URL: postgres.url })).finally(() =>
      postgres.close(),
    )
    expect(starts).toBe(true)
    expect(said).toMatch(/✓ PostgreSQL: \d+\.\d+/)
    const gone = await look([queueGroup], own({ DATABASE_URL: postgres.url }))
    expect(gone).toMatchObject({
      starts: false,
      said: expect.stringMatching(/✗ PostgreSQL: .* can’t be used: .*ECONNREFUSED/),
    })
  })
})

describe('models', () => {
  test('models are checked: valid, truncated and pickled ones', async () => {
    await mkdir(file('models'))
    await writeSingleFile('sd1', file('models/tiny.safetensors'), 'F16')
    await writeSingleFile('sd1', file('models/cut.safetensors'), 'F16')
    await truncate(file('models/cut.safetensors'), 100_000)
    await writeFile(file('models/renamed.safetensors'), Buffer.from('PK\x03\x04 and so on', 'latin1'))
    await writeFile(file('models/old.ckpt'), 'PK')
    await writeLora(file('models/lora/style.safetensors'))
    await truncate(file('models/lora/style.safetensors'), 50)
    const { said, starts } = await look([modelsGroup], discordEnvironment(discord), { deep: true })
    expect(starts).toBe(true)
    expect(said).toMatch(/✓ Models: tiny \(SD 1, 4 channels, fp16, .* [kM]B\) is complete, and one step works/)
    expect(said).toMatch(/! Models: “cut\.safetensors” is incomplete/)
    expect(said).toMatch(/! Models: “renamed\.safetensors” is a pickle/)
    expect(said).toMatch(/! Models: “old\.ckpt” is a pickle/)
    expect(said).toMatch(/! Models: “style\.safetensors” is incomplete/)
    const shallow = await look([modelsGroup], discordEnvironment(discord))
    expect(shallow.said).toMatch(/✓ Models: tiny .* is complete$/m)
  })
})

describe('devices', () => {
  const cpu = { device: { name: 'cpu', works: true }, missing: [] } as const
  const dead = (name: string, reason: string, ...missing: string[]) =>
    ({ device: { name, works: false, reason }, missing }) as const
  const nvidia = { name: 'NVIDIA GeForce RTX 4090', memory: 24e9 }

  test('without a GPU installed models get a warning', () => {
    const trials = [dead('cuda', 'Failed to load shared library', '/x/libonnxruntime_providers_shared.so'), cpu]
    expect(deviceFindings(trials, [], undefined, true)).toMatchObject([
      { state: 'ok', says: 'cpu works' },
      { state: 'warning', says: expect.stringMatching(/^no GPU works, so models run on the CPU and take minutes/) },
    ])
    expect(deviceFindings(trials, [], undefined, false).map(({ state }) => state)).toEqual(['ok', 'skipped'])
    expect(deviceFindings(trials, [], ['cpu'], true).map(({ state }) => state)).toEqual(['ok'])
  })

  test('the free memory of a device is shown if it is known', () => {
    const [found] = deviceFindings([cpu], [], ['cpu'], true, new Map([['cpu', 7.25e9]]))
    expect(found).toEqual({ state: 'ok', says: 'cpu works, 7.3 GB of memory free' })
  })

  test('missing CUDA libraries are listed with the packages to install', () => {
    const lacks = [
      '/x/libonnxruntime_providers_cuda.so',
      'libcublasLt.so.12',
      'libcufft.so.11',
      'libcudnn.so.9',
      'libodd.so.1',
    ]
    const found = deviceFindings([dead('cuda', 'Failed', ...lacks), cpu], [nvidia], undefined, true)
    const told = found.filter(({ state }) => state === 'warning').map(({ says, todo }) => `${says} → ${todo}`)
    expect(told.join('\n')).toMatch(
      /onnxruntime’s CUDA part is missing: libonnxruntime_providers_cuda\.so → Run “overscan setup cuda”/,
    )
    expect(told.join('\n')).toMatch(/cuDNN is missing: libcudnn\.so\.9 → Run “overscan setup cuda”/)
    expect(told.join('\n')).toMatch(
      /CUDA is missing: libcublasLt\.so\.12, libcufft\.so\.11 → Run “overscan setup cuda”/,
    )
    expect(told.join('\n')).toMatch(/libraries are missing: libodd\.so\.1/)
    const driver = deviceFindings([dead('cuda', 'Failed', 'libcuda.so.1'), cpu], [], ['cuda:0'], true)
    expect(driver[0]).toMatchObject({ says: expect.stringContaining('the NVIDIA driver is missing: libcuda.so.1') })
  })

  test('a device in DEVICE that does not exist is a warning', () => {
    expect(deviceFindings([cpu], [], ['dml'], false)[0]).toMatchObject({
      state: 'warning',
      says: 'DEVICE contains dml, which onnxruntime doesn’t support on this machine',
    })
    const amd = { name: 'AMD Radeon RX 7900', memory: undefined }
    const found = deviceFindings([dead('webgpu', 'No supported adapters'), cpu], [amd], undefined, true)
    expect(found.at(-1)).toMatchObject({
      says: 'webgpu doesn’t work: No supported adapters',
      todo: expect.stringContaining('Vulkan'),
    })
  })
})

test('an old Node is an error, and little memory is a warning', () => {
  expect(nodeFinding('20.18.9')).toMatchObject({ state: 'error', todo: expect.stringContaining('nodejs.org') })
  expect([nodeFinding('20.19.0').state, nodeFinding('24.1.0').state]).toEqual(['ok', 'ok'])
  expect(memoryFinding({ total: 2e9, available: 0.4e9 })).toMatchObject({
    state: 'warning',
    says: '0.4 GB of 2.0 GB free',
  })
})

describe('pages', () => {
  const own = (more: Environment = {}) => ({ ...discordEnvironment(discord), ...more })
  /** Something else that listens on a port. */
  async function stranger(answer = 'something else') {
    const server = createServer((_, response) => response.end(answer))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const close = () => new Promise(resolve => server.close(resolve))
    return { port: String((server.address() as AddressInfo).port), close }
  }

  test('taken ports, and one port for two servers, are errors', async () => {
    const other = await stranger()
    const { said, starts } = await look([pagesGroup], own({ PAGES_PORT: other.port, OPERATOR_PORT: other.port }))
    expect(starts).toBe(false)
    expect(said).toMatch(/✗ Pages: Port \d+ is in use by another program\. Set another PAGES_PORT\./)
    expect(said).toMatch(/✗ Admin server: OPERATOR_PORT and PAGES_PORT are both \d+/)
    const alone = await look([pagesGroup], own({ OPERATOR_PORT: other.port })).finally(other.close)
    expect(alone).toMatchObject({
      starts: false,
      said: expect.stringMatching(/✗ Admin server: Port \d+ is in use/),
    })
  })

  test('a PUBLIC_URL that is unreachable or leads elsewhere is a warning', async () => {
    const [port, nobody] = [String(await freePort()), await freePort()]
    const gone = await look([pagesGroup], own({ PAGES_PORT: port, PUBLIC_URL: `http://127.0.0.1:${nobody}` }))
    expect(gone.starts).toBe(true)
    expect(gone.said).toMatch(
      /! Pages: http:\/\/127\.0\.0\.1:\d+ can’t be reached from this machine: connect ECONNREFUSED/,
    )
    const other = await stranger()
    const elsewhere = await look(
      [pagesGroup],
      own({ PAGES_PORT: port, PUBLIC_URL: `http://127.0.0.1:${other.port}` }),
    ).finally(other.close)
    expect(elsewhere.starts).toBe(true)
    expect(elsewhere.said).toMatch(/! Pages: http:\/\/127\.0\.0\.1:\d+ leads to another server: it answers 200/)
  })

  test('a proxy that doesn’t forward the Host header is a warning', async () => {
    const port = await freePort()
    const proxy = createServer((request, response) => {
      // Many programs do this by default: under a separate name.
      const passed = ask({ port, path: request.url, headers: { host: 'upstream' } }, answer => {
        response.writeHead(answer.statusCode!)
        answer.pipe(response)
      })
      passed.end()
    })
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
    const url = `http://localhost:${(proxy.address() as AddressInfo).port}`
    const { said } = await look([pagesGroup], own({ PAGES_PORT: String(port), PUBLIC_URL: url })).finally(() =>
      proxy.close(),
    )
    expect(said).toMatch(
      /! Pages: http:\/\/localhost:\d+ reaches this machine, but with another host name \(421\)\n +→ .*proxy_set_header Host/,
    )
  })

  test('the pages of a running bot are recognized', async () => {
    const onError = console.error
    const open = await startPages(new Hono(), { port: 0, host: '127.0.0.1', home: 'editor', onError })
    const { port } = new URL(open.url)
    const { said, starts } = await look(
      [pagesGroup],
      own({ PAGES_PORT: port, PUBLIC_URL: `http://localhost:${port}` }),
    ).finally(open.close)
    expect(starts).toBe(false)
    expect(said).toMatch(/✗ Pages: port \d+ is in use by Overscan’s own pages\n +→ If this bot is running/)
    expect(said).toMatch(/✓ Pages: http:\/\/localhost:\d+ leads to these pages/)
  })
})

describe('running checks', () => {
  const check = (id: string, run: Check['run'], more: Partial<Check> = {}): Check => ({
    id,
    title: id,
    timeout: { seconds: 60, state: 'error', says: 'late' },
    run,
    ...more,
  })
  const context = doctorContext({}, {}, '.env')

  test('a check that takes too long is stopped and reported', async () => {
    let stopped = false
    const silent = check(
      'silent',
      (_, signal) =>
        new Promise(() =>
          signal.addEventListener('abort', () => {
            stopped = true
          }),
        ),
      { timeout: { seconds: 0.01, state: 'warning', says: 'it does not answer', todo: 'Wait.' } },
    )
    const [found] = await runChecks([{ title: 'one', checks: [silent] }], context)
    expect(found!.findings).toEqual([{ state: 'warning', says: 'it does not answer', todo: 'Wait.' }])
    expect(stopped).toBe(true)
  })

  test('CPU-heavy checks run last; unexpected errors are thrown', async () => {
    const order: string[] = []
    const note = (name: string) => async () => {
      order.push(name)
      return { state: 'ok', says: name } as const
    }
    const heavy = check('heavy', note('heavy'), { runsAlone: true })
    await runChecks([{ title: 'one', checks: [heavy, check('a', note('a')), check('b', note('b'))] }], context)
    expect(order).toEqual(['a', 'b', 'heavy'])
    const bug = check('bug', async () => {
      throw new TypeError('a bug')
    })
    await expect(runChecks([{ title: 'one', checks: [bug] }], context)).rejects.toThrow('a bug')
  })
})

test('ASCII is used without a terminal and with NO_COLOR', () => {
  expect([reportStyleFor(true, {}), reportStyleFor(true, { NO_COLOR: '1' }), reportStyleFor(false, {})]).toEqual([
    'unicode',
    'ascii',
    'ascii',
  ])
  const findings = [
    { state: 'ok', says: '“a” × b' },
    { state: 'error', says: 'c', todo: 'd…' },
  ] as const
  const examined = [{ id: 'x', title: 'X', group: 'All', findings }]
  expect(groupLines(examined, 'unicode')).toEqual(['All', '  ✓ X: “a” × b', '  ✗ X: c', '      → d…', ''])
  expect(groupLines(examined, 'ascii')).toEqual(['All', '  [OK] X: "a" x b', '  [Error] X: c', '      -> d...', ''])
  expect(reportSummary(examined, 'bot', 'ascii')).toBe(
    "1 OK, 0 warnings, 1 error. The bot can't start. Fix the errors first.",
  )
})
