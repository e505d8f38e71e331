import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { encodePng } from '../../src/inference/image/png.js'
import { landscape } from '../contracts/engine.js'
import { writeSingleFile } from '../support/checkpoints.js'
import {
  buttonsOf,
  discordEnvironment,
  resultsOf,
  startTestDiscord,
  textOf,
  waitForButton,
  waitForRefusal,
} from '../support/emulator.js'
import { type RunningProgram, startProgram } from '../support/programs.js'
import { freePort, hasRedis, type RedisServer, startRedis } from '../support/servers.js'
import { upscalerFile } from '../support/upscalers.js'

const picture = async (width: number, height: number) => ({
  name: 'hills.png',
  data: await encodePng(landscape(width, height)),
})

/** Large enough to be caught at work. */
const LARGE = [900, 700] as const

describe.skipIf(!hasRedis)('bots and workers in separate processes, on a real Redis', () => {
  let redis: RedisServer
  let discord: DiscordEmulator
  let programs: RunningProgram[] = []

  beforeAll(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    discord = await startTestDiscord()
  })
  afterEach(async () => {
    await Promise.all(programs.map(one => one.stop('SIGKILL')))
    programs = []
    await discord.close()
    await redis.kill()
    await redis.close()
    redis = await startRedis()
    expect(discord.violations).toEqual([])
  })
  afterAll(() => redis.close())

  async function started(args: string[], ready: string, more: Record<string, string> = {}): Promise<RunningProgram> {
    const program = await startProgram(args, { ...discordEnvironment(discord), REDIS_URL: redis.url, ...more }, ready)
    programs.push(program)
    return program
  }
  const bot = (more = {}) => started(['bot'], 'bot online', more)
  const worker = (args: string[] = [], more = {}) => started(['worker', ...args], 'worker ready', more)

  test('when a worker is killed while painting, another one paints the job, and its pictures are delivered once', async () => {
    const ada = discord.person('Ada')
    const brain = await bot()
    const first = await worker()
    const sent = await ada.slash('zoom', { image: await picture(...LARGE), seed: 3 })
    await first.waitForLog('painting started', sent.id)
    await first.stop('SIGKILL')
    const second = await worker()
    await second.waitForLog('painting started', sent.id)
    const result = await waitForButton(discord, sent, 'U1')
    expect(buttonsOf(result)).toContain('V4')
    await brain.waitForLog('job delivered', sent.id)
    expect(resultsOf(discord, sent.id)).toHaveLength(1)
    expect(discord.messages().filter(message => buttonsOf(message).includes('Cancel'))).toEqual([])
  })

  test('of two bots with one token one answers each request, and takes over the jobs of the other when that is killed', async () => {
    const ada = discord.person('Ada')
    const bots = [await bot(), await bot()]
    const small = await picture(96, 64)
    for (let seed = 0; seed < 4; seed++) await ada.slash('info')
    const sent = await ada.slash('zoom', { image: small, variations: 1, seed: 1 })
    await waitForButton(discord, sent, 'Cancel')
    // What a process logs reaches us a little later than what it tells Discord.
    const taker = await Promise.any(bots.map(one => one.waitForLog('job queued', sent.id).then(() => one)))
    await taker.stop('SIGKILL')
    const other = bots.find(one => one !== taker)!
    await other.waitForLog('job taken over', sent.id)
    await worker()
    await waitForButton(discord, sent, 'Recipe')
    expect(resultsOf(discord, sent.id)).toHaveLength(1)
    // Nobody was answered twice: Discord would have said so to the second.
    for (const one of bots) expect(one.logLines().filter(({ level }) => Number(level) >= 50)).toEqual([])
  })

  test('Cancel reaches the worker; a worker takes only jobs that it can paint; a worker that stops finishes its job', async () => {
    const ada = discord.person('Ada')
    const brain = await bot()
    const small = await worker(['--largest', '4'])
    const tooLarge = await ada.slash('zoom', {
      image: await picture(2200, 1900),
      variations: 1,
      factor: 2,
      keep: 'pixels',
    })
    expect(await waitForRefusal(discord, tooLarge)).toMatch(/No connected machine can paint 17 megapixels/)

    const sent = await ada.slash('zoom', { image: await picture(...LARGE) })
    const progress = await waitForButton(discord, sent, 'Cancel')
    await small.waitForLog('painting started', sent.id)
    await ada.press(progress, 'Cancel')
    expect(await waitForRefusal(discord, sent)).toBe('Cancelled.')
    expect(await small.waitForLog('painting finished', sent.id)).toMatchObject({ outcome: 'cancelled' })

    const last = await ada.slash('zoom', { image: await picture(400, 300), variations: 1 })
    await small.waitForLog('painting started', last.id)
    expect(await small.stop('SIGTERM')).toBe(0)
    await brain.waitForLog('job delivered', last.id)
    // Where nobody paints, people read that, and their requests wait.
    const waits = await ada.slash('zoom', { image: await picture(96, 64), variations: 1 })
    await discord.waitUntil(() => JSON.stringify(waits.message() ?? '').includes('No painting machine is connected'), {
      what: 'word that nobody paints',
      timeoutMs: 30_000,
    })
    await worker()
    await waitForButton(discord, waits, 'Recipe')
  })

  test('a bot offers the models of its workers, not its own, and says which one no worker has', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'overscan-fleet-'))
    try {
      for (const owner of ['bot', 'worker']) await mkdir(join(folder, owner))
      await writeSingleFile('sd1', join(folder, 'bot', 'of-the-bot.safetensors'), 'F16')
      await writeSingleFile('sd1-inpaint', join(folder, 'worker', 'of-the-worker.safetensors'), 'F16')
      for (const owner of ['bot', 'worker']) {
        await mkdir(join(folder, owner, 'upscale'))
        await writeFile(join(folder, owner, 'upscale', `${owner}.safetensors`), upscalerFile('srvgg-x4'))
      }
      await bot({ MODEL_FOLDER: join(folder, 'bot') })
      const painter = await worker([], { MODEL_FOLDER: join(folder, 'worker'), DEVICE: 'cpu' })
      const ada = discord.person('Ada')
      const shown = async () => answeredWith(ada, 'models')
      await vi.waitFor(async () => expect(await shown()).toContain('of-the-worker'), { timeout: 30_000 })
      expect(await shown()).not.toContain('of-the-bot')
      const image = await picture(64, 48)
      const sent = await ada.slash('square', { image, prompt: 'hills', variations: 1, steps: 1 })
      expect(textOf(await waitForButton(discord, sent, 'Recipe'))).toContain('of-the-worker')
      expect(await waitForRefusal(discord, await ada.slash('square', { image, model: 'of-the-bot' }))).toMatch(
        /no model “of-the-bot”.*of-the-worker/,
      )
      const offered = await ada.autocomplete('upscale', { upscaler: '' }, 'upscaler')
      expect(offered.map(({ value }) => value)).toEqual(['upscale/worker', 'lanczos'])
      const large = await waitForButton(discord, await ada.slash('upscale', { image }), 'Recipe')
      expect(textOf(large)).toContain('upscale/worker')
      expect(await waitForRefusal(discord, await ada.slash('upscale', { image, upscaler: 'bot' }))).toMatch(
        /no model “bot”.*upscale\/worker/,
      )
      // A worker that is gone takes its model with it; a connected one paints.
      await painter.stop('SIGTERM')
      await worker(['--engines', 'fill'])
      await vi.waitFor(async () => expect(await shown()).not.toContain('of-the-worker'), { timeout: 30_000 })
      const filled = await ada.slash('square', { image, variations: 1 })
      expect(textOf(await waitForButton(discord, filled, 'Recipe'))).toContain('fill')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('settings and quotas are the same for every bot', async () => {
    const boss = discord.person('Boss')
    boss.addRole(discord.role('managers', ['ManageGuild']))
    const guild = { id: discord.guild.id }
    const first = await bot()
    await answeredWith(boss, 'settings buttons', { who: 'author' })
    await answeredWith(boss, 'settings quota', { role: guild, pictures: 3 })
    await first.stop('SIGTERM')
    await bot()
    const shown = await answeredWith(boss, 'settings show')
    expect(shown).toContain('Quotas: everyone: 3 pictures per hour')
    expect(shown).toContain('Buttons can be used by: the person who asked')
    // What was spent is counted for all of them.
    const ada = discord.person('Ada')
    await worker()
    await waitForButton(discord, await ada.slash('zoom', { image: await picture(96, 64), variations: 3 }), 'U3')
    await bot()
    const refusal = await waitForRefusal(discord, await ada.slash('zoom', { image: await picture(96, 64) }))
    expect(refusal).toMatch(/3 pictures per hour/)
  })

  async function answeredWith(
    person: ReturnType<DiscordEmulator['person']>,
    command: string,
    options = {},
  ): Promise<string> {
    return waitForRefusal(discord, await person.slash(command, options))
  }

  test('serves health, readiness, metrics, and the board behind its password', async () => {
    const [botPort, workerPort] = [await freePort(), await freePort()]
    const operated = (port: number) => ({ OPERATOR_PORT: String(port), OPERATOR_PASSWORD: 'correct horse' })
    await bot(operated(botPort))
    await worker([], operated(workerPort))
    const ada = discord.person('Ada')
    const sent = await ada.slash('zoom', { image: await picture(96, 64), variations: 1 })
    await waitForButton(discord, sent, 'Recipe')
    const get = (port: number, path: string, headers = {}) => fetch(`http://127.0.0.1:${port}${path}`, { headers })
    for (const port of [botPort, workerPort]) {
      expect((await get(port, '/healthz')).status).toBe(200)
      expect((await get(port, '/readyz')).status).toBe(200)
    }
    const told = await (await get(workerPort, '/metrics')).text()
    expect(told).toMatch(/^overscan_jobs_ended_total\{engine="fill",device="auto",outcome="done"\} 1$/m)
    for (const step of ['read', 'paint', 'write', 'total']) {
      expect(told).toContain(`overscan_job_run_seconds_count{engine="fill",step="${step}"} 1`)
    }
    expect(told).toMatch(/^overscan_job_wait_seconds_count\{engine="fill"\} 1$/m)
    expect(Number(/^overscan_device_busy_seconds_total\{device="auto"\} (\S+)$/m.exec(told)?.[1])).toBeGreaterThan(0)
    expect(told).toContain('process_resident_memory_bytes')
    expect(await (await get(botPort, '/metrics')).text()).toContain('overscan_jobs{state="waiting"} 0')

    expect((await get(botPort, '/board')).status).toBe(401)
    expect((await get(botPort, '/board/api/queues')).status).toBe(401)
    const key = { authorization: `Basic ${Buffer.from('overscan:correct horse').toString('base64')}` }
    expect(await (await get(botPort, '/board', key)).text()).toContain('Overscan')
    const board = await (await get(botPort, '/board/api/queues?activeQueue=paint-fill-4&status=completed', key)).json()
    expect(JSON.stringify(board)).toContain(`job-${sent.id}`)

    await redis.kill()
    for (const port of [botPort, workerPort]) {
      expect((await get(port, '/healthz')).status).toBe(200)
      const answer = await get(port, '/readyz')
      expect(answer.status).toBe(503)
      expect(await answer.text()).toMatch(/queue/)
    }
    // Whoever asks meanwhile gets a sentence; nothing hangs.
    const declined = await ada.slash('zoom', { image: await picture(96, 64) })
    expect(await waitForRefusal(discord, declined)).toMatch(/can’t be reached right now/)
  })
})
