import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MessageFlags } from 'discord.js'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import type { DiscordEmulator, Person, SentInteraction } from '../discord-emulator/emulator.js'

/** Pictures that the project drew, for whoever has none at hand. */
const SAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url))

/** The most that somebody may send at once, in bytes; the stand-in's own limit for a file is lower. */
const MOST = 30 * 1024 * 1024

/** A quiet line is dropped by some proxies; in milliseconds. */
const KEEP_ALIVE = 15_000

const fileSchema = z.strictObject({ file: z.int().min(0).max(9) })
const valueSchema = z.union([z.string(), z.number(), z.boolean(), fileSchema, z.strictObject({ id: z.string() })])
const fieldSchema = z.union([z.string(), z.boolean(), z.array(z.string()), z.array(fileSchema)])
const optionsSchema = z.record(z.string(), valueSchema)

/** What somebody does in the chat. */
const actSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('say'), content: z.string(), replyTo: z.string().optional(), files: z.int().max(10) }),
  z.strictObject({ do: z.literal('slash'), command: z.string(), options: optionsSchema }),
  z.strictObject({
    do: z.literal('suggest'),
    command: z.string(),
    options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    focused: z.string(),
  }),
  z.strictObject({ do: z.literal('app'), message: z.string(), command: z.string() }),
  z.strictObject({ do: z.literal('press'), message: z.string(), button: z.string() }),
  z.strictObject({
    do: z.literal('choose'),
    message: z.string(),
    menu: z.string(),
    values: z.array(z.string()),
  }),
  z.strictObject({ do: z.literal('submit'), sent: z.string(), fields: z.record(z.string(), fieldSchema) }),
  z.strictObject({ do: z.literal('dismiss'), message: z.string() }),
  z.strictObject({ do: z.literal('launch') }),
  z.strictObject({ do: z.literal('leave'), activity: z.string() }),
])

/** What an Activity that is open asks of Discord's program. */
const rpcSchema = z.strictObject({ activity: z.string(), cmd: z.string(), args: z.record(z.string(), z.unknown()) })

/** An Activity, and what its page is told in its address. */
type OpenActivity = {
  readonly id: string
  readonly application: string
  readonly guild: string
  readonly channel: string
}

/** What the bot answered at once. */
type Answer = {
  readonly sent?: string
  readonly dialog?: unknown
  readonly activity?: OpenActivity
  readonly choices?: readonly { name: string; value: string | number }[]
}

/**
 * What the chat page asks for: one person's view of the stand-in's channel, and what they do there.
 *
 * @param me who they are, in the language that their browser speaks
 */
