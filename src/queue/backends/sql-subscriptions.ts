import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { parseJson } from '../../parse-json.js'
import type { Listener } from './shared-store.js'
import type { SqlPool, SqlSession } from './sql-pool.js'

/** All messages go through one channel of PostgreSQL's `NOTIFY`. */
export const NOTIFY_CHANNEL = 'overscan'
const notificationSchema = z.object({ name: z.string(), text: z.string() })

/** The pause before a new session that listens is opened doubles from the first to the longest, in milliseconds. */
const FIRST_RECONNECT_PAUSE_MS = 100
const MAX_RECONNECT_PAUSE_MS = 5000

/** Listens on one session, and opens another one when it breaks. */
export async function sqlSubscriptions(pool: SqlPool, prefix: string, onError: (error: Error) => void) {
  const listenersOf = new Map<string, Set<Listener>>()
  let session: SqlSession | undefined
  let closed = false

  async function open(): Promise<void> {
    const opened = await pool.connect()
    opened.on('notification', ({ channel, payload = '' }) => {
      if (channel !== NOTIFY_CHANNEL) return
      const message = parseNotification(payload)
      if (!message) return onError(new Error(`a notification on ${NOTIFY_CHANNEL} can't be read`))
      for (const { onMessage } of listenersOf.get(message.name) ?? []) onMessage(message.text)
    })
    opened.on('error', error => {
      onError(error)
      if (session !== opened) return
      session = undefined
      opened.release(true)
      void reopen()
    })
    await opened.query(`listen ${NOTIFY_CHANNEL}`)
    session = opened
  }

  async function reopen(): Promise<void> {
    for (
      let pause = FIRST_RECONNECT_PAUSE_MS;
      !session && !closed;
      pause = Math.min(pause * 2, MAX_RECONNECT_PAUSE_MS)
    ) {
      await sleep(pause)
      await open().catch(onError)
    }
    for (const { onReconnect } of [...listenersOf.values()].flatMap(one => [...one])) onReconnect()
  }

  await open()
  return {
    async subscribe(name: string, listener: Listener) {
      const channel = `${prefix}:${name}`
      const listeners = listenersOf.get(channel) ?? new Set()
      listenersOf.set(channel, listeners.add(listener))
      return async () => {
        listeners.delete(listener)
      }
    },
    close() {
      closed = true
      session?.release(true)
      session = undefined
    },
  }
}

/** Undefined where another program wrote it. */
function parseNotification(payload: string): z.infer<typeof notificationSchema> | undefined {
  return notificationSchema.safeParse(parseJson(payload)).data
}
