import { render } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { ActivityPanel } from './activity-panel.js'
import { loadChat, loadSample, loadSampleNames as loadSamples, sendAction, subscribe, type Upload } from './chat-api.js'
import './chat.css'
import { listMessageCommands, listSlashCommands, type SlashCommand } from './command-list.js'
import { type CommandDraft, Composer } from './composer.js'
import type { Activity, Chat, Message, Modal } from './discord-types.js'
import { type MessageActions, MessageView } from './message.js'
import { ModalView } from './modal.js'

/** The kind of command that opens the Activity: Discord lists it apart from the others. */
const ENTRY_POINT = 4

/** A channel as Discord shows it, with the bot in it. */
function App() {
  const [chat, setChat] = useState<Chat>()
  const [messages, setMessages] = useState<readonly Message[]>([])
  const [samples, setSamples] = useState<readonly string[]>([])
  const [draft, setDraft] = useState<CommandDraft>()
  const [replyTo, setReplyTo] = useState<Message>()
  const [files, setFiles] = useState<readonly Upload[]>([])
  const [dialog, setDialog] = useState<{ sent: string; dialog: Modal }>()
  const [activity, setActivity] = useState<Activity>()
  const [trouble, setTrouble] = useState('')
  const [lost, setLost] = useState(false)
  const [dragging, drag] = useState(false)
  const log = useRef<HTMLOListElement>(null)
  const atEnd = useRef(true)

  const reload = async () => {
    try {
      const loaded = await loadChat()
      setChat(loaded)
      setMessages(loaded.messages)
      setLost(false)
    } catch {
      setLost(true)
    }
  }
  useEffect(() => {
    void loadSamples().then(setSamples, () => setSamples([]))
    return subscribe({
      message: message =>
        setMessages(now =>
          now.some(({ id }) => id === message.id)
            ? now.map(one => (one.id === message.id ? message : one))
            : [...now, message],
        ),
      gone: id => setMessages(now => now.filter(one => one.id !== id)),
      ready: () => void reload(),
      lost: () => setLost(true),
    })
  }, [])
  // Pictures grow when they are loaded, and what is written below them must not slip out of sight.
  const isLoaded = chat !== undefined
  useEffect(() => {
    const list = log.current
    if (!list) return
    const toEnd = () => {
      if (atEnd.current) list.lastElementChild?.scrollIntoView({ block: 'end' })
    }
    const sizes = new ResizeObserver(toEnd)
    sizes.observe(list)
    return () => sizes.disconnect()
  }, [isLoaded])

  const all = useMemo(() => listSlashCommands(chat?.commands ?? []), [chat?.commands])
  const onMessages = useMemo(() => listMessageCommands(chat?.commands ?? []), [chat?.commands])
  if (!chat) return <p class="loading">{lost ? 'The playground does not answer. Is it still running?' : 'Loading…'}</p>

  const send = async (what: Readonly<Record<string, unknown>>, uploads: readonly Upload[] = []): Promise<boolean> => {
    setTrouble('')
    atEnd.current = true
    try {
      const answer = await sendAction(what, uploads)
      if (answer.dialog && answer.sent) setDialog({ sent: answer.sent, dialog: answer.dialog })
      if (answer.activity) setActivity(answer.activity)
      return true
    } catch (error) {
      setTrouble((error as Error).message)
      return false
    }
  }
  const acts: MessageActions = {
    press: ({ id }, button) => void send({ do: 'press', message: id, button }),
    choose: ({ id }, menu, values) => void send({ do: 'choose', message: id, menu, values }),
    dismiss: ({ id }) => void send({ do: 'dismiss', message: id }),
    reply: setReplyTo,
    app: ({ id }, command) => void send({ do: 'app', message: id, command }),
    jump: id => {
      const element = document.getElementById(`m${id}`)
      element?.scrollIntoView({ block: 'center' })
      element?.focus()
    },
  }
  const attach = (added: readonly Upload[]) => {
    const pictures = added.filter(({ type }) => type.startsWith('image/'))
    const [picture] = pictures
    const image = draft?.leaf.options.find(({ type, name }) => type === 11 && !(name in draft.values))
    if (draft && image && picture) setDraft({ ...draft, values: { ...draft.values, [image.name]: picture } })
    else setFiles([...files, ...pictures].slice(0, 10))
  }
  const close = ({ id }: Activity) => {
    setActivity(undefined)
    void send({ do: 'leave', activity: id })
  }
  const begin = async (name: string) => {
    const zoom = all.find(({ words }) => words === 'zoom') as SlashCommand
    setDraft({ leaf: zoom, values: { image: await loadSample(name) } })
  }
  const people = [chat.me, ...messages.map(({ author }) => author)]
  const own = (url: string) => (url.startsWith(chat.host) ? url.slice(chat.host.length) : url)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the button attaches as well
    <div
      class={`app${dragging ? ' dragging' : ''}`}
      onDragOver={event => {
        event.preventDefault()
        drag(true)
      }}
      onDragLeave={() => drag(false)}
      onDrop={event => {
        event.preventDefault()
        drag(false)
        attach([...(event.dataTransfer?.files ?? [])])
      }}
      onPaste={event => {
        const pasted = [...(event.clipboardData?.files ?? [])]
        if (pasted.length > 0) attach(pasted)
      }}
    >
      <header>
        <h1>
          <span aria-hidden="true">#</span> {chat.channel.name}
        </h1>
        <p>Everything here stays on this machine. The bot is the real one; only Discord is a stand-in.</p>
        {chat.commands.some(({ type }) => type === ENTRY_POINT) && (
          <button type="button" class="button secondary" onClick={() => void send({ do: 'launch' })}>
            Activity
          </button>
        )}
      </header>
      <main
        aria-label="Channel"
        onScroll={event => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget
          atEnd.current = scrollHeight - scrollTop - clientHeight < 80
        }}
      >
        <section class="welcome" aria-label="Begin here">
          <h2>What lies outside the frame?</h2>
          <p>
            Take one of these pictures, or drop one of your own here, and send it with <code>/zoom</code>. All that you
            can do in Discord works here too: type <code>/</code>, press the buttons, open the menu ⋯ of a message.
          </p>
          <div class="samples large">
            {samples.map(name => (
              <button type="button" key={name} onClick={() => void begin(name)}>
                <img src={`/samples/${name}`} alt="" />
                <span>Zoom out of the {name.replace('.png', '')}</span>
              </button>
            ))}
          </div>
        </section>
        <ol class="log" ref={log} aria-label="Messages" aria-live="polite" aria-relevant="additions">
          {messages.map(message => (
            <MessageView key={message.id} message={message} people={people} apps={onMessages} acts={acts} own={own} />
          ))}
        </ol>
      </main>
      <footer>
        {lost && (
          <p role="status" class="wrong">
            The line to the playground broke; trying again…
          </p>
        )}
        {trouble && (
          <p role="alert" class="wrong">
            {trouble}{' '}
            <button type="button" class="plain" onClick={() => setTrouble('')}>
              Close
            </button>
          </p>
        )}
        <Composer
          chat={chat}
          all={all}
          draft={draft}
          setDraft={setDraft}
          replyTo={replyTo}
          setReplyTo={setReplyTo}
          files={files}
          setFiles={setFiles}
          send={send}
          samples={samples}
        />
      </footer>
      {activity && <ActivityPanel key={activity.id} activity={activity} onClose={() => close(activity)} />}
      {dialog && (
        <ModalView
          key={dialog.sent}
          dialog={dialog.dialog}
          onClose={() => setDialog(undefined)}
          onSubmit={async (fields, uploads) => {
            const answer = await sendAction({ do: 'submit', sent: dialog.sent, fields }, uploads)
            if (answer.dialog && answer.sent) setDialog({ sent: answer.sent, dialog: answer.dialog })
          }}
        />
      )}
    </div>
  )
}

render(<App />, document.body)
