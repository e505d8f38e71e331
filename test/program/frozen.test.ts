import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest'
import { endMember, type Member, startMember } from '../../bench/soak/fleet.js'
import { soakPeople } from '../../bench/soak/people.js'
import type { SoakProcess } from '../../bench/soak/soak-process.js'
import { type DiscordEmulator, startDiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { hasPostgres, hasRedis, startPostgres, startRedis, waitForOutput } from '../support/servers.js'

const WAIT = { timeout: 60_000, interval: 50 }

let discord: DiscordEmulator
const members: Member[] = []

beforeAll(async () => {
  discord = await startDiscordEmulator()
})
afterEach(async () => {
  for (const member of members.splice(0)) await endMember(member, 'SIGKILL')
})
afterAll(() => discord.close())

type Where = Pick<SoakProcess, 'store' | 'where'>

function start(where: Where, freezeBeforeSending: boolean, onQueued: (job: string) => void): Member {
  const { token, url } = discord
  const times = { leaseSeconds: 2, lockDurationMs: 2000, paintMs: 20 }
  const options = { role: 'both', ...where, discord: { token, url }, freezeBeforeSending, ...times } as const
  const member = startMember(options, onQueued)
  members.push(member)
  return member
}

const isStopped = ({ child }: Member) =>
  execFileSync('ps', ['-o', 'state=', '-p', String(child.pid)], { encoding: 'utf8' }).startsWith('T')

/** A process that stops right after it noted that it sends: another one sends, and then it wakes. */
async function testWakingOwner(where: Where, onStopped = async () => {}): Promise<void> {
  const people = await soakPeople(discord, 1)
  onTestFinished(people.close)
  const first = start(where, true, people.onQueued)
  await first.ready
  await people.ask()
  await vi.waitFor(() => expect(isStopped(first)).toBe(true), WAIT)
  await onStopped()
  const second = start(where, false, people.onQueued)
  await vi.waitFor(() => expect(people.open()).toBe(0), WAIT)
  const givesUp = waitForOutput(first.child, /taken over by another process|backend lost/)
  first.child.kill('SIGCONT')
  await givesUp
  await endMember(first, 'SIGTERM')
  await endMember(second, 'SIGTERM')
  expect(people.counts()).toMatchObject({ asked: 1, delivered: 1, twice: 0, takenBack: 0 })
}

test.skipIf(!hasRedis)('on Redis, a bot that wakes after another one sent its result posts nothing', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.close())
  await testWakingOwner({ store: 'redis', where: redis.url })
})

test.skipIf(!hasPostgres)(
  'on PostgreSQL, a bot that wakes after another one sent its result posts nothing',
  async () => {
    const postgres = await startPostgres()
    onTestFinished(() => postgres.close())
    await testWakingOwner({ store: 'postgres', where: postgres.url })
  },
)

test.skipIf(process.platform === 'win32')(
  'in a folder that another machine took over, a bot that wakes posts nothing',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'overscan-frozen-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    cpSync(inject('database'), join(folder, 'queue'), { recursive: true })
    await testWakingOwner({ store: 'embedded', where: folder }, async () => {
      // On this machine it would keep its folder.
      const owner = JSON.parse(await readFile(join(folder, 'owner'), 'utf8'))
      await writeFile(join(folder, 'owner'), JSON.stringify({ ...owner, birth: 'elsewhere' }))
      await utimes(`${folder}.lock`, 0, 0)
    })
  },
)
