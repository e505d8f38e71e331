import { useState } from 'preact/hooks'
import {
  type Attachment,
  type Component,
  EPHEMERAL,
  LOADING,
  type Message,
  type SelectOption,
  type User,
} from './discord-types.js'
import { Markdown } from './markdown.js'
import { ImageViewer, type ViewedImage } from './viewer.js'

/** What can be done with a message. */
export type MessageActions = {
  press(message: Message, button: string): void
  choose(message: Message, menu: string, values: readonly string[]): void
  dismiss(message: Message): void
  reply(message: Message): void
  app(message: Message, command: string): void
  jump(id: string): void
}

type Context = {
  readonly message: Message
  readonly people: readonly User[]
  readonly acts: MessageActions
  /** Where a file is to be had from this page's own origin. */
  readonly own: (url: string) => string
  readonly open: (pictures: readonly ViewedImage[], at: number) => void
}

const nameOf = ({ global_name, username }: User) => global_name ?? username

export function MessageView({
  message,
  people,
  apps,
  acts,
  own,
}: {
  message: Message
  people: readonly User[]
  /** Commands on messages, by the names under which they are sent and shown. */
  apps: readonly { readonly name: string; readonly shown: string }[]
  acts: MessageActions
  own: (url: string) => string
}) {
  const { author, flags = 0, content, attachments, components = [], referenced_message: other } = message
  const [viewed, view] = useState<{ pictures: readonly ViewedImage[]; at: number }>()
  const [menu, openMenu] = useState(false)
  const alone = (flags & EPHEMERAL) !== 0
  const thinking = (flags & LOADING) !== 0
  const open = (pictures: readonly ViewedImage[], at: number) => view({ pictures, at })
  const context: Context = { message, people, acts, own, open }
  const source = attachments.find(({ filename }) => filename.startsWith('source.'))
  const hasPictures = attachments.some(isPicture)
  return (
    <li
      class={`message${alone ? ' alone' : ''}`}
      id={`m${message.id}`}
      tabIndex={-1}
      onContextMenu={event => {
        if (alone) return
        event.preventDefault()
        openMenu(true)
      }}
    >
      {other !== undefined && (
        <button type="button" class="reference" onClick={() => other && acts.jump(other.id)}>
          ↱ {other ? `${nameOf(other.author)}: ${gist(other, people)}` : 'a message that is gone'}
        </button>
      )}
      {message.interaction_metadata?.name && !other && (
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
        {thinking && (
          <p class="thinking">
            <span class="dots" aria-hidden="true" /> {nameOf(author)} is thinking…
          </p>
        )}
        {content && (
          <div class="text">
            <Markdown text={content} people={people} />
          </div>
        )}
        {attachments.length > 0 && components.length === 0 && <Files files={attachments} context={context} />}
        {components.map((component, index) => (
          <ComponentView key={component.id ?? index} component={component} context={context} />
        ))}
        {alone && (
          <p class="note">
            Only you can see this ·{' '}
            <button type="button" class="plain" onClick={() => acts.dismiss(message)}>
              Dismiss message
            </button>
          </p>
        )}
      </div>
      {!alone && (
        <div class="more">
          <button type="button" aria-label="Reply" title="Reply" onClick={() => acts.reply(message)}>
            ↩
          </button>
          <button
            type="button"
            aria-label="Apps and more"
            title="Apps and more"
            aria-expanded={menu}
            onClick={() => openMenu(!menu)}
          >
            ⋯
          </button>
          {menu && (
            <Menu
              onClose={() => openMenu(false)}
              items={[
                { label: 'Reply', run: () => acts.reply(message) },
                ...(hasPictures
                  ? apps.map(({ name, shown }) => ({ label: `Apps → ${shown}`, run: () => acts.app(message, name) }))
                  : []),
              ]}
            />
          )}
        </div>
      )}
      {viewed && (
        <ImageViewer
          pictures={viewed.pictures}
          at={viewed.at}
          before={source && own(source.url)}
          onClose={() => view(undefined)}
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

/** A message in a few words. */
function gist({ content, attachments, components = [] }: Message, people: readonly User[]): string {
  const [first] = components.flatMap(({ content: text }) => (text ? [text] : []))
  const mentioned = (mention: string, id: string) => {
    const person = people.find(one => one.id === id)
    return person ? `@${nameOf(person)}` : mention
  }
  const text = (content || first || '').replaceAll(/<@(\d+)>/g, mentioned)
  const words = text.replaceAll(/[*_>#`]|-# /g, '').trim()
  return words.slice(0, 80) || `${attachments.length} picture${attachments.length === 1 ? '' : 's'}`
}

function isPicture({ content_type, filename }: Attachment): boolean {
  return (content_type ?? '').startsWith('image/') && !filename.startsWith('source.') && !filename.startsWith('mask.')
}

function Files({ files, context }: { files: readonly Attachment[]; context: Context }) {
  const pictures = files.filter(({ content_type }) => content_type?.startsWith('image/'))
  const rest = files.filter(file => !pictures.includes(file))
  const shown = pictures.map(({ url, filename }) => ({ url: context.own(url), alt: filename, name: filename }))
  return (
    <>
      {shown.length > 0 && <Gallery pictures={shown} context={context} />}
      {rest.map(file => (
        <p class="file" key={file.id}>
          <a href={context.own(file.url)} download={file.filename}>
            {file.filename}
          </a>{' '}
          <small>{Math.ceil(file.size / 1024)} kB</small>
        </p>
      ))}
    </>
  )
}

function Gallery({
  pictures,
  context,
}: {
  pictures: readonly (ViewedImage & { spoiler?: boolean })[]
  context: Context
}) {
  const [revealed, reveal] = useState<readonly number[]>([])
  return (
    <div class={`gallery of${Math.min(4, pictures.length)}`}>
      {pictures.map((picture, index) => {
        const hidden = picture.spoiler && !revealed.includes(index)
        return (
          <button
            type="button"
            key={picture.url.split('?', 1)[0]}
            class={hidden ? 'hidden' : ''}
            aria-label={hidden ? 'Spoiler: show the picture' : `Open large: ${picture.alt}`}
            onClick={() => (hidden ? reveal([...revealed, index]) : context.open(pictures, index))}
          >
            <img src={picture.url} alt="" />
            {hidden && <span class="veil">SPOILER</span>}
          </button>
        )
      })}
    </div>
  )
}

const STYLES = ['', 'primary', 'secondary', 'success', 'danger', 'link', 'primary']

function ComponentView({ component, context }: { component: Component; context: Context }) {
  const { type, components = [], accessory } = component
  const children = () =>
    components.map((one, index) => <ComponentView key={one.id ?? index} component={one} context={context} />)
  switch (type) {
    case 1:
      return <div class="row">{children()}</div>
    case 2:
      return <Button component={component} context={context} />
    case 3:
      return <Select component={component} context={context} />
    case 9:
      return (
        <div class="section">
          <div>{children()}</div>
          {accessory && <ComponentView component={accessory} context={context} />}
        </div>
      )
    case 10:
      return (
        <div class="text">
          <Markdown text={component.content ?? ''} people={context.people} />
        </div>
      )
    case 11:
      return <img class="thumbnail" src={context.own(component.media?.url ?? '')} alt={component.description ?? ''} />
    case 12: {
      const pictures = (component.items ?? []).map(({ media, description, spoiler }) => ({
        url: context.own(media.url),
        alt: description ?? 'a picture',
        name: media.url.split('?', 1)[0]!.split('/').at(-1)!,
        spoiler: spoiler ?? false,
      }))
      return <Gallery pictures={pictures} context={context} />
    }
    case 13:
      return (
        <p class="file">
          <a href={context.own(component.file?.url ?? '')} download={component.name ?? 'file'}>
            {component.name ?? 'file'}
          </a>{' '}
          <small>{Math.ceil((component.size ?? 0) / 1024)} kB</small>
        </p>
      )
    case 14:
      return component.divider ? <hr /> : <div class="gap" />
    case 17:
      return <div class="container">{children()}</div>
    default:
      return <p class="unknown">A component of type {type}, which this page does not know.</p>
  }
}

function Button({ component, context }: { component: Component; context: Context }) {
  const { label, emoji, style = 2, url, custom_id, disabled } = component
  const words = [emoji?.name, label].filter(Boolean).join(' ')
  if (url) {
    return (
      <a class="button link" href={url} target="_blank" rel="noreferrer">
        {words} ↗
      </a>
    )
  }
  return (
    <button
      type="button"
      class={`button ${STYLES[style] ?? 'secondary'}`}
      disabled={disabled}
      onClick={() => custom_id && context.acts.press(context.message, custom_id)}
    >
      {words}
    </button>
  )
}

function Select({ component, context }: { component: Component; context: Context }) {
  const { options = [], placeholder, custom_id, disabled } = component
  return (
    <select
      aria-label={placeholder ?? 'Choose'}
      disabled={disabled}
      onChange={event => custom_id && context.acts.choose(context.message, custom_id, [event.currentTarget.value])}
    >
      {!options.some(option => option.default) && <option value="">{placeholder ?? '…'}</option>}
      {options.map((option: SelectOption) => (
        <option key={option.value} value={option.value} selected={option.default ?? false}>
          {option.label}
        </option>
      ))}
    </select>
  )
}
