import { useState } from 'preact/hooks'
import { type Attachment, EPHEMERAL, LOADING, type Message, type User } from '../../protocol/discord-objects.js'
import type { ChatTexts } from '../../protocol/page-texts.js'
import { fill, kilobytes, pageLanguage } from '../texts.js'
import { useChatTexts } from './chat-texts.js'
import type { MessageCommand } from './command-list.js'
import { ComponentView, Gallery, type MessageActions, type MessageContext } from './component-view.js'
import { Markdown } from './markdown.js'
import { ImageViewer, type ViewedImage } from './viewer.js'

const nameOf = ({ global_name, username }: User) => global_name ?? username

/** A message, with what it replies to before it and what the person can do with it after it. */
export function ChatMessageView({
  message,
  users,
  commands,
  actions,
  sameOrigin,
}: {
  message: Message
  users: readonly User[]
  commands: readonly MessageCommand[]
  actions: MessageActions
  sameOrigin: (url: string) => string
}) {
  const { author, flags = 0, attachments } = message
  const [viewed, setViewed] = useState<{ pictures: readonly ViewedImage[]; index: number }>()
  const [isMenuOpen, setIsMenuOpen] = useState(false)
  const isEphemeral = (flags & EPHEMERAL) !== 0
  const open = (pictures: readonly ViewedImage[], index: number) => setViewed({ pictures, index })
  const source = attachments.find(({ filename }) => filename.startsWith('source.'))
  return (
    <li
      class={`message${isEphemeral ? ' ephemeral' : ''}`}
      id={`m${message.id}`}
      tabIndex={-1}
      onContextMenu={event => {
        if (isEphemeral) return
        event.preventDefault()
        setIsMenuOpen(true)
      }}
    >
      <Reference message={message} users={users} scrollTo={actions.scrollTo} />
      <div class={`avatar${author.bot ? ' bot' : ''}`} aria-hidden="true">
        {author.bot ? '◱' : nameOf(author).slice(0, 1)}
      </div>
      <MessageBody context={{ message, users, actions, sameOrigin, open }} />
      {!isEphemeral && (
        <MessageToolbar
          message={message}
          commands={commands}
          actions={actions}
          isMenuOpen={isMenuOpen}
          setIsMenuOpen={setIsMenuOpen}
        />
      )}
      {viewed && (
        <ImageViewer
          pictures={viewed.pictures}
          startIndex={viewed.index}
          before={source && sameOrigin(source.url)}
          onClose={() => setViewed(undefined)}
        />
      )}
    </li>
  )
}

/** The message that it replies to, or the command that it answers. */
function Reference({
  message,
  users,
  scrollTo,
}: {
  message: Message
  users: readonly User[]
  scrollTo: MessageActions['scrollTo']
}) {
  const { referenced_message: referenced, interaction_metadata: interaction } = message
  const texts = useChatTexts()
  return (
    <>
      {referenced !== undefined && (
        <button type="button" class="reference" onClick={() => referenced && scrollTo(referenced.id)}>
          ↱ {referenced ? `${nameOf(referenced.author)}: ${summary(referenced, users, texts)}` : texts.originalDeleted}
        </button>
      )}
      {interaction?.name && !referenced && (
        <p class="reference">
          ↱ {fill(texts.usedCommand, { name: nameOf(interaction.user), command: interaction.name })}
        </p>
      )}
    </>
  )
}

function MessageBody({ context }: { context: MessageContext }) {
  const { message, users, actions } = context
  const { author, flags = 0, content, attachments, components = [], timestamp } = message
  const texts = useChatTexts()
  return (
    <div class="body">
      <p class="head">
        <strong>{nameOf(author)}</strong> {author.bot && <span class="tag">APP</span>}{' '}
        <time dateTime={timestamp}>{new Date(timestamp).toLocaleTimeString(pageLanguage())}</time>
      </p>
      {(flags & LOADING) !== 0 && (
        <p class="thinking">
          <span class="dots" aria-hidden="true" /> {fill(texts.thinking, { name: nameOf(author) })}
        </p>
      )}
      {content && (
        <div class="text">
          <Markdown text={content} users={users} />
        </div>
      )}
      {attachments.length > 0 && components.length === 0 && <Files files={attachments} context={context} />}
      {components.map((component, index) => (
        <ComponentView key={component.id ?? index} component={component} context={context} />
      ))}
      {(flags & EPHEMERAL) !== 0 && (
        <p class="note">
          {texts.onlyYou} ·{' '}
          <button type="button" class="plain" onClick={() => actions.dismiss(message)}>
            {texts.dismiss}
          </button>
        </p>
      )}
    </div>
  )
}

