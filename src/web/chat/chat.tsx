import { render } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { ActivityPanel } from './activity-panel.js'
import { loadSample, loadSampleNames, sendAction } from './chat-api.js'
import './chat.css'
import type { ActionResponse, OpenActivity } from '../../protocol/chat.js'
import type { ChatAction } from '../../protocol/chat-request.js'
import type { Message, Modal } from '../../protocol/discord-objects.js'
import { shellText } from '../texts.js'
import { ChatTextsProvider } from './chat-texts.js'
import type { CommandDraft } from './command-draft.js'
import { listMessageCommands, listSlashCommands } from './command-list.js'
import type { MessageActions } from './component-view.js'
import { Composer } from './composer.js'
import { ChatMessageView } from './message.js'
import { ModalView } from './modal.js'
import { ATTACHMENT } from './option-types.js'
import { useChat } from './use-chat.js'
import { useStayAtEnd } from './use-stay-at-end.js'
import { Welcome } from './welcome.js'

/** The command type that opens the Activity. Discord lists it apart from the others. */
const ENTRY_POINT = 4

/** @property interaction the one that opened it */
type OpenModal = { readonly interaction: string; readonly modal: Modal }

/** A channel, as Discord's client shows it. */
function App() {
  const { chat, messages, isDisconnected } = useChat()
  const [samples, setSamples] = useState<readonly string[]>([])
  const [draft, setDraft] = useState<CommandDraft>()
  const [replyTo, setReplyTo] = useState<Message>()
  const [files, setFiles] = useState<readonly File[]>([])
  const [modal, setModal] = useState<OpenModal>()
  const [activity, setActivity] = useState<OpenActivity>()
  const [error, setError] = useState('')
  const [isDragging, setIsDragging] = useState(false)
  const { scrolled, content, onScroll, showEnd } = useStayAtEnd(chat !== undefined)

  useEffect(() => {
    void loadSampleNames().then(setSamples, () => setSamples([]))
  }, [])
  const commands = useMemo(() => listSlashCommands(chat?.commands ?? []), [chat?.commands])
  const messageCommands = useMemo(() => listMessageCommands(chat?.commands ?? []), [chat?.commands])
  if (!chat) return <p class="loading">{shellText(isDisconnected ? 'unreachable' : 'loading')}</p>
  const { texts } = chat

  const show = ({ interaction, modal: opened, activity: launched }: ActionResponse) => {
    if (opened && interaction) setModal({ interaction, modal: opened })
    if (launched) setActivity(launched)
  }
  const send = async (action: ChatAction, uploads: readonly File[] = []): Promise<boolean> => {
    setError('')
    showEnd()
    try {
      show(await sendAction(action, uploads))
      return true
    } catch (cause) {
      setError((cause as Error).message)
      return false
    }
  }
  const actions: MessageActions = {
    press: ({ id }, button) => void send({ type: 'button', message: id, button }),
    select: ({ id }, menu, values) => void send({ type: 'select', message: id, menu, values: [...values] }),
    dismiss: ({ id }) => void send({ type: 'dismiss', message: id }),
    reply: setReplyTo,
    run: ({ id }, name) => void send({ type: 'message-command', message: id, command: name }),
    scrollTo: id => {
      const element = document.getElementById(`m${id}`)
      element?.scrollIntoView({ block: 'center' })
      element?.focus()
    },
  }
  const attach = (added: readonly File[]) => {
    const pictures = added.filter(({ type }) => type.startsWith('image/'))
    const [picture] = pictures
    const image = draft?.command.options.find(({ type, name }) => type === ATTACHMENT && !(name in draft.values))
    if (draft && image && picture) setDraft({ ...draft, values: { ...draft.values, [image.name]: picture } })
    else setFiles([...files, ...pictures].slice(0, 10))
  }
  const closeActivity = ({ id }: OpenActivity) => {
    setActivity(undefined)
    void send({ type: 'leave-activity', activity: id })
  }
  const zoomOutOfSample = async (name: string) => {
    const zoom = commands.find(({ fullName }) => fullName === 'zoom')
    if (zoom) setDraft({ command: zoom, values: { image: await loadSample(name) } })
  }
  const users = [chat.me, ...messages.map(({ author }) => author)]
  /** The page's policy allows only its own origin. */
  const sameOrigin = (url: string) => (url.startsWith(chat.cdn) ? url.slice(chat.cdn.length) : url)
  return (
    <ChatTextsProvider value={texts}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the attach button does the same */}
      <div
        class={`app${isDragging ? ' dragging' : ''}`}
        onDragOver={event => {
          event.preventDefault()
          setIsDragging(true)
        }}
        onDragLeave={() => setIsDragging(false)}
        onDrop={event => {
          event.preventDefault()
          setIsDragging(false)
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
          <p>{texts.subtitle}</p>
          {chat.commands.some(({ type }) => type === ENTRY_POINT) && (
            <button type="button" class="button secondary" onClick={() => void send({ type: 'launch-activity' })}>
              {texts.activity}
            </button>
          )}
        </header>
        <main aria-label={texts.channel} ref={scrolled} onScroll={onScroll}>
          <Welcome samples={samples} onPick={name => void zoomOutOfSample(name)} />
          <ol class="log" ref={content} aria-label={texts.messages} aria-live="polite" aria-relevant="additions">
            {messages.map(message => (
              <ChatMessageView
                key={message.id}
                message={message}
                users={users}
                commands={messageCommands}
                actions={actions}
                sameOrigin={sameOrigin}
              />
            ))}
          </ol>
        </main>
        <footer>
          {isDisconnected && (
            <p role="status" class="error">
              {texts.reconnecting}
            </p>
          )}
          {error && (
            <p role="alert" class="error">
              {error}{' '}
              <button type="button" class="plain" onClick={() => setError('')}>
                {texts.close}
              </button>
            </p>
          )}
          <Composer
            chat={chat}
            commands={commands}
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
        {activity && <ActivityPanel key={activity.id} activity={activity} onClose={() => closeActivity(activity)} />}
        {modal && (
          <ModalView
            key={modal.interaction}
            modal={modal.modal}
            onClose={() => setModal(undefined)}
            onSubmit={async (fields, uploads) =>
              show(await sendAction({ type: 'modal-submit', interaction: modal.interaction, fields }, uploads))
            }
          />
        )}
      </div>
    </ChatTextsProvider>
  )
}

render(<App />, document.body)