export function chatRoutes(discord: DiscordEmulator, me: (locale: string | undefined) => Person): Hono {
  const app = new Hono()
  const sent = new Map<string, SentInteraction>()
  const person = () => me(undefined)
  const found = (id: string) => {
    const message = person()
      .messages()
      .find(one => one.id === id)
    if (!message) throw new Error('That message is gone.')
    return message
  }

  const opened = (id: string): OpenActivity => ({
    id,
    application: discord.applicationId,
    guild: discord.guild.id,
    channel: discord.channel.id,
  })

  app.get('/api/chat', context => {
    const one = me(context.req.query('locale'))
    return context.json({
      me: one.user,
      guild: discord.guild,
      channel: discord.channel,
      commands: discord.commands(),
      roles: discord.roles(),
      messages: one.messages(),
      host: discord.url,
    })
  })

  app.get('/api/chat/events', context =>
    streamSSE(context, async stream => {
      const tell = (event: string, data: unknown) => stream.writeSSE({ event, data: JSON.stringify(data) })
      const show = (id: string) => {
        const message = person()
          .messages()
          .find(one => one.id === id)
        if (message) void tell('message', message)
      }
      const stops = [
        discord.on('message', ({ id }) => show(id)),
        discord.on('edit', ({ id }) => show(id)),
        discord.on('delete', ({ id }) => void tell('delete', { id })),
      ]
      await tell('ready', {})
      while (!stream.aborted) {
        await stream.sleep(KEEP_ALIVE)
        if (!stream.aborted) await tell('ping', {})
      }
      for (const stop of stops) stop()
    }),
  )

  app.post('/api/chat', bodyLimit({ maxSize: MOST }), async context => {
    const form = await context.req.formData()
    const read = actSchema.safeParse(JSON.parse(String(form.get('act'))))
    if (!read.success) return context.json({ error: z.prettifyError(read.error) }, 400)
    const act = read.data
    const uploads = form.getAll('file').filter(file => typeof file !== 'string')
    const files = await Promise.all(
      uploads.map(async file => ({ name: file.name, data: new Uint8Array(await file.arrayBuffer()) })),
    )
    const fileAt = ({ file }: { file: number }) => {
      const one = files[file]
      if (!one) throw new Error('A file is missing.')
      return one
    }
    const answered = async (one: SentInteraction): Promise<Answer> => {
      sent.set(one.id, one)
      const { type } = await one.acknowledged
      const activity = one.activity()
      return {
        sent: one.id,
        ...(type === DIALOG && { dialog: one.callback() }),
        ...(activity !== undefined && { activity: opened(activity) }),
      }
    }
    const answer = async (): Promise<Answer> => {
      const who = person()
      switch (act.do) {
        case 'say':
          await who.sendMessage(act.content, { files, ...(act.replyTo && { replyTo: found(act.replyTo) }) })
          return {}
        case 'slash': {
          const options = Object.entries(act.options).map(([name, value]) => {
            return [name, typeof value === 'object' && 'file' in value ? fileAt(value) : value]
          })
          return answered(await who.slash(act.command, Object.fromEntries(options)))
        }
        case 'suggest':
          return { choices: await who.autocomplete(act.command, act.options, act.focused) }
        case 'app':
          return answered(await who.messageCommand(found(act.message), act.command))
        case 'press':
          return answered(await who.press(found(act.message), act.button))
        case 'choose':
          return answered(await who.select(found(act.message), act.menu, act.values))
        case 'submit': {
          const from = sent.get(act.sent)
          if (!from) throw new Error('That dialog is gone.')
          const fields = Object.entries(act.fields).map(([name, value]) => {
            const isFiles = Array.isArray(value) && value.some(one => typeof one === 'object')
            return [name, isFiles ? (value as { file: number }[]).map(fileAt) : value]
          })
          return answered(await who.submitModal(from, Object.fromEntries(fields)))
        }
        case 'launch': {
          const { activity, sent: one } = await who.launchActivity()
          return one ? answered(one) : { activity: opened(activity!) }
        }
        case 'leave':
          who.leaveActivity(act.activity)
          return {}
        case 'dismiss': {
          const message = found(act.message)
          // Others' messages are not this person's to take away.
          if (((message.flags ?? 0) & MessageFlags.Ephemeral) !== 0) await discord.deleteMessage(message)
          return {}
        }
      }
    }
    try {
      return context.json(await answer())
    } catch (error) {
      // What Discord's program would not let anybody do, in words.
      return context.json({ error: (error as Error).message }, 400)
    }
  })

  app.post('/api/chat/rpc', bodyLimit({ maxSize: MOST }), async context => {
    const { activity, cmd, args } = rpcSchema.parse(await context.req.json())
    try {
      return context.json({ data: await person().rpc(activity, cmd, args) })
    } catch (error) {
      const { code = 1000, message } = error as Error & { code?: number }
      return context.json({ error: { code, message } })
    }
  })

  // Pictures come from the page's own origin: it loads nothing else, and may look at their pixels.
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

/** The kind of answer that opens a dialog. */
const DIALOG = 9

/** Only what is a picture is shown as one: a file may hold anything. */
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