/** Reply, and the menu with the bot's message commands. */
function MessageToolbar({
  message,
  commands,
  actions,
  isMenuOpen,
  setIsMenuOpen,
}: {
  message: Message
  commands: readonly MessageCommand[]
  actions: MessageActions
  isMenuOpen: boolean
  setIsMenuOpen(isOpen: boolean): void
}) {
  const texts = useChatTexts()
  const reply = { label: texts.reply, run: () => actions.reply(message) }
  const commandItems = commands.map(({ name, label }) => {
    return { label: fill(texts.app, { command: label }), run: () => actions.run(message, name) }
  })
  const items = message.attachments.some(isPicture) ? [reply, ...commandItems] : [reply]
  return (
    <div class="more">
      <button type="button" aria-label={texts.reply} title={texts.reply} onClick={reply.run}>
        ↩
      </button>
      <button
        type="button"
        aria-label={texts.more}
        title={texts.more}
        aria-expanded={isMenuOpen}
        onClick={() => setIsMenuOpen(!isMenuOpen)}
      >
        ⋯
      </button>
      {isMenuOpen && <Menu onClose={() => setIsMenuOpen(false)} items={items} />}
    </div>
  )
}

function Menu({ items, onClose }: { items: readonly { label: string; run(): void }[]; onClose(): void }) {
  return (
    <ul
      class="menu"
      onKeyDown={event => event.key === 'Escape' && onClose()}
      onFocusOut={event => !event.currentTarget.contains(event.relatedTarget as Node | null) && onClose()}
    >
      {items.map(({ label, run }, index) => (
        <li key={label}>
          <button
            type="button"
            ref={element => {
              if (index === 0 && !element?.closest('.menu')?.contains(document.activeElement)) element?.focus()
            }}
            onClick={() => {
              onClose()
              run()
            }}
          >
            {label}
          </button>
        </li>
      ))}
    </ul>
  )
}

/** The beginning of a message's text. */
function summary({ content, attachments, components = [] }: Message, users: readonly User[], texts: ChatTexts): string {
  const [first] = components.flatMap(({ content: text }) => (text ? [text] : []))
  const replaceMention = (mention: string, id: string) => {
    const user = users.find(candidate => candidate.id === id)
    return user ? `@${nameOf(user)}` : mention
  }
  const text = (content || first || '').replaceAll(/<@(\d+)>/g, replaceMention)
  const plain = text.replaceAll(/[*_>#`]|-# /g, '').trim()
  return (
    plain.slice(0, 80) ||
    (attachments.length === 1 ? texts.onePicture : fill(texts.pictures, { count: attachments.length }))
  )
}

function isPicture({ content_type, filename }: Attachment): boolean {
  return (content_type ?? '').startsWith('image/') && !filename.startsWith('source.') && !filename.startsWith('mask.')
}

function Files({ files, context }: { files: readonly Attachment[]; context: MessageContext }) {
  const pictures = files.filter(({ content_type }) => content_type?.startsWith('image/'))
  const others = files.filter(file => !pictures.includes(file))
  const shown = pictures.map(({ url, filename }) => ({ url: context.sameOrigin(url), alt: filename, name: filename }))
  return (
    <>
      {shown.length > 0 && <Gallery pictures={shown} context={context} />}
      {others.map(file => (
        <p class="file" key={file.id}>
          <a href={context.sameOrigin(file.url)} download={file.filename}>
            {file.filename}
          </a>{' '}
          <small>{kilobytes(file.size)}</small>
        </p>
      ))}
    </>
  )
}
