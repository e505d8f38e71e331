import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import systeminformation from 'systeminformation'
import { type DiscordEmulator, startDiscordEmulator } from '../src/discord-emulator/emulator.js'
import { hasPostgres, hasRedis, startPostgres, startRedis, waitForOutput } from '../test/support/servers.js'
import { median } from './median.js'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** As `npm start`, the image and the service have it. */
const FLAGS = ['--max-semi-space-size=1', '--v8-pool-size=1']

/** How long the bot has been idle when its memory is looked at, in milliseconds. */
const IDLE = 10_000

type Memory = { readonly process: string; readonly residentMB: number; readonly proportionalMB?: number }

type Start = {
  /** From the process's start to the line in its log that says it is online: logged in, its commands known to Discord. */
  readonly onlineMs: number
  /** To its first answer to a command that was sent as soon as it was online. */
  readonly answeredMs: number
  /** The bot first, then the processes that it started. */
  readonly memory: readonly Memory[]
}

/** One start of the compiled bot, and its end. */
async function started(
  main: readonly string[],
  discord: DiscordEmulator,
  environment: Readonly<Record<string, string>>,
): Promise<Start> {
  const begin = performance.now()
  const child = spawn(process.execPath, [...main, 'bot'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      LOG_LEVEL: 'info',
      DISCORD_TOKEN: discord.token,
      DISCORD_API: `${discord.url}/api`,
      DISCORD_CDN: discord.url,
      DISCORD_MEDIA: discord.url,
      ...environment,
    },
  })
  try {
    await waitForOutput(child, /"msg":"online"/)
    const onlineMs = performance.now() - begin
    const help = await discord.person('Ada').slash('help')
    await help.acknowledged
    const answeredMs = performance.now() - begin
    await pause(IDLE)
    return { onlineMs, answeredMs, memory: await memoryOf(child.pid!) }
  } finally {
    const end = once(child, 'exit')
    child.kill('SIGTERM')
    await end
  }
}

/** What a process and its descendants take. */
async function memoryOf(pid: number): Promise<Memory[]> {
  const { list } = await systeminformation.processes()
  const family = list.filter(one => one.pid === pid)
  // It grows while it is walked through.
  for (const { pid: parent } of family) family.push(...list.filter(one => one.parentPid === parent))
  return Promise.all(
    family.map(async one => {
      const proportional = await proportionalMB(one.pid)
      return {
        process: one.pid === pid ? 'bot' : `${basename(one.command)} ${one.params}`.trim(),
        residentMB: Math.round((one.memRss * 1024) / 1e6),
        ...(proportional !== undefined && { proportionalMB: proportional }),
      }
    }),
  )
}

/** Memory that several processes share is split between them; Linux alone tells. */
async function proportionalMB(pid: number): Promise<number | undefined> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(rollup) ?? []
  return kilobytes === undefined ? undefined : Math.round((Number(kilobytes) * 1024) / 1e6)
}

function summed(starts: readonly Start[]) {
  const middle = (value: (start: Start) => number) => Math.round(median(starts.map(value)))
  const sum = (memory: readonly Memory[]) => memory.reduce((all, { residentMB }) => all + residentMB, 0)
  const proportional = starts.map(({ memory }) => memory[0]?.proportionalMB).filter(value => value !== undefined)
  return {
    onlineMs: middle(({ onlineMs }) => onlineMs),
    answeredMs: middle(({ answeredMs }) => answeredMs),
    idle: {
      botMB: middle(({ memory }) => memory[0]!.residentMB),
      ...(proportional.length > 0 && { botProportionalMB: Math.round(median(proportional)) }),
      children: starts.at(-1)!.memory.slice(1),
      togetherMB: middle(({ memory }) => sum(memory)),
    },
  }
}

/** A place where the line can be, for as long as it is measured. */
type Place = { readonly environment: Readonly<Record<string, string>>; close(): Promise<void> }

const places: Readonly<Record<string, () => Promise<Place | undefined>>> = {
  embedded: async () => ({ environment: {}, close: async () => {} }),
  redis: async () => {
    if (!hasRedis) return undefined
    const { url, close } = await startRedis()
    return { environment: { REDIS_URL: url }, close }
  },
  postgres: async () => {
    if (!hasPostgres) return undefined
    const { url, close } = await startPostgres()
    return { environment: { DATABASE_URL: url }, close }
  },
}

/**
 * The compiled bot as a process of its own, on the stand-in for Discord: how soon it is online and answers, and what it takes when
 * nobody asks for anything, for each place where the line can be. Build it first.
 *
 * @param beside another build's `main.js`, started in turns with this one, without flags
 */
export async function benchStart({ quick, beside }: { quick: boolean; beside?: string }) {
  const here = [...FLAGS, MAIN]
  const builds = { ...(beside !== undefined && { beside: [resolve(beside)] }), here }
  const result: Record<string, unknown> = {}
  for (const [name, open] of Object.entries(places)) {
    const place = await open()
    if (!place) continue
    const folder = await mkdtemp(join(tmpdir(), 'overscan-bench-'))
    const discord = await startDiscordEmulator()
    const run = (main: readonly string[]) => started(main, discord, { ...place.environment, DATA_FOLDER: folder })
    try {
      // The database and the commands are made.
      const first = await run(here)
      const all = Object.entries(builds).map(([build, main]) => ({ build, main, starts: [] as Start[] }))
      for (let round = 0; round < (quick ? 1 : 3); round++) {
        for (const { main, starts } of all) starts.push(await run(main))
      }
      const measured = Object.fromEntries(all.map(({ build, starts }) => [build, summed(starts)]))
      result[name] = { firstOnlineMs: Math.round(first.onlineMs), ...measured }
    } finally {
      await discord.close()
      await place.close()
      await rm(folder, { recursive: true })
    }
  }
  return result
}
