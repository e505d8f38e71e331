import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { encodePng } from '../../src/inference/image/png.js'
import { landscape } from '../contracts/engine.js'
import {
  buttonsOf,
  discordEnvironment,
  resultsOf,
  startTestDiscord,
  textOf,
  waitForButton,
  waitForRefusal,
} from '../support/emulator.js'
import { MAIN, type RunningProgram, startProgram } from '../support/programs.js'

let discord: DiscordEmulator
let bots: RunningProgram[] = []
let folder: string

beforeEach(async () => {
  discord = await startTestDiscord()
  folder = await mkdtemp(join(tmpdir(), 'overscan-'))
  await cp(inject('database'), join(folder, 'line', 'queue'), { recursive: true })
})
afterEach(async () => {
  await Promise.all(bots.map(bot => bot.stop('SIGKILL')))
  bots = []
  await discord.close()
  await rm(folder, { recursive: true })
  expect(discord.violations).toEqual([])
})

/** `overscan bot` in another process, once it is online. */
async function startBotProcess(more: Record<string, string> = {}): Promise<RunningProgram> {
  const environment = { ...discordEnvironment(discord), DATA_FOLDER: folder, ...more }
  const bot = await startProgram(['bot'], environment, 'bot online')
  bots.push(bot)
  return bot
}

const picture = async (width: number, height: number) => ({
  name: 'hills.png',
  data: await encodePng(landscape(width, height)),
})

test('a button of a bot that was killed works with the next bot', async () => {
  const ada = discord.person('Ada')
  const first = await startBotProcess()
  const sent = await ada.slash('zoom', { image: await picture(96, 64), variations: 1, seed: 5 })
  const message = await waitForButton(discord, sent, 'Zoom Out 1.5×')
  await first.stop('SIGKILL')

  await startBotProcess()
  discord.expireAttachments()
  const again = await waitForButton(discord, await ada.press(message, 'Zoom Out 1.5×'), 'U1')
  expect(buttonsOf(again)).toEqual(['U1', 'U2', 'U3', 'U4', '🔄', 'V1', 'V2', 'V3', 'V4'])
})

test('jobs go on after a bot was killed and started again: in the same order, none lost, none delivered twice', async () => {
  const [ada, bob] = [discord.person('Ada'), discord.person('Bob')]
  const first = await startBotProcess()
  const runs = await ada.slash('zoom', { image: await picture(400, 300), seed: 1 })
  await first.waitForLog('painting started', runs.id)
  const [source, mask] = [await picture(96, 64), await picture(96, 64)]
  const waits: Awaited<ReturnType<typeof ada.slash>>[] = []
  for (const ask of [
    () => ada.slash('zoom', { image: source, variations: 1, seed: 2, prompt: 'a harbour' }),
    () => bob.slash('zoom', { image: mask, variations: 1, seed: 3, factor: 2 }),
    () => ada.slash('square', { image: source, variations: 1, seed: 4 }),
  ]) {
    const sent = await ask()
    waits.push(sent)
    await first.waitForLog('job queued', sent.id)
  }
  for (const one of waits) await waitForButton(discord, one, 'Cancel')
  await first.stop('SIGKILL')

  const next = await startBotProcess()
  const results = []
  for (const one of [runs, ...waits]) results.push(await waitForButton(discord, one, one === runs ? 'U1' : 'Recipe'))
  for (const { id } of [runs, ...waits]) {
    await next.waitForLog('job delivered', id)
    expect(resultsOf(discord, id)).toHaveLength(1)
  }
  // The queue is as it was: Bob's turn comes before Ada's next.
  const painted = next.logLines().flatMap(({ msg, job }) => (msg === 'painting started' ? [job] : []))
  expect(painted).toEqual([runs, waits[1]!, waits[0]!, waits[2]!].map(({ id }) => id))
  expect(textOf(results[1]!)).toContain('a harbour')
  // What showed progress is gone, and buttons go on from what travelled along.
  expect(discord.messages().filter(message => buttonsOf(message).includes('Cancel'))).toEqual([])
  const again = await waitForButton(discord, await ada.press(results[1]!, 'Zoom Out 1.5×'), 'U1')
  expect(buttonsOf(again)).toContain('U4')
})

