import { connect } from 'node:net'
import { pino } from 'pino'
import { parseCustomId } from '../../src/bot/custom-id.js'
import { startBot } from '../../src/bot/start-bot.js'
import { startEditorPages } from '../../src/cli/editor-pages.js'
import { openQueue } from '../../src/cli/open-queue.js'
import { formatRecipe } from '../../src/commands/recipe.js'
import { parseConfig } from '../../src/config.js'
import { createSignedLinks } from '../../src/http/signed-links.js'
import { translationsFor } from '../../src/i18n/i18n.js'
import { fileExtension } from '../../src/inference/image/header.js'
import { stripMetadata } from '../../src/inference/image/strip-metadata.js'
import { createMaskService } from '../../src/inference/mask/mask-service.js'
import { parseParameters } from '../../src/inference/pipeline/recipe.js'
import { readRecipe } from '../../src/inference/pipeline/recipe-file.js'
import { resultSize } from '../../src/inference/pipeline/request.js'
import { workerProcess } from '../../src/inference/runtime/worker-process.js'
import { UserError } from '../../src/user-error.js'
import { HOSTILE_PICTURES } from '../../test/support/hostile-pictures.js'
import type { HostileInput } from './inputs.js'
import type { ModelTask } from './model-tasks.js'

// A bot with its queue and its pages, and what it does to each kind of input. Its argument is JSON of BotProcess.

/** The local copy of Discord, which runs in another process, and a folder for the queue. */
export type BotProcess = {
  readonly token: string
  readonly url: string
  readonly channel: string
  readonly folder: string
  readonly port: number
}

export type BotAnswer = {
  readonly outcome: 'accepted' | 'refused' | 'process ended' | 'crashed'
  readonly ms: number
  /** The most resident memory that this process has had, in bytes. */
  readonly peakBytes: number
  readonly error?: string
}

const { token: botToken, url, channel, folder, port } = JSON.parse(process.argv[2] ?? '') as BotProcess
const log = pino({ level: 'silent' })
const config = parseConfig({
  DISCORD_TOKEN: botToken,
  DISCORD_API: `${url}/api`,
  DISCORD_CDN: url,
  DISCORD_MEDIA: url,
  DATA_FOLDER: folder,
  PAGES_PORT: String(port),
})
const queue = await openQueue(config, log)
const bot = await startBot(config, { ...queue, log })
await startEditorPages(config, botToken, () => bot, log)
const masks = createMaskService()
const models = workerProcess<ModelTask, unknown>(import.meta.url, 'model-tasks', { timeoutMs: 20_000 })
const t = translationsFor('en')

process.on('message', (input: HostileInput) => void answer(input))
process.on('disconnect', () => process.exit(0))

const target = { person: '1', channel, message: '1', index: 0 }
const token = await createSignedLinks(botToken).signTarget(target)
process.send?.({ ready: true, token })

async function answer(input: HostileInput): Promise<void> {
  const begin = performance.now()
  const send = (outcome: BotAnswer['outcome'], error?: unknown) =>
    process.send?.({
      outcome,
      ms: performance.now() - begin,
      peakBytes: process.resourceUsage().maxRSS * 1024,
      ...(error !== undefined && { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    } satisfies BotAnswer)
  try {
    send(await handle(input))
  } catch (error) {
    if (!(error instanceof UserError)) send('crashed', error)
    else send(error.problem.code === 'picture-too-demanding' ? 'process ended' : 'refused')
  }
}

async function handle(input: HostileInput): Promise<'accepted' | 'refused'> {
  switch (input.kind) {
    case 'picture':
      handlePicture(input.bytes)
      return 'accepted'
    case 'crafted picture':
      // It is made here: the one before, which nobody has in memory any more, must not be counted too.
      globalThis.gc?.()
      handlePicture(HOSTILE_PICTURES[input.index]!.make())
      return 'accepted'
    case 'mask':
      await masks.interpret(stripMetadata(input.bytes), input.picture, false)
      return 'accepted'
    case 'model':
      await models.run({ bytes: input.bytes, extension: input.extension })
      return 'accepted'
    case 'recipe': {
      const recipe = parseParameters(input.text)
      const shown = recipe ? formatRecipe(recipe, t) : ''
      if (/(?<!\\)(?:https?:\/\/|<@|@everyone|\]\()/.test(shown)) throw new Error(`live text: ${shown}`)
      return recipe ? 'accepted' : 'refused'
    }
    case 'custom id':
      parseCustomId(input.text)
      return 'accepted'
    case 'request': {
      const status = await request(Buffer.from(input.text, 'latin1'))
      if (status >= 500) throw new Error(`status ${status} for ${JSON.stringify(input.text)}`)
      return status < 400 ? 'accepted' : 'refused'
    }
  }
}

/** What the bot does to each picture, and what it tells the queue. */
function handlePicture(bytes: Uint8Array): void {
  const stripped = stripMetadata(bytes)
  readRecipe(stripped)
  fileExtension(stripped)
  resultSize({ kind: 'zoom', factor: 1.5, grow: false }, stripped)
}

/** The status of the answer to these bytes; 400 where the server hangs up, or waits for more. */
function request(bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    // The end of the bytes is the end of the connection, so that the server waits for no more.
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes))
    const finish = () => resolve(Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 400))
    socket.setTimeout(2000, () => socket.destroy())
    socket.on('data', part => {
      text += part.toString('latin1', 0, 64)
    })
    socket.on('close', finish)
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNREFUSED' ? reject(error) : finish()))
  })
}
