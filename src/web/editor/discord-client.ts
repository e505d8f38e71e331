import * as z from 'zod/mini'

// The messages between an Activity and Discord's client, as Discord's Embedded App SDK sends them. The SDK itself knows all commands,
// and is three times as large as the editor; a test compares the messages of both.

/** The SDK's version whose messages these are. */
const SDK_VERSION = '2.5.0'

/** Older apps on phones refuse a handshake with the SDK's version. */
const MIN_MOBILE_VERSION = 250

/** Each message is `[opcode, body]`. */
const HANDSHAKE = 0
const FRAME = 1
const CLOSE = 2

const DISCORD_ORIGINS: readonly string[] = [
  'https://discord.com',
  'https://discordapp.com',
  'https://ptb.discord.com',
  'https://ptb.discordapp.com',
  'https://canary.discord.com',
  'https://canary.discordapp.com',
  'https://staging.discord.co',
  'https://pax.discord.com',
  // The app on phones.
  'null',
]

const messageSchema = z.tuple([z.number(), z.unknown()])
const frameSchema = z.object({
  cmd: z.string(),
  evt: z.nullish(z.string()),
  nonce: z.nullish(z.string()),
  data: z.optional(z.unknown()),
})
const errorSchema = z.object({ message: z.string() })

type MessageTarget = { postMessage(message: unknown, origin: string): void }

/** What is used of a page's window. */
export type PageWindow = {
  readonly parent: MessageTarget & { readonly opener?: MessageTarget | null }
  readonly location: { readonly origin: string; readonly search: string }
  readonly document: { readonly referrer: string }
  addEventListener(
    type: 'message',
    listener: (event: { readonly origin: string; readonly data: unknown }) => void,
  ): void
}

type Pending = { resolve(data: unknown): void; reject(cause: Error): void }

/** Discord's client, around the page. */
export type DiscordClient = {
  /** The running Activity. */
  readonly instanceId: string
  /** Resolves once Discord's client takes commands. */
  readonly ready: Promise<void>
  /** Run a command, like `AUTHORIZE`. @returns the data of the answer @throws Error with the message of Discord's client */
  command(cmd: string, args: Readonly<Record<string, unknown>>): Promise<unknown>
}

/**
 * Greet Discord's client, whose frame this page is in. The address of the page tells which Activity this is.
 *
 * @param application the bot's application id
 */
export function connectToDiscord(application: string, page: PageWindow): DiscordClient {
  const { parent, location, document } = page
  const query = new URLSearchParams(location.search)
  // The page may be in a window that Discord has opened.
  const client = parent.opener ?? parent
  const send = (opcode: number, body: unknown) => client.postMessage([opcode, body], document.referrer || '*')
  const pending = new Map<string, Pending>()
  let setReady: () => void
  const ready = new Promise<void>(resolve => {
    setReady = resolve
  })

  const receive = (body: unknown) => {
    const frame = frameSchema.safeParse(body).data
    if (!frame) return
    if (frame.cmd === 'DISPATCH' && frame.evt === 'READY') return setReady()
    const command = pending.get(frame.nonce ?? '')
    if (!command) return
    pending.delete(frame.nonce!)
    if (frame.evt === 'ERROR') command.reject(new Error(errorSchema.safeParse(frame.data).data?.message))
    else command.resolve(frame.data)
  }
  const close = (body: unknown) => {
    const cause = new Error(errorSchema.safeParse(body).data?.message)
    for (const { reject } of pending.values()) reject(cause)
    pending.clear()
  }
  page.addEventListener('message', ({ origin, data }) => {
    if (origin !== location.origin && !DISCORD_ORIGINS.includes(origin)) return
    const [opcode, body] = messageSchema.safeParse(data).data ?? []
    if (opcode === FRAME) receive(body)
    else if (opcode === CLOSE) close(body)
  })
  const mobileVersion = Number.parseInt(query.get('mobile_app_version') ?? '', 10)
  const isNew = query.get('platform') === 'desktop' || mobileVersion >= MIN_MOBILE_VERSION
  const handshake = { v: 1, encoding: 'json', client_id: application, frame_id: query.get('frame_id') }
  send(HANDSHAKE, isNew ? { ...handshake, sdk_version: SDK_VERSION } : handshake)

  return {
    instanceId: query.get('instance_id') ?? '',
    ready,
    command(cmd, args) {
      const nonce = crypto.randomUUID()
      return new Promise((resolve, reject) => {
        pending.set(nonce, { resolve, reject })
        send(FRAME, { cmd, args, nonce })
      })
    },
  }
}
