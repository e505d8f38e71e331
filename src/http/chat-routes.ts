import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { APIMessage } from 'discord.js'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { streamSSE } from 'hono/streaming'
import type { DiscordEmulator, Person } from '../discord-emulator/emulator.js'
import { parseJson } from '../parse-json.js'
import { chatSchema, deleteEventSchema, messageEventSchema, type RpcResponse } from '../protocol/chat.js'
import { chatActionSchema, rpcRequestSchema } from '../protocol/chat-request.js'
import { chatActions } from './chat-actions.js'
import { chatErrorText } from './chat-errors.js'
import { errorResponse } from './error-response.js'
import { readForm } from './form-body.js'
import { requestTexts } from './request-language.js'

/** The sample pictures of the project. */
const SAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url))

/** In bytes. The emulator's own limit for a file is lower. */
const MAX_REQUEST_BYTES = 30 * 1024 * 1024

/** Some proxies drop a connection that is silent. */
const KEEP_ALIVE_MS = 15_000

/**
 * The API of the chat page: one person's view of the emulator's channel, and what they do there.
 *
 * @param user the person, in the language of their browser
 */
export function chatRoutes(discord: DiscordEmulator, user: (locale: string | undefined) => Person): Hono {
  const app = new Hono()
  const person = () => user(undefined)
  const actions = chatActions(discord, person)

  app.get('/api/chat', context => {
    const me = user(context.req.query('locale'))
    const { language, chat: texts } = requestTexts(context)
    const chat = {
      me: me.user,
      channel: discord.channel,
      commands: discord.commands(),
      roles: discord.roles(),
      messages: me.messages(),
      cdn: discord.url,
      language,
      texts,
    }
    return context.json(chatSchema.parse(chat))
  })

  app.get('/api/chat/events', context =>
    streamSSE(context, async stream => {
      const send = (event: string, data: unknown) => stream.writeSSE({ event, data: JSON.stringify(data) })
      const sendMessage = ({ id }: APIMessage) => {
        const message = person()
          .messages()
          .find(one => one.id === id)
        if (message) void send('message', messageEventSchema.parse(message))
      }
      const unsubscribe = [
        discord.on('message', sendMessage),
        discord.on('edit', sendMessage),
        discord.on('delete', message => void send('delete', deleteEventSchema.parse(message))),
      ]
      await send('ready', {})
      while (!stream.aborted) {
        await stream.sleep(KEEP_ALIVE_MS)
        if (!stream.aborted) await send('ping', {})
      }
      for (const stop of unsubscribe) stop()
    }),
  )

  app.post('/api/chat', async context => {
    const form = await readForm(context, MAX_REQUEST_BYTES)
    if (typeof form === 'number') return errorResponse(requestTexts(context).server.invalidRequest, form)
    const action = chatActionSchema.safeParse(parseJson(String(form.get('action'))))
    if (!action.success) return errorResponse(requestTexts(context).server.invalidRequest, 400)
    const uploads = form.getAll('file').filter(file => typeof file !== 'string')
    const files = await Promise.all(
      uploads.map(async file => ({ name: file.name, data: new Uint8Array(await file.arrayBuffer()) })),
    )
    try {
      return context.json(await actions.perform(action.data, files, requestTexts(context).server))
    } catch (error) {
      // The emulator throws what Discord's client would not let a person do.
      const opener = action.data.type === 'modal-submit' ? actions.sent(action.data.interaction) : undefined
      const { server, language } = requestTexts(context)
      return errorResponse(chatErrorText(error, action.data, discord, opener, { server, language }), 400)
    }
  })

  app.post('/api/chat/rpc', bodyLimit({ maxSize: MAX_REQUEST_BYTES }), async context => {
    const request = rpcRequestSchema.safeParse(parseJson(await context.req.text()))
    if (!request.success) return errorResponse(requestTexts(context).server.invalidRequest, 400)
    const { activity, cmd, args } = request.data
    try {
      return context.json({ data: await person().rpc(activity, cmd, args) } satisfies RpcResponse)
    } catch (error) {
      const { code = 1000, message } = error as Error & { code?: number }
      return context.json({ error: { code, message } } satisfies RpcResponse)
    }
  })

  // Pictures come from the page's own origin: its policy allows no other, and a script may read their pixels.
  app.get('/attachments/*', context => attachment(discord, context.req.url))
  app.get('/ephemeral-attachments/*', context => attachment(discord, context.req.url))

  app.get('/api/samples', async context => {
    const names = (await readdir(SAMPLES)).filter(name => /^[a-z]+\.png$/.test(name))
    return context.json(names)
  })
  app.get('/samples/:name{[a-z]+\\.png}', async context => {
    const bytes = await readFile(join(SAMPLES, context.req.param('name'))).catch(() => undefined)
    if (!bytes) return context.notFound()
    return context.body(bytes, 200, { 'content-type': 'image/png', 'cache-control': 'max-age=3600' })
  })
  return app
}

/** Other files than pictures get a type that no browser shows: they may hold anything. */
async function attachment(discord: DiscordEmulator, url: string): Promise<Response> {
  const { pathname, search } = new URL(url)
  const response = await fetch(`${discord.url}${pathname}${search}`)
  const type = response.headers.get('content-type') ?? ''
  const headers = {
    'content-type': /^image\/(png|jpeg|webp|gif|avif)$/.test(type) ? type : 'application/octet-stream',
    'cache-control': 'private, max-age=3600',
  }
  return new Response(response.body, { status: response.status, headers })
}
