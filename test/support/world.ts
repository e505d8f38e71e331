import { existsSync } from 'node:fs'
import type { APIMessage } from 'discord.js'
import { type Logger, pino } from 'pino'
import { type Bot, startBot } from '../../src/bot/bot.js'
import { parseConfig } from '../../src/config.js'
import { painter } from '../../src/inference/painter.js'
import { type Discord, type Sent, startDiscord } from '../../src/playground/discord.js'
import { localQueue } from '../../src/queue/local-queue.js'
import { shared } from './shared.js'

const openapi = shared('reference/discord-openapi.json')

/** A stand-in for Discord that checks every request and answer against Discord's own description, where it is at hand. */
export async function discordWorld(): Promise<Discord> {
  const here = existsSync(openapi)
  if (!here) console.warn(`WITHOUT ORACLE: requests are checked by our own rules only; ${openapi} is not there.`)
  if (!here && process.env.CI === 'true') throw new Error(`${openapi} is not there`)
  return startDiscord(here ? { openapi } : {})
}

/** A bot with everything real behind it: discord.js, the local queue, a painting process. */
export async function botFor(discord: Discord, log: Logger = pino({ level: 'silent' })): Promise<Bot> {
  const config = parseConfig({
    DISCORD_TOKEN: discord.token,
    DISCORD_API: `${discord.url}/api`,
    DISCORD_CDN: discord.url,
    DISCORD_MEDIA: discord.url,
  })
  const report = (error: unknown) => {
    log.error(error)
    return 'c0ffee'
  }
  return startBot(config, localQueue({ painters: [painter()], limit: config.QUEUE_LIMIT, report }), log)
}

/** The labels of a message's buttons. */
export function buttonsOf(message: APIMessage): string[] {
  return (message.components ?? []).flatMap(row =>
    'components' in row ? row.components.flatMap(child => ('label' in child && child.label ? [child.label] : [])) : [],
  )
}

/** All text of a message. */
export function textOf(message: APIMessage): string {
  const texts = (message.components ?? []).flatMap(component => ('content' in component ? [component.content] : []))
  return [message.content, ...texts].filter(Boolean).join('\n')
}

/** The message that answers, once it has a button with this label. */
export function answered(discord: Discord, sent: Sent, label: string): Promise<APIMessage> {
  return discord.until(
    () => {
      const message = sent.message()
      return message && buttonsOf(message).includes(label) ? message : undefined
    },
    { what: `a message with the button ${label}`, timeoutMs: 110_000 },
  )
}

/** The refusal that only the person who asked can see. */
export async function refused(discord: Discord, sent: Sent): Promise<string> {
  const refusal = await discord.until(
    () => [sent.message(), ...sent.followUps()].find(message => ((message?.flags ?? 0) & 64) !== 0),
    { what: 'a refusal' },
  )
  return textOf(refusal)
}
