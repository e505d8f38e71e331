import { DiscordSDK } from '@discord/embedded-app-sdk'
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Editor, Notice } from './editor.js'
import { RefusedError, requestJson } from './editor-api.js'

/** How long Discord's program may take to answer, and how often it is looked what was asked for, both in milliseconds. */
const PATIENCE = 20_000
const LOOK = 2000

type Words = Readonly<Record<'nothing' | 'outside' | 'entering' | 'silent' | 'declined' | 'again', string>>
type About = { readonly application: string; readonly words: Words }
/** The button that was pressed last, by a number, and the token of its picture; nothing where none was. */
type Asked = { readonly press?: string; readonly token?: string }
type Entered = Asked & { readonly pass: string; readonly access: string }

/** The page that Discord opens within itself: it knows nothing until Discord has said who looks at it. */
function InDiscord() {
  const [about, setAbout] = useState<About>()
  const [entered, setEntered] = useState<{ pass: string; renew(): Promise<void> }>()
  const [asked, setAsked] = useState<Asked>({})
  const [wrong, complain] = useState<{ said: string; again?: () => void }>()
  const told = (error: unknown, again?: () => void) => {
    const said = error instanceof RefusedError ? error.message : 'The bot does not answer. Is it running?'
    complain({ said, ...(again && { again }) })
  }

  const enter = async (discord: DiscordSDK, { application, words }: About) => {
    const code = await consent(discord, application, words)
    const body = JSON.stringify({ code, instance: discord.instanceId })
    const { access, pass, ...now } = await requestJson<Entered>('/api/activity', { method: 'POST', body })
    await discord.commands.authenticate({ access_token: access }).catch(error => {
      throw new RefusedError(`${words.silent} (${error.message})`)
    })
    // What is being drawn stays, whatever was forgotten since.
    setAsked(before => (now.press && now.press !== before.press ? now : before))
    setEntered({ pass, renew: () => enter(discord, { application, words }) })
  }
  const begin = async () => {
    const found = await requestJson<About>('/api/activity')
    const { words } = found
    setAbout(found)
    const isFramed = window.parent !== window && new URLSearchParams(location.search).has('frame_id')
    if (!isFramed) throw new RefusedError(words.outside)
    // What goes wrong on this page is nothing for Discord's log.
    const discord = new DiscordSDK(found.application, { disableConsoleLogOverride: true })
    if (!(await within(discord.ready()))) throw new RefusedError(words.silent)
    const attempt = () => {
      complain(undefined)
      enter(discord, found).catch(error => told(error, attempt))
    }
    attempt()
  }
  useEffect(() => void begin().catch(error => told(error)), [])

  useEffect(() => {
    if (!entered) return
    // The button under another picture may be pressed while this is open.
    const look = setInterval(async () => {
      try {
        const now = await requestJson<Asked>('/api/activity/asked', {}, entered.pass)
        if (now.press) setAsked(before => (before.press === now.press ? before : now))
      } catch (error) {
        if (!(error instanceof RefusedError)) return // the line broke, which what is drawn on tells better
        // Half an hour has passed.
        clearInterval(look)
        await entered.renew().catch(() => {})
      }
    }, LOOK)
    return () => clearInterval(look)
  }, [entered])

  if (wrong) {
    return (
      <Notice said={wrong.said}>
        {wrong.again && (
          <button type="button" class="button primary" onClick={wrong.again}>
            {about?.words.again}
          </button>
        )}
      </Notice>
    )
  }
  if (!entered) return <p class="alone">{about?.words.entering}</p>
  if (!asked.token) return <Notice said={about!.words.nothing} />
  return <Editor key={asked.token} token={asked.token} onNext={token => setAsked({ ...asked, token })} />
}

/** What Discord's program gives for who looks at this. @throws Refused */
async function consent({ commands }: DiscordSDK, client_id: string, words: Words): Promise<string> {
  try {
    const { code } = await commands.authorize({ client_id, response_type: 'code', prompt: 'none', scope: ['identify'] })
    return code
  } catch (error) {
    const { message } = error as Error
    const isTheirs = /access_denied|cancel/i.test(message)
    throw new RefusedError(isTheirs ? words.declined : `${words.silent} (${message})`)
  }
}

async function within(work: Promise<void>): Promise<boolean> {
  const late = new Promise<false>(resolve => setTimeout(() => resolve(false), PATIENCE))
  return Promise.race([work.then(() => true), late])
}

render(<InDiscord />, document.body)
