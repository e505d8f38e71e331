import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import * as z from 'zod/mini'
import {
  type ActivityInfo,
  activityInfoSchema,
  activitySessionSchema,
  type RecentDrawing,
  recentDrawingSchema,
} from '../../protocol/activity.js'
import type { ActivityLogin } from '../../protocol/activity-login.js'
import { RefusedError, requestJson } from '../request.js'
import { shellText } from '../texts.js'
import { connectToDiscord, type DiscordClient } from './discord-client.js'
import { Editor, Notice } from './editor.js'

/** How long Discord's client may take to answer. */
const READY_TIMEOUT_MS = 20_000

const POLL_INTERVAL_MS = 2000

/** The answer to the command `AUTHORIZE`. */
const authorizedSchema = z.object({ code: z.string() })

type Session = { readonly pass: string; readonly renew: () => Promise<void> }

/** The page that Discord shows as an Activity. Discord says who the person is. */
function EditorInDiscord() {
  const [info, setInfo] = useState<ActivityInfo>()
  const [session, setSession] = useState<Session>()
  const [recent, setRecent] = useState<RecentDrawing>({})
  const [error, setError] = useState<{ text: string; retry?: () => void }>()
  const showError = (cause: unknown, retry?: () => void) => {
    const text = cause instanceof RefusedError ? cause.message : shellText('unreachable')
    setError({ text, ...(retry && { retry }) })
  }

  const logIn = async (discord: DiscordClient, { application, texts }: Pick<ActivityInfo, 'application' | 'texts'>) => {
    const code = await authorize(discord, application, texts)
    const body = JSON.stringify({ code, instance: discord.instanceId } satisfies ActivityLogin)
    const { access, pass, ...latest } = await requestJson('/api/activity', activitySessionSchema, {
      method: 'POST',
      body,
    })
    await discord.command('AUTHENTICATE', { access_token: access }).catch(cause => {
      throw new RefusedError(`${texts.silent} (${cause.message})`)
    })
    // The open picture stays if the server has forgotten the latest one.
    setRecent(before => (latest.press && latest.press !== before.press ? latest : before))
    setSession({ pass, renew: () => logIn(discord, { application, texts }) })
  }
  const start = async () => {
    const loaded = await requestJson('/api/activity', activityInfoSchema)
    const { texts } = loaded
    document.documentElement.lang = loaded.language
    setInfo(loaded)
    const isFramed = window.parent !== window && new URLSearchParams(location.search).has('frame_id')
    if (!isFramed) throw new RefusedError(texts.outside)
    const discord = connectToDiscord(loaded.application, window)
    if (!(await isReady(discord))) throw new RefusedError(texts.silent)
    const attempt = () => {
      setError(undefined)
      logIn(discord, loaded).catch(cause => showError(cause, attempt))
    }
    attempt()
  }
  useEffect(() => void start().catch(cause => showError(cause)), [])

  useEffect(() => {
    if (!session) return
    // The person may press the button of another picture while this page is open.
    const poll = setInterval(async () => {
      try {
        const latest = await requestJson('/api/activity/recent', recentDrawingSchema, {}, session.pass)
        if (latest.press) setRecent(before => (before.press === latest.press ? before : latest))
      } catch (cause) {
        // The editor itself shows a lost connection.
        if (!(cause instanceof RefusedError)) return
        // The pass has expired.
        clearInterval(poll)
        await session.renew().catch(() => {})
      }
    }, POLL_INTERVAL_MS)
    return () => clearInterval(poll)
  }, [session])

  if (error) {
    return (
      <Notice text={error.text}>
        {error.retry && (
          <button type="button" class="button primary" onClick={error.retry}>
            {info?.texts.again}
          </button>
        )}
      </Notice>
    )
  }
  if (!session) return <p class="notice">{info?.texts.entering ?? shellText('loading')}</p>
  if (!recent.token) return <Notice text={info!.texts.nothing} />
  const open = (token: string) => setRecent({ ...recent, token })
  return <Editor token={recent.token} onOpen={open} onBack={open} />
}

/** Ask the person, through Discord's client. @returns the OAuth 2 code @throws RefusedError */
async function authorize(discord: DiscordClient, application: string, texts: ActivityInfo['texts']): Promise<string> {
  try {
    const granted = await discord.command('AUTHORIZE', {
      client_id: application,
      response_type: 'code',
      prompt: 'none',
      scope: ['identify'],
    })
    return authorizedSchema.parse(granted).code
  } catch (cause) {
    const { message } = cause as Error
    const isDeclined = /access_denied|cancel/i.test(message)
    throw new RefusedError(isDeclined ? texts.declined : `${texts.silent} (${message})`)
  }
}

async function isReady({ ready }: DiscordClient): Promise<boolean> {
  const timeout = new Promise<false>(resolve => setTimeout(() => resolve(false), READY_TIMEOUT_MS))
  return Promise.race([ready.then(() => true as const), timeout])
}

render(<EditorInDiscord />, document.body)
