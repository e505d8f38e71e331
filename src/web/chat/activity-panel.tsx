import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { sendRpc } from './chat-api.js'
import type { Activity } from './discord-types.js'

/** The kinds of messages between an Activity and Discord's program, each `[kind, body]`. */
const HANDSHAKE = 0
const FRAME = 1
const CLOSE = 2

/** Why the line to an Activity is closed. */
const INVALID_CLIENT = 4000

type Handshake = { readonly v?: number; readonly client_id?: string; readonly frame_id?: string }
type Command = { readonly cmd: string; readonly args?: unknown; readonly nonce: string }

/** An Activity in its frame over the channel. For the page in it this is Discord's program. */
export function ActivityPanel({ activity, onClose }: { activity: Activity; onClose(): void }) {
  const element = useRef<HTMLDialogElement>(null)
  const frame = useRef<HTMLIFrameElement>(null)
  const [id] = useState(() => crypto.randomUUID())
  const query = new URLSearchParams({
    frame_id: id,
    instance_id: activity.id,
    platform: 'desktop',
    guild_id: activity.guild,
    channel_id: activity.channel,
  })
  useLayoutEffect(() => element.current?.showModal(), [])
  useEffect(() => {
    const hear = ({ source, origin, data }: MessageEvent) => {
      const page = frame.current?.contentWindow
      if (!page || source !== page || origin !== location.origin || !Array.isArray(data)) return
      const tell = (kind: number, body: unknown) => page.postMessage([kind, body], origin)
      const [kind, body] = data
      if (kind === HANDSHAKE) greet(body, tell)
      else if (kind === FRAME) void answer(body, tell)
      else if (kind === CLOSE) element.current?.close()
    }
    const greet = ({ v, client_id, frame_id }: Handshake, tell: (kind: number, body: unknown) => void) => {
      if (v !== 1 || client_id !== activity.application || frame_id !== id) {
        return tell(CLOSE, { code: INVALID_CLIENT, message: 'Invalid Client ID' })
      }
      const config = { cdn_host: location.host, api_endpoint: '//127.0.0.1/api', environment: 'production' }
      tell(FRAME, { cmd: 'DISPATCH', evt: 'READY', data: { v: 1, config }, nonce: null })
    }
    const answer = async ({ cmd, args, nonce }: Command, tell: (kind: number, body: unknown) => void) => {
      const came = await sendRpc(activity.id, cmd, args).catch((error: Error) => ({
        error: { code: 1000, message: error.message },
      }))
      if ('error' in came) tell(FRAME, { cmd, evt: 'ERROR', data: came.error, nonce })
      else tell(FRAME, { cmd, evt: null, data: came.data, nonce })
    }
    addEventListener('message', hear)
    return () => removeEventListener('message', hear)
  }, [])
  return (
    <dialog ref={element} class="activity" aria-label="Activity: Overscan" onClose={onClose}>
      <div class="bar">
        <strong>Overscan</strong>
        <button type="button" class="button secondary" onClick={() => element.current?.close()}>
          Close
        </button>
      </div>
      <iframe
        ref={frame}
        title="What Overscan opens in Discord"
        src={`/activity?${query}`}
        sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-downloads"
      />
    </dialog>
  )
}
