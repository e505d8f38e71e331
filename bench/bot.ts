import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { startBot } from '../src/bot/start-bot.js'
import { openQueue } from '../src/cli/open-queue.js'
import { parseConfig } from '../src/config.js'
import { startDiscordEmulator } from '../src/discord-emulator/emulator.js'
import { median } from './median.js'

const SAMPLE = fileURLToPath(new URL('../examples/lighthouse.png', import.meta.url))

/**
 * From `/zoom` with the sample (768×512) to the message with four pictures, and how long the event loop of the bot's
 * process was held up meanwhile. The stand-in for Discord lives in the same process: its work is counted in.
 */
export async function benchBot({ quick }: { quick: boolean }) {
  const data = await readFile(SAMPLE)
  const discord = await startDiscordEmulator()
  const log = pino({ level: 'silent' })
  const folder = await mkdtemp(join(tmpdir(), 'overscan-bench-'))
  const config = parseConfig({
    DISCORD_TOKEN: discord.token,
    DISCORD_API: `${discord.url}/api`,
    DISCORD_CDN: discord.url,
    DISCORD_MEDIA: discord.url,
    DATA_FOLDER: folder,
  })
  const line = await openQueue(config, log)
  const bot = await startBot(config, { ...line, log })
  const ada = discord.person('Ada')
  const zoom = async () => {
    const start = performance.now()
    const sent = await ada.slash('zoom', { image: { name: 'lighthouse.png', data } })
    const { afterMs } = await sent.acknowledged
    // The result is an ordinary message that names the request in its nonce.
    const arrived = () => discord.messages().some(({ nonce }) => nonce === sent.id)
    await discord.waitUntil(arrived, { timeoutMs: 120_000, what: 'four pictures' })
    return { wallMs: performance.now() - start, acknowledgedMs: afterMs }
  }
  try {
    await zoom() // warm: the painting process starts with the first job
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const runs = []
    for (let run = 0; run < (quick ? 1 : 5); run++) runs.push(await zoom())
    delay.disable()
    const ms = (nanoseconds: number) => Number((nanoseconds / 1e6).toFixed(1))
    return {
      wallMs: Math.round(median(runs.map(run => run.wallMs))),
      acknowledgedMs: Math.round(median(runs.map(run => run.acknowledgedMs))),
      loopDelayMs: { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) },
    }
  } finally {
    await bot.close()
    await line.close()
    await discord.close()
    await rm(folder, { recursive: true, force: true })
  }
}
