import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDiscordEmulator } from '../src/discord-emulator/emulator.js'
import { hasPostgres, hasRedis, startPostgres, startRedis } from '../test/support/servers.js'
import { endMember, hasExited, type Member, startMember } from './soak/fleet.js'
import { countLeftovers } from './soak/leftovers.js'
import { soakPeople } from './soak/people.js'
import type { SoakProcess } from './soak/soak-process.js'

type Store = SoakProcess['store']

export type SoakOptions = {
  /** How long people ask on each store, in minutes. */
  readonly minutes?: number | undefined
  readonly quick: boolean
}

/** Shorter than in use, so that takeovers are many. */
const LEASE_SECONDS = 2
const LOCK_DURATION_MS = 2000
const PAINT_MS = 20

/** How many requests are open at once. */
const OPEN_REQUESTS = 24

/** Between two blows to the fleet, and how long a process stands still, in milliseconds. The longest are over the lease. */
const BLOW_INTERVAL_MS = { min: 300, max: 1500 }
const FREEZE_MS = { min: 100, max: 8000 }

/** How often a blow is a kill; the others are freezes. A process takes seconds to start again. */
const KILL_SHARE = 0.25

/** How many bots stop by themselves at the worst moment: they have noted that they send a result, and have not sent it. */
const FREEZE_BEFORE_SENDING_SHARE = 0.3

/** How long open requests may take after the last blow, in milliseconds. */
const SETTLE_MS = 180_000

/** The search for orphaned jobs, every 5 seconds, and the end of what it starts. In milliseconds. */
const CLEANUP_MS = 6000

const between = ({ min, max }: { min: number; max: number }) => min + Math.random() * (max - min)

/** Bots and workers are killed and stopped at random while people ask; then each request is looked at, and the store. */
export async function benchSoak({ quick, minutes = quick ? 0.15 : 10 }: SoakOptions) {
  const results: Record<string, unknown> = {}
  const soak = async (store: Store, where: string) => {
    results[store] = await soakStore(store, where, minutes)
    // At once: the next store takes as long.
    process.stderr.write(`${store}: ${JSON.stringify(results[store])}\n`)
  }
  if (hasRedis) {
    const redis = await startRedis()
    await soak('redis', redis.url)
    await redis.close()
  }
  if (quick) return results
  if (hasPostgres) {
    const postgres = await startPostgres()
    await soak('postgres', postgres.url)
    await postgres.close()
  }
  const folder = await mkdtemp(join(tmpdir(), 'overscan-soak-'))
  await soak('embedded', folder)
  await rm(folder, { recursive: true, force: true })
  return results
}

/** A soak test of one store. @param where its URL, or its folder */
export async function soakStore(store: Store, where: string, minutes: number) {
  const discord = await startDiscordEmulator()
  const people = await soakPeople(discord, 40)
  const blows = { kills: 0, freezes: 0 }
  const start = (role: SoakProcess['role']): Member => {
    const { token, url } = discord
    const times = { leaseSeconds: LEASE_SECONDS, lockDurationMs: LOCK_DURATION_MS, paintMs: PAINT_MS }
    const freezeBeforeSending = role !== 'worker' && Math.random() < FREEZE_BEFORE_SENDING_SHARE
    return startMember({ role, store, where, discord: { token, url }, freezeBeforeSending, ...times }, people.onQueued)
  }
  const roles = store === 'embedded' ? (['both'] as const) : (['bot', 'bot', 'worker', 'worker'] as const)
  const fleet: Member[] = roles.map(start)
  await Promise.all(fleet.map(({ ready }) => ready))
  const end = Date.now() + minutes * 60_000

  async function blow(): Promise<void> {
    const at = Math.floor(Math.random() * fleet.length)
    const member = fleet[at]!
    if (hasExited(member)) {
      fleet[at] = start(member.options.role)
      return
    }
    if (Math.random() < KILL_SHARE) {
      blows.kills++
      await endMember(member, 'SIGKILL')
      fleet[at] = start(member.options.role)
    } else {
      blows.freezes++
      member.child.kill('SIGSTOP')
      const stands = Math.min(between(FREEZE_MS), Math.max(end - Date.now(), 0) + LEASE_SECONDS * 1500)
      await sleep(stands)
      member.child.kill('SIGCONT')
    }
    if (store === 'embedded') await Promise.race([fleet[at]!.ready.catch(() => {}), sleep(60_000)])
  }

  const asking = (async () => {
    while (Date.now() < end) {
      if (people.open() < OPEN_REQUESTS)
        await people.ask().catch(() => sleep(100)) // no bot is connected
      else await sleep(20)
    }
  })()
  while (Date.now() < end) {
    await sleep(between(BLOW_INTERVAL_MS))
    await blow()
  }
  await asking
  for (const [at, member] of fleet.entries()) if (hasExited(member)) fleet[at] = start(member.options.role)
  await Promise.all(fleet.map(({ ready }) => ready))
  const settled = Date.now() + SETTLE_MS
  do {
    for (const { child } of fleet) child.kill('SIGCONT')
    await sleep(200)
  } while (people.open() > 0 && Date.now() < settled)
  // Clean-up after the last delivery, and late processes that wake.
  await sleep(LEASE_SECONDS * 1000 + 1000)
  const cleaned = Date.now() + CLEANUP_MS
  // The folder can be read only when its process has ended.
  const hasLeftovers = async () =>
    store === 'embedded' || Object.values(await countLeftovers(store, where)).some(count => count > 0)
  while (Date.now() < cleaned && (await hasLeftovers())) await sleep(500)
  await Promise.all(fleet.map(member => endMember(member, 'SIGTERM')))
  const counts = people.counts()
  const leftovers = await countLeftovers(store, where)
  people.close()
  await discord.close()
  return { ...counts, ...blows, left: leftovers, details: people.details() }
}