test('a bot that was killed between sending and acknowledging does not send again', async () => {
  const ada = discord.person('Ada')
  const first = await startBotProcess()
  const stop = discord.on('message', ({ nonce }) => {
    if (nonce === sent?.id) first.child.kill('SIGKILL')
  })
  let sent: Awaited<ReturnType<typeof ada.slash>> | undefined
  sent = await ada.slash('zoom', { image: await picture(96, 64), variations: 1, seed: 5 })
  const { id } = sent
  await discord.waitUntil(() => resultsOf(discord, id).length > 0, { what: 'the result', timeoutMs: 60_000 })
  await first.stop('SIGKILL')
  stop()
  // By then Discord itself would accept the same message once more.
  discord.clock.advance(10 * 60_000)

  const next = await startBotProcess()
  await next.waitForLog('job already delivered', id)
  expect(resultsOf(discord, id)).toHaveLength(1)
  expect(discord.messages().filter(message => buttonsOf(message).includes('Cancel'))).toEqual([])
})

test('a bot that starts after the interaction’s token has expired still delivers the pictures', async () => {
  const ada = discord.person('Ada')
  const first = await startBotProcess()
  const sent = await ada.slash('zoom', { image: await picture(400, 300), seed: 1 })
  await waitForButton(discord, sent, 'Cancel')
  await first.stop('SIGKILL')
  discord.clock.advance(20 * 60_000)
  const next = await startBotProcess()
  await next.waitForLog('job delivered', sent.id)
  expect(resultsOf(discord, sent.id)).toHaveLength(1)
})

test('a bot that stops finishes the running job and says that the others will go on; after a start they do', async () => {
  const [ada, bob] = [discord.person('Ada'), discord.person('Bob')]
  const bot = await startBotProcess()
  const runs = await ada.slash('zoom', { image: await picture(400, 300), variations: 1 })
  await waitForButton(discord, runs, 'Cancel')
  const waits = await bob.slash('zoom', { image: await picture(96, 64), variations: 1 })
  await waitForButton(discord, waits, 'Cancel')
  expect(await bot.stop('SIGTERM')).toBe(0)
  expect(resultsOf(discord, runs.id)).toHaveLength(1)
  expect(resultsOf(discord, waits.id)).toHaveLength(0)
  expect(textOf(waits.message()!)).toMatch(/I’m restarting\. Your request keeps its position/)

  await startBotProcess()
  await waitForButton(discord, waits, 'Recipe')
  expect(resultsOf(discord, waits.id)).toHaveLength(1)
})

test('the running job is finished when all processes get the signal at once, as from Ctrl+C and systemd', async () => {
  const ada = discord.person('Ada')
  const bot = await startBotProcess()
  await waitForButton(discord, await ada.slash('zoom', { image: await picture(96, 64), variations: 1 }), 'Recipe')
  const runs = await ada.slash('zoom', { image: await picture(400, 300), variations: 1 })
  await bot.waitForLog('painting started', runs.id)
  const painting = await childrenOf(bot.child.pid!)
  expect(painting).toHaveLength(1)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(painting[0]!, signal)
  expect(await bot.stop('SIGTERM')).toBe(0)
  expect(resultsOf(discord, runs.id)).toHaveLength(1)
  // Nothing is left behind.
  expect(() => process.kill(painting[0]!, 0)).toThrow('ESRCH')
})

async function childrenOf(parent: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,comm='])
  const all = stdout
    .trim()
    .split('\n')
    .map(line => line.trim().split(/\s+/))
  return all.filter(([, ppid, name]) => Number(ppid) === parent && name !== 'ps').map(([pid]) => Number(pid))
}

test('two bots can’t use one folder; the operator can delete a person’s data once no bot uses it', async () => {
  const ada = discord.person('Ada')
  const bot = await startBotProcess({ OPERATOR_PASSWORD: 'long enough' })
  const second = expect(startBotProcess()).rejects.toThrow(/ended before/)
  // The log names settings without effect.
  expect(bot.logLines().filter(({ level }) => level === 40)).toMatchObject([
    { setting: 'OPERATOR_PASSWORD', msg: 'setting has no effect', reason: 'the job board needs OPERATOR_PORT' },
  ])
  await waitForRefusal(discord, await ada.slash('settings mine', { variations: 1 }))
  const forget = () =>
    promisify(execFile)(process.execPath, [MAIN, 'forget', ada.user.id], {
      env: { ...process.env, DATA_FOLDER: folder },
    })
  await expect(forget()).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(folder) })
  await second
  expect(await bot.stop('SIGTERM')).toBe(0)
  expect((await forget()).stdout).toBe('Settings deleted. Cancelled requests: 0.\n')
  expect((await forget()).stdout).toBe('No settings found. Cancelled requests: 0.\n')
})
