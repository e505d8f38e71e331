import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, extname, join } from 'node:path'
import { type APIMessage, MessageFlags } from 'discord.js'
import { startBot } from '../bot/start-bot.js'
import { type Environment, parseConfig, parseEnvVars } from '../config.js'
import { type DiscordEmulator, startDiscordEmulator } from '../discord-emulator/emulator.js'
import { readHeader } from '../inference/image/header.js'
import { sharp } from '../inference/image/sharp.js'
import { closeInTime } from './closing.js'
import { contactSheet } from './contact-sheet.js'
import { createQuietLogger } from './log.js'
import { openQueue, queueErrorLogger } from './open-queue.js'
import { createOutputFolder, writeOutput } from './paint-file.js'
import { readInput } from './picture-files.js'
import { printLine } from './print-line.js'
import { SAMPLE_PICTURE } from './sample-picture.js'

/**
 * `overscan demo`: the whole bot on the Discord emulator. A person sends `/zoom` with the photo, picks one of the four pictures and
 * clicks Zoom Out 1.5× under it. In the sample picture they also remove the lighthouse by drawing around it. All pictures and a contact
 * sheet are written to the folder.
 *
 * @param photo a picture file; the sample if left out
 * @throws UserError for an invalid file or folder
 */
export async function demo(photo: string | undefined, output: string, environment: Environment): Promise<void> {
  const path = photo ?? SAMPLE_PICTURE
  const bytes = await readInput(path)
  readHeader(bytes) // throws before anything starts
  await createOutputFolder(output)

  const log = createQuietLogger(environment, 'silent')
  const settings = parseEnvVars(environment, ['DISCORD_OPENAPI', 'DEVICE', 'MODEL_FOLDER'])
  const { DISCORD_OPENAPI: openapi } = settings
  const discord = await startDiscordEmulator({ ...(openapi && { openapi }), readPictureSize: readHeader })
  printLine(`A local copy of Discord listens on ${discord.url}. Nothing leaves this machine.`)
  const folder = await mkdtemp(join(tmpdir(), 'overscan-demo-'))
  const config = parseConfig({
    DEVICE: settings.DEVICE?.join(','),
    MODEL_FOLDER: settings.MODEL_FOLDER,
    DISCORD_TOKEN: discord.token,
    DISCORD_API: `${discord.url}/api`,
    DISCORD_CDN: discord.url,
    DISCORD_MEDIA: discord.url,
    DATA_FOLDER: folder,
  })
  try {
    const queue = await openQueue(config, log)
    const bot = await startBot(config, { ...queue, log })
    try {
      printLine(`${bot.name} is online, with the real discord.js.`)
      const stopPrinting = printBotMessages(discord)
      const rows = await playScenario(discord, { name: basename(path), data: bytes }, output, photo === undefined)
      stopPrinting()
      const sheet = join(output, 'contact-sheet.png')
      await writeOutput(sheet, await contactSheet([[bytes], ...rows]))
      printLine(`\nAll pictures in one file: ${sheet}`)
    } finally {
      await closeInTime([bot.close, queue.close], queueErrorLogger(log))
    }
  } finally {
    await discord.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The steps of the demo. @returns the pictures of each message */
async function playScenario(
  discord: DiscordEmulator,
  image: { name: string; data: Uint8Array },
  output: string,
  isSample: boolean,
): Promise<Uint8Array[][]> {
  const ada = discord.person('Ada')

  printLine(`\nAda: /zoom image:${image.name}`)
  const zoom = await ada.slash('zoom', { image })
  const grid = await resultOf(discord, zoom, 'U1')
  const four = await save(discord, grid, output, '1-zoom')

  printLine('\nAda clicks [U2]')
  const pick = await ada.press(grid, 'U2')
  const single = await resultOf(discord, pick, 'Zoom Out 1.5×')
  const [picked] = await save(discord, single, output, '2-picked')

  printLine('\nAda clicks [Zoom Out 1.5×]')
  const zoomAgain = await ada.press(single, 'Zoom Out 1.5×')
  const secondGrid = await resultOf(discord, zoomAgain, 'U1')
  const rows = [four, [picked!], await save(discord, secondGrid, output, '3-zoom-again')]

  // Only the sample has a known object to remove.
  if (!isSample) return rows

  printLine('\nAda draws a line around the lighthouse and replies with the copy, without text, to remove it')
  const marked = await drawAroundLighthouse(picked!)
  const reply = await ada.sendMessage('', { files: [{ name: 'drawn.jpg', data: marked }], replyTo: single })
  const confirmation = await messageWithButton(
    discord,
    ({ message_reference }) => message_reference?.message_id === reply.id,
    'Paint',
  )
  const [overlay] = await save(discord, confirmation, output, '4-confirmation')
  printLine('\nAda clicks [Paint]')
  const removed = await resultOf(discord, await ada.press(confirmation, 'Paint'), 'U1')
  return [...rows, [marked, overlay!, ...(await save(discord, removed, output, '5-removed'))]]
}

/** The zoomed-out sample with a red line around the lighthouse, as a JPEG like a phone sends it. */
async function drawAroundLighthouse(picture: Uint8Array): Promise<Buffer> {
  const { width, height } = readHeader(picture)
  const line = redEllipse(width, height)
  return sharp(picture)
    .composite([{ input: line, raw: { width, height, channels: 4 } }])
    .jpeg({ quality: 85 })
    .toBuffer()
}

/** A red outline around the lighthouse on a transparent layer, RGBA. Positions are shares of the picture. */
function redEllipse(width: number, height: number): Buffer {
  const [centerX, centerY, radiusX, radiusY] = [0.453 * width, 0.43 * height, 0.06 * width, 0.22 * height]
  const halfStroke = 0.0075 * width
  const pixels = Buffer.alloc(width * height * 4)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x + 0.5 - centerX, y + 0.5 - centerY]
      const distance = (margin: number) => Math.hypot(dx / (radiusX + margin), dy / (radiusY + margin))
      if (distance(halfStroke) > 1 || distance(-halfStroke) < 1) continue
      pixels.set([0xff, 0x2d, 0x2d, 0xff], (y * width + x) * 4)
    }
  }
  return pixels
}

