import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, extname, join } from 'node:path'
import { type APIMessage, MessageFlags } from 'discord.js'
import sharp from 'sharp'
import { startBot } from '../bot/client.js'
import { parseConfig, parseEnvVars } from '../config.js'
import { type DiscordEmulator, startDiscordEmulator } from '../discord-emulator/emulator.js'
import { readSize } from '../inference/image/decode.js'
import { contactSheet } from './contact-sheet.js'
import { createQuietLogger } from './log.js'
import { openQueue } from './open-queue.js'
import { createOutputFolder, readInput, writeOutput } from './paint-file.js'
import { SAMPLE_PICTURE } from './sample-picture.js'

/**
 * `overscan demo`: the whole chain on a stand-in Discord. Somebody sends `/zoom` with the photo, takes one of the four
 * pictures out, presses Zoom Out 1.5× under it, and, in the sample, takes the lighthouse away by drawing around it; every picture and a contact
 * sheet go into the folder.
 *
 * @param photo a picture file; the sample if left out
 * @throws ProblemError for what is wrong with the file or the folder
 */
export async function demo(photo: string | undefined, output: string): Promise<void> {
  const path = photo ?? SAMPLE_PICTURE
  const bytes = await readInput(path)
  await readSize(bytes) // what is no picture is told before anything starts
  await createOutputFolder(output)

  const log = createQuietLogger(process.env, 'silent')
  const { DISCORD_OPENAPI: openapi } = parseEnvVars(process.env, ['DISCORD_OPENAPI'])
  const discord = await startDiscordEmulator(openapi ? { openapi } : {})
  tell(`A stand-in for Discord listens on ${discord.url}; nothing leaves this machine.`)
  const folder = await mkdtemp(join(tmpdir(), 'overscan-demo-'))
  const config = parseConfig({
    ...(process.env.DEVICE && { DEVICE: process.env.DEVICE }),
    ...(process.env.MODEL_FOLDER && { MODEL_FOLDER: process.env.MODEL_FOLDER }),
    DISCORD_TOKEN: discord.token,
    DISCORD_API: `${discord.url}/api`,
    DISCORD_CDN: discord.url,
    DISCORD_MEDIA: discord.url,
    DATA_FOLDER: folder,
  })
  try {
    const line = await openQueue(config, log)
    const bot = await startBot(config, { ...line, log })
    try {
      tell(`${bot.name} has logged in, with the real discord.js.`)
      const stopNarrating = narrate(discord)
      const rows = await story(discord, { name: basename(path), data: bytes }, output, photo === undefined)
      stopNarrating()
      const sheet = join(output, 'contact-sheet.png')
      await writeOutput(sheet, await contactSheet([[bytes], ...rows]))
      tell(`\nEverything side by side: ${sheet}`)
    } finally {
      await bot.close()
      await line.close()
    }
  } finally {
    await discord.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** What happens in the channel; returns the pictures of each message. */
async function story(
  discord: DiscordEmulator,
  image: { name: string; data: Uint8Array },
  output: string,
  isSample: boolean,
): Promise<Uint8Array[][]> {
  const ada = discord.person('Ada')

  tell(`\nAda: /zoom image:${image.name}`)
  const asked = await ada.slash('zoom', { image })
  const grid = await finished(discord, asked, 'U1')
  const four = await save(discord, grid, output, '1-zoom')

  tell('\nAda presses [U2]')
  const taken = await ada.press(grid, 'U2')
  const single = await finished(discord, taken, 'Zoom Out 1.5×')
  const [one] = await save(discord, single, output, '2-taken-out')

  tell('\nAda presses [Zoom Out 1.5×]')
  const again = await ada.press(single, 'Zoom Out 1.5×')
  const farther = await finished(discord, again, 'U1')
  const rows = [four, [one!], await save(discord, farther, output, '3-zoom-again')]

  // Nobody knows where something stands in a picture that we have not seen.
  if (!isSample) return rows

  tell('\nAda draws a line around the lighthouse, and replies with that and no words: away with it')
  const drawn = await circled(one!)
  const reply = await ada.sendMessage('', { files: [{ name: 'drawn.jpg', data: drawn }], replyTo: single })
  const card = await shownWith(discord, ({ message_reference }) => message_reference?.message_id === reply.id, 'Paint')
  const [understood] = await save(discord, card, output, '4-understood')
  tell('\nAda presses [Paint]')
  const removed = await finished(discord, await ada.press(card, 'Paint'), 'U1')
  return [...rows, [drawn, understood!, ...(await save(discord, removed, output, '5-removed'))]]
}

/** A copy of the sample, once zoomed out, with a line around the lighthouse, as a phone would send it. */
async function circled(picture: Uint8Array): Promise<Buffer> {
  const { width, height } = await readSize(picture)
  const line = '<ellipse cx="45.3" cy="43" rx="6" ry="22" fill="none" stroke="#ff2d2d" stroke-width="1.5"/>'
  const drawing = `<svg width="${width}" height="${height}" viewBox="0 0 100 100" preserveAspectRatio="none">
    ${line}</svg>`
  return sharp(picture)
    .composite([{ input: Buffer.from(drawing) }])
    .jpeg({ quality: 85 })
    .toBuffer()
}

/** The message that came of it, once it has a button with this label; an ephemeral answer is a refusal. */
async function finished(
  discord: DiscordEmulator,
  sent: { id: string; message(): APIMessage | undefined; followUps(): APIMessage[] },
  label: string,
): Promise<APIMessage> {
  return discord.waitUntil(
    () => {
      const refusal = sent.followUps().find(({ flags = 0 }) => (flags & MessageFlags.Ephemeral) !== 0)
      if (refusal) throw new Error(`the bot answered: ${wordsOf(refusal)}`)
      // The bot names the request in the nonce of what comes of it.
      return found(discord, ({ nonce }) => nonce === sent.id, label)
    },
    { what: `a message with the button ${label}`, timeoutMs: 10 * 60_000 },
  )
}

async function shownWith(
  discord: DiscordEmulator,
  which: (message: APIMessage) => boolean,
  label: string,
): Promise<APIMessage> {
  const what = `a message with the button ${label}`
  return discord.waitUntil(() => found(discord, which, label), { what, timeoutMs: 60_000 })
}

function found(
  discord: DiscordEmulator,
  which: (message: APIMessage) => boolean,
  label: string,
): APIMessage | undefined {
  return discord.messages().find(message => which(message) && buttonsOf(message).includes(label))
}

async function save(
  discord: DiscordEmulator,
  message: APIMessage,
  output: string,
  name: string,
): Promise<Uint8Array[]> {
  const files: Uint8Array[] = []
  const pictures = shown(message)
  for (const [index, attachment] of pictures.entries()) {
    const bytes = await discord.download(attachment)
    const file = join(output, `${name}${pictures.length > 1 ? `-${index + 1}` : ''}${extname(attachment.filename)}`)
    await writeOutput(file, bytes)
    tell(`  saved ${file}`)
    files.push(bytes)
  }
  return files
}

/** Print what the bot's messages say, as they change. */
function narrate(discord: DiscordEmulator): () => void {
  const said = new Map<string, string>()
  const show = (message: APIMessage) => {
    const words = wordsOf(message)
    if (words === '' || said.get(message.id) === words) return
    said.set(message.id, words)
    tell(words.replaceAll(/^/gm, '  Overscan: '))
  }
  const stops = [discord.on('message', show), discord.on('edit', show)]
  return () => {
    for (const stop of stops) stop()
  }
}

/** A message in words: its texts, how many pictures, which buttons. */
function wordsOf(message: APIMessage): string {
  const texts = (message.components ?? []).flatMap(component => ('content' in component ? [component.content] : []))
  const plain = [message.content, ...texts]
    .filter(Boolean)
    .join('\n')
    .replaceAll(/\*\*|^-# /gm, '')
    .replaceAll(/<@\d+>/g, '@Ada')
  if (plain === '') return ''
  const pictures = shown(message).length
  const buttons = buttonsOf(message).map(label => `[${label}]`)
  const more = [pictures ? `${pictures} picture${pictures > 1 ? 's' : ''}` : '', ...buttons].filter(Boolean).join('  ')
  return more ? `${plain}\n${more}` : plain
}

function buttonsOf(message: APIMessage): string[] {
  return (message.components ?? []).flatMap(row =>
    'components' in row ? row.components.flatMap(child => (child.type === 2 ? [labelOf(child as never)] : [])) : [],
  )
}

function labelOf({ label, emoji }: { label?: string; emoji?: { name?: string } }): string {
  return label ?? emoji?.name ?? ''
}

/** The files that a message shows: others travel along unseen. */
function shown({ attachments, components = [] }: APIMessage): APIMessage['attachments'] {
  const urls = components.flatMap(one =>
    'items' in one ? one.items.map(({ media }) => media.url.split('?', 1)[0]) : [],
  )
  return attachments.filter(({ url }) => urls.includes(url.split('?', 1)[0]))
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}
