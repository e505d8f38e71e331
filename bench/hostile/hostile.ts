import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startDiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { freePort } from '../../test/support/servers.js'
import type { BotAnswer, BotProcess } from './bot-process.js'
import { type HostileInput, hostileInputs } from './inputs.js'

const LIMITS = { ms: 10_000, botMB: 500 } as const

/** An answer that takes longer is not waited for, in milliseconds. */
const GIVE_UP_MS = 60_000

type KindResult = {
  inputs: number
  accepted: number
  refused: number
  /** A process with limits ended, which costs one request. */
  processEnded: number
  worstMs: number
  worst: string
}

/** What happened to all inputs. The bars: nothing crashes, takes more than 10 s, or lets the bot take more than 500 MB. */
export type HostileResult = {
  readonly inputs: number
  readonly crashes: number
  readonly over10s: number
  readonly over500MB: number
  readonly botPeakMB: number
  readonly kinds: Readonly<Record<string, KindResult>>
  /** Of the first crashes. */
  readonly errors: readonly string[]
}

/** `npm run bench -- hostile`: files, models, recipes, ids and requests that were made to hurt. @param count how many */
export async function runHostileInputs(count: number): Promise<HostileResult> {
  const kinds: Record<string, KindResult> = {}
  const errors: string[] = []
  const totals = { inputs: 0, crashes: 0, over10s: 0, over500MB: 0, botPeakMB: 0 }
  const discord = await startDiscordEmulator()
  const folder = await mkdtemp(join(tmpdir(), 'overscan-hostile-'))
  const { token, url, channel } = discord
  const start = async () => startBot({ token, url, channel: channel.id, folder, port: await freePort() })
  let bot = await start()
  try {
    for await (const input of hostileInputs(count, bot.token)) {
      const answer = await answerOf(bot.process, input)
      record(input, answer)
      if (bot.process.exitCode !== null || bot.process.signalCode !== null) bot = await start()
    }
  } finally {
    bot.process.kill('SIGKILL')
    await discord.close()
    await rm(folder, { recursive: true, force: true })
  }

  function record(input: HostileInput, { outcome, ms, peakBytes, error }: BotAnswer): void {
    kinds[input.kind] ??= { inputs: 0, accepted: 0, refused: 0, processEnded: 0, worstMs: 0, worst: '' }
    const kind = kinds[input.kind]!
    totals.inputs++
    kind.inputs++
    if (outcome === 'accepted') kind.accepted++
    if (outcome === 'refused') kind.refused++
    if (outcome === 'process ended') kind.processEnded++
    if (outcome === 'crashed') {
      totals.crashes++
      if (errors.length < 10) errors.push(`${input.kind} ${input.name}: ${error}`)
    }
    if (ms > kind.worstMs) Object.assign(kind, { worstMs: Math.round(ms), worst: input.name })
    if (ms > LIMITS.ms) totals.over10s++
    const megabytes = Math.round(peakBytes / 1e6)
    if (megabytes > LIMITS.botMB && totals.botPeakMB <= LIMITS.botMB)
      errors.push(`${input.kind} ${input.name}: ${megabytes} MB`)
    if (megabytes > totals.botPeakMB && megabytes > LIMITS.botMB) totals.over500MB++
    totals.botPeakMB = Math.max(totals.botPeakMB, megabytes)
  }
  return { ...totals, kinds, errors }
}

async function startBot(options: BotProcess): Promise<{ process: ChildProcess; token: string }> {
  const file = fileURLToPath(new URL('./bot-process.ts', import.meta.url))
  const child = fork(file, [JSON.stringify(options)], {
    execArgv: ['--expose-gc', '--import', 'tsx'],
    serialization: 'advanced',
  })
  const [{ token }] = (await once(child, 'message')) as [{ token: string }]
  return { process: child, token }
}

async function answerOf(bot: ChildProcess, input: HostileInput): Promise<BotAnswer> {
  const begin = performance.now()
  const crashed = (error: string): BotAnswer => ({
    outcome: 'crashed',
    ms: performance.now() - begin,
    peakBytes: 0,
    error,
  })
  let timer: NodeJS.Timeout | undefined
  const stopped = new AbortController()
  const { signal } = stopped
  try {
    const message = once(bot, 'message', { signal }).then(([answer]) => answer as BotAnswer)
    const exit = once(bot, 'exit', { signal }).then(([code, name]) => crashed(`the bot ended with ${name ?? code}`))
    const timeout = new Promise<BotAnswer>(resolve => {
      timer = setTimeout(() => {
        bot.kill('SIGKILL')
        resolve(crashed('the bot hangs'))
      }, GIVE_UP_MS)
    })
    bot.send(input)
    const answers = [message, exit, timeout]
    for (const answer of answers) answer.catch(() => {})
    return await Promise.race(answers)
  } finally {
    clearTimeout(timer)
    stopped.abort()
  }
}

/** @param quick 500 inputs instead of 10,000 */
export async function benchHostile({ quick = false }: { quick?: boolean } = {}): Promise<HostileResult> {
  return runHostileInputs(quick ? 500 : 10_000)
}
