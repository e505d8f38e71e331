import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Chat } from '../../protocol/chat.js'
import type { Message } from '../../protocol/discord-objects.js'
import { ActivityPanel } from './activity-panel.js'
import { loadSample, loadSampleNames } from './chat-api.js'
import { useChatTexts } from './chat-texts.js'
import { listMessageCommands, listSlashCommands } from './command-list.js'
import { Composer } from './composer.js'
import { FileDrop } from './file-drop.js'
import { ChatMessageView } from './message.js'
import { ModalView } from './modal.js'
import { messageActions, useActions } from './use-actions.js'
import { useStayAtEnd } from './use-stay-at-end.js'
import { useUnsentMessage } from './use-unsent-message.js'
import { Welcome } from './welcome.js'

/** The command type that opens the Activity. Discord lists it apart from the others. */
const ENTRY_POINT = 4

/** A channel, as Discord's client shows it. */
export function Channel({
  chat,
  messages,
  isDisconnected,
}: {
  chat: Chat
  messages: readonly Message[]
  isDisconnected: boolean
}) {
  const texts = useChatTexts()
  const { scrolled, content, onScroll, showEnd } = useStayAtEnd()
  const { send, error, clearError, modal, closeModal, submitModal, activity, closeActivity } = useActions(showEnd)
  const unsent = useUnsentMessage()
  const [samples, setSamples] = useState<readonly string[]>([])
  useEffect(() => {
    void loadSampleNames().then(setSamples, () => setSamples([]))
  }, [])
  const commands = useMemo(() => listSlashCommands(chat.commands), [chat.commands])
  const messageCommands = useMemo(() => listMessageCommands(chat.commands), [chat.commands])

  const zoomOutOfSample = async (name: string) => {
    const zoom = commands.find(({ fullName }) => fullName === 'zoom')
    if (zoom) unsent.setDraft({ command: zoom, values: { image: await loadSample(name) } })
  }
  const actions = messageActions(send, unsent.setReplyTo)
  const users = [chat.me, ...messages.map(({ author }) => author)]
  /** The page's policy allows only its own origin. */
  const sameOrigin = (url: string) => (url.startsWith(chat.cdn) ? url.slice(chat.cdn.length) : url)
  return (
    <FileDrop onFiles={unsent.attachPictures}>
      <Header chat={chat} onLaunch={() => void send({ type: 'launch-activity' })} />
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
            <button type="button" class="plain" onClick={clearError}>
              {texts.close}
            </button>
          </p>
        )}
        <Composer chat={chat} commands={commands} unsent={unsent} send={send} samples={samples} />
      </footer>
      {activity && <ActivityPanel key={activity.id} activity={activity} onClose={() => closeActivity(activity)} />}
      {modal && (
        <ModalView
          key={modal.interaction}
          modal={modal.modal}
          onClose={closeModal}
          onSubmit={(fields, uploads) => submitModal(modal.interaction, fields, uploads)}
        />
      )}
    </FileDrop>
  )
}

function Header({ chat, onLaunch }: { chat: Chat; onLaunch(): void }) {
  const texts = useChatTexts()
  return (
    <header>
      <h1>
        <span aria-hidden="true">#</span> {chat.channel.name}
      </h1>
      <p>{texts.subtitle}</p>
      {chat.commands.some(({ type }) => type === ENTRY_POINT) && (
        <button type="button" class="button secondary" onClick={onLaunch}>
          {texts.activity}
        </button>
      )}
    </header>
  )
}