/** The result of an interaction, once it has a button with this label. @throws Error if the answer is ephemeral, which is an error message */
async function resultOf(
  discord: DiscordEmulator,
  sent: { id: string; message(): APIMessage | undefined; followUps(): APIMessage[] },
  label: string,
): Promise<APIMessage> {
  return discord.waitUntil(
    () => {
      const errorMessage = sent.followUps().find(({ flags = 0 }) => (flags & MessageFlags.Ephemeral) !== 0)
      if (errorMessage) throw new Error(`the bot answered: ${messageText(errorMessage)}`)
      // The bot puts the id of the interaction into the nonce of the result.
      return found(discord, ({ nonce }) => nonce === sent.id, label)
    },
    { what: `a message with the button ${label}`, timeoutMs: 10 * 60_000 },
  )
}

async function messageWithButton(
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
  const pictures = shownPictures(message)
  for (const [index, attachment] of pictures.entries()) {
    const bytes = await discord.download(attachment)
    const file = join(output, `${name}${pictures.length > 1 ? `-${index + 1}` : ''}${extname(attachment.filename)}`)
    await writeOutput(file, bytes)
    printLine(`  saved ${file}`)
    files.push(bytes)
  }
  return files
}

/** Print the bot's messages as they change. @returns a function that stops it */
function printBotMessages(discord: DiscordEmulator): () => void {
  const printed = new Map<string, string>()
  const show = (message: APIMessage) => {
    const text = messageText(message)
    if (text === '' || printed.get(message.id) === text) return
    printed.set(message.id, text)
    printLine(text.replaceAll(/^/gm, '  Overscan: '))
  }
  const stops = [discord.on('message', show), discord.on('edit', show)]
  return () => {
    for (const stop of stops) stop()
  }
}

/** A message as text: its content, the number of pictures, the buttons. */
function messageText(message: APIMessage): string {
  const texts = (message.components ?? []).flatMap(component => ('content' in component ? [component.content] : []))
  const plain = [message.content, ...texts]
    .filter(Boolean)
    .join('\n')
    .replaceAll(/\*\*|^-# /gm, '')
    .replaceAll(/<@\d+>/g, '@Ada')
    .replaceAll(/<t:(\d+):R>/g, (_, seconds) => `in ${Math.max(0, Math.round(Number(seconds) - Date.now() / 1000))} s`)
  if (plain === '') return ''
  const pictures = shownPictures(message).length
  const buttons = buttonsOf(message).map(label => `[${label}]`)
  const more = [pictures ? `${pictures} picture${pictures > 1 ? 's' : ''}` : '', ...buttons].filter(Boolean).join('  ')
  return more ? `${plain}\n${more}` : plain
}

function buttonsOf(message: APIMessage): string[] {
  // Buttons are of several types, and labelOf() takes what they share.
  return (message.components ?? []).flatMap(row =>
    'components' in row ? row.components.flatMap(child => (child.type === 2 ? [labelOf(child as never)] : [])) : [],
  )
}

function labelOf({ label, emoji }: { label?: string; emoji?: { name?: string } }): string {
  return label ?? emoji?.name ?? ''
}

/** The attachments that a message displays. Others are attached for later use. */
function shownPictures({ attachments, components = [] }: APIMessage): APIMessage['attachments'] {
  const urls = components.flatMap(one =>
    'items' in one ? one.items.map(({ media }) => media.url.split('?', 1)[0]) : [],
  )
  return attachments.filter(({ url }) => urls.includes(url.split('?', 1)[0]))
}
