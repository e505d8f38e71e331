import { useState } from 'preact/hooks'
import { type Attachment, EPHEMERAL, LOADING, type Message, type User } from '../../protocol/discord-objects.js'
import type { MessageCommand } from './command-list.js'
import { ComponentView, Gallery, type MessageActions, type MessageContext } from './component-view.js'
import { Markdown } from './markdown.js'
import { ImageViewer, type ViewedImage } from './viewer.js'

const nameOf = ({ global_name, username }: User) => global_name ?? username

export function MessageView({
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
  const { author, flags = 0, content, attachments, components = [], referenced_message: referenced } = message
  const [viewed, setViewed] = useState<{ pictures: readonly ViewedImage[]; index: number }>()
  const [isMenuOpen, setIsMenuOpen] = useState(false)
  const isEphemeral = (flags & EPHEMERAL) !== 0
  const isLoading = (flags & LOADING) !== 0
  const open = (pictures: readonly ViewedImage[], index: number) => setViewed({ pictures, index })
  const context: MessageContext = { message, users, actions, sameOrigin, open }
  const source = attachments.find(({ filename }) => filename.startsWith('source.'))
  const hasPictures = attachments.some(isPicture)
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
      {referenced !== undefined && (
        <button type="button" class="reference" onClick={() => referenced && actions.scrollTo(referenced.id)}>
          ↱ {referenced ? `${nameOf(referenced.author)}: ${summary(referenced, users)}` : 'a message that is gone'}
        </button>
      )}
      {message.interaction_metadata?.name && !referenced && (
        <p class="reference">
          ↱ {nameOf(message.interaction_metadata.user)} used /{message.interaction_metadata.name}
        </p>
      )}
      <div class={`avatar${author.bot ? ' bot' : ''}`} aria-hidden="true">
        {author.bot ? '◱' : nameOf(author).slice(0, 1)}
      </div>
      <div class="body">
        <p class="head">
          <strong>{nameOf(author)}</strong> {author.bot && <span class="tag">APP</span>}{' '}
          <time dateTime={message.timestamp}>{new Date(message.timestamp).toLocaleTimeString()}</time>
        </p>
        {isLoading && (
          <p class="thinking">
            <span class="dots" aria-hidden="true" /> {nameOf(author)} is thinking…
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
        {isEphemeral && (
          <p class="note">
            Only you can see this ·{' '}
            <button type="button" class="plain" onClick={() => actions.dismiss(message)}>
              Dismiss message
            </button>
          </p>
        )}
      </div>
      {!isEphemeral && (
        <div class="more">
          <button type="button" aria-label="Reply" title="Reply" onClick={() => actions.reply(message)}>
            ↩
          </button>
          <button
            type="button"
            aria-label="Apps and more"
            title="Apps and more"
            aria-expanded={isMenuOpen}
            onClick={() => setIsMenuOpen(!isMenuOpen)}
          >
            ⋯
          </button>
          {isMenuOpen && (
            <Menu
              onClose={() => setIsMenuOpen(false)}
              items={[
                { label: 'Reply', run: () => actions.reply(message) },
                ...(hasPictures
                  ? commands.map(({ name, label }) => ({
                      label: `Apps → ${label}`,
                      run: () => actions.run(message, name),
                    }))
                  : []),
              ]}
            />
          )}
        </div>
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
function summary({ content, attachments, components = [] }: Message, users: readonly User[]): string {
  const [first] = components.flatMap(({ content: text }) => (text ? [text] : []))
  const replaceMention = (mention: string, id: string) => {
    const user = users.find(candidate => candidate.id === id)
    return user ? `@${nameOf(user)}` : mention
  }
  const text = (content || first || '').replaceAll(/<@(\d+)>/g, replaceMention)
  const plain = text.replaceAll(/[*_>#`]|-# /g, '').trim()
  return plain.slice(0, 80) || `${attachments.length} picture${attachments.length === 1 ? '' : 's'}`
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
          <small>{Math.ceil(file.size / 1024)} kB</small>
        </p>
      ))}
    </>
  )
}
