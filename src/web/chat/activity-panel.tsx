import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { OpenActivity } from '../../protocol/chat.js'
import { sendRpc } from './chat-api.js'
import { useChatTexts } from './chat-texts.js'

/** Opcodes of the messages between an Activity and Discord's client, each `[opcode, body]`. */
const HANDSHAKE = 0
const FRAME = 1
const CLOSE = 2

/** The code with which Discord's client closes the connection. */
const INVALID_CLIENT = 4000

type Handshake = { readonly v?: number; readonly client_id?: string; readonly frame_id?: string }
type Reply = (opcode: number, body: unknown) => void
type Command = { readonly cmd: string; readonly args?: Record<string, unknown>; readonly nonce: string }

/** An Activity in its frame over the channel. To the page in the frame this is Discord's client. */
export function ActivityPanel({ activity, onClose }: { activity: OpenActivity; onClose(): void }) {
  const texts = useChatTexts()
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
    const onMessage = ({ source, origin, data }: MessageEvent) => {
      const page = frame.current?.contentWindow
      if (!page || source !== page || origin !== location.origin || !Array.isArray(data)) return
      const reply: Reply = (opcode, body) => page.postMessage([opcode, body], origin)
      const [opcode, body] = data
      if (opcode === HANDSHAKE) acceptHandshake(body, reply)
      else if (opcode === FRAME) void answerCommand(body, reply)
      else if (opcode === CLOSE) element.current?.close()
    }
    const acceptHandshake = ({ v, client_id, frame_id }: Handshake, reply: Reply) => {
      if (v !== 1 || client_id !== activity.application || frame_id !== id) {
        return reply(CLOSE, { code: INVALID_CLIENT, message: 'Invalid Client ID' })
      }
      const config = { cdn_host: location.host, api_endpoint: '//127.0.0.1/api', environment: 'production' }
      reply(FRAME, { cmd: 'DISPATCH', evt: 'READY', data: { v: 1, config }, nonce: null })
    }
    const answerCommand = async ({ cmd, args = {}, nonce }: Command, reply: Reply) => {
      const response = await sendRpc({ activity: activity.id, cmd, args }).catch((error: Error) => ({
        error: { code: 1000, message: error.message },
      }))
      if ('error' in response) reply(FRAME, { cmd, evt: 'ERROR', data: response.error, nonce })
      else reply(FRAME, { cmd, evt: null, data: response.data, nonce })
    }
    addEventListener('message', onMessage)
    return () => removeEventListener('message', onMessage)
  }, [])
  return (
    <dialog ref={element} class="activity" aria-label={texts.activityTitle} onClose={onClose}>
      <div class="bar">
        <strong>Overscan</strong>
        <button type="button" class="button secondary" onClick={() => element.current?.close()}>
          {texts.close}
        </button>
      </div>
      <iframe
        ref={frame}
        title={texts.activityTitle}
        src={`/activity?${query}`}
        sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-downloads"
      />
    </dialog>
  )
}
