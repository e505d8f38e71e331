import { execFileSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDiscordEmulator } from '../src/discord-emulator/emulator.js'
import { encodePng } from '../src/inference/image/png.js'
import { startRedis } from '../test/support/servers.js'
import { endMember, type Member, startMember } from './soak/fleet.js'
import { soakPeople } from './soak/people.js'

/** How many people wait at the same time. */
const WAITING = { quick: 20, full: 250 }

/** Noise doesn't compress: 2.1 MB. */
const PICTURE = { width: 1000, height: 700 }

/** What a fast worker takes for a picture, in milliseconds. */
const PAINT_MS = 200

/** How long the bot may take until it has accepted all of them, in milliseconds. */
const ACCEPT_MS = 120_000

/** How long people wait before a worker starts, in milliseconds: the bot edits their positions meanwhile. */
const WAIT_MS = 30_000

/** A bot with many waiting requests: its memory, how often it edits progress, and whether results are held up. */
export async function benchWaiting({ quick }: { quick: boolean }) {
  const count = quick ? WAITING.quick : WAITING.full
  const redis = await startRedis()
  const discord = await startDiscordEmulator()
  const picture = await encodePng({
    ...PICTURE,
    data: randomFillSync(new Uint8Array(PICTURE.width * PICTURE.height * 3)),
  })
  const people = await soakPeople(discord, count, picture)
  const edits: number[] = []
  const isProgress = (text: string) => !text.includes('overscan-')
  const unsubscribe = discord.on('edit', message => {
    if (isProgress(JSON.stringify(message.attachments))) edits.push(performance.now())
  })
  const start = (role: 'bot' | 'worker') => {
    const { token, url } = discord
    const where = {
      store: 'redis',
      where: redis.url,
      leaseSeconds: 15,
      lockDurationMs: 30_000,
      paintMs: PAINT_MS,
    } as const
    return startMember({ role, ...where, discord: { token, url }, freezeBeforeSending: false }, people.onQueued)
  }
  const bot = start('bot')
  await bot.ready
  const memory = { before: residentMB(bot), waiting: 0, after: 0 }
  for (let asked = 0; asked < count; asked++) await people.ask()
  const acceptBy = performance.now() + ACCEPT_MS
  while (people.counts().accepted < count) {
    if (performance.now() > acceptBy) {
      throw new Error(`only ${people.counts().accepted} of ${count} requests were accepted: the machine is too busy`)
    }
    await sleep(100)
  }
  const from = performance.now()
  await sleep(WAIT_MS)
  memory.waiting = residentMB(bot)
  const whileWaiting = edits.filter(time => time >= from)
  const worker = start('worker')
  let painted = 0
  const ends: { painted: number[]; delivered: number[] } = { painted: [], delivered: [] }
  worker.child.stdout!.on('data', (part: Buffer) => {
    for (const _ of String(part).matchAll(/"msg":"painted"/g)) ends.painted[painted++] = performance.now()
  })
  await worker.ready
  const begin = performance.now()
  while (people.open() > 0) {
    const { delivered } = people.counts()
    while (ends.delivered.length < delivered) ends.delivered.push(performance.now())
    await sleep(50)
  }
  while (ends.delivered.length < count) ends.delivered.push(performance.now())
  const end = performance.now()
  memory.after = residentMB(bot)
  const lags = ends.painted.map((time, index) => (ends.delivered[index] ?? end) - time)
  const whileDelivering = edits.filter(time => time >= begin)
  for (const member of [worker, bot]) await endMember(member, 'SIGTERM')
  const { delivered, twice, lost } = people.counts()
  unsubscribe()
  people.close()
  await discord.close()
  await redis.close()
  return {
    waiting: count,
    pictureMB: Number((picture.length / 1e6).toFixed(1)),
    memoryMB: memory,
    editsPerSecond: { waiting: mostInASecond(whileWaiting), delivering: mostInASecond(whileDelivering) },
    paintedPerSecond: Number(((count * 1000) / (end - begin)).toFixed(1)),
    /** From the end of painting to the message. */
    deliveryMs: { median: Math.round(lags.sort((a, b) => a - b)[lags.length >> 1]!), max: Math.round(lags.at(-1)!) },
    delivered,
    twice,
    lost,
  }
}

function residentMB({ child }: Member): number {
  return Math.round(Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' })) / 1000)
}

function mostInASecond(times: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const time of times) {
    const second = Math.floor(time / 1000)
    counts.set(second, (counts.get(second) ?? 0) + 1)
  }
  return Math.max(0, ...counts.values())
}
