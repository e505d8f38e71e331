import { useState } from 'preact/hooks'
import type { Component, Message, User } from '../../protocol/discord-objects.js'
import { fill, kilobytes } from '../texts.js'
import { useChatTexts } from './chat-texts.js'
import { Markdown } from './markdown.js'
import type { ViewedImage } from './viewer.js'

/** Component types. */
const ACTION_ROW = 1
const BUTTON = 2
const STRING_SELECT = 3
const SECTION = 9
const TEXT_DISPLAY = 10
const THUMBNAIL = 11
const MEDIA_GALLERY = 12
const FILE = 13
const SEPARATOR = 14
const CONTAINER = 17

/** What a person can do with a message. */
export type MessageActions = {
  /** @param button the custom id */
  press(message: Message, button: string): void
  /** @param menu the custom id */
  select(message: Message, menu: string, values: readonly string[]): void
  dismiss(message: Message): void
  reply(message: Message): void
  /** Run a message command. */
  run(message: Message, command: string): void
  scrollTo(id: string): void
}

export type MessageContext = {
  readonly message: Message
  readonly users: readonly User[]
  readonly actions: MessageActions
  /** The URL of an attachment at this page's own origin. */
  readonly sameOrigin: (url: string) => string
  readonly open: (pictures: readonly ViewedImage[], index: number) => void
}

export function Gallery({
  pictures,
  context,
}: {
  pictures: readonly (ViewedImage & { spoiler?: boolean })[]
  context: MessageContext
}) {
  const texts = useChatTexts()
  const [revealed, setRevealed] = useState<readonly number[]>([])
  return (
    <div class={`gallery of${Math.min(4, pictures.length)}`}>
      {pictures.map((picture, index) => {
        const isHidden = picture.spoiler && !revealed.includes(index)
        return (
          <button
            type="button"
            key={picture.url.split('?', 1)[0]}
            class={isHidden ? 'hidden' : ''}
            aria-label={isHidden ? texts.showSpoiler : fill(texts.enlarge, { name: picture.alt })}
            onClick={() => (isHidden ? setRevealed([...revealed, index]) : context.open(pictures, index))}
          >
            <img src={picture.url} alt="" />
            {isHidden && <span class="veil">{texts.spoiler}</span>}
          </button>
        )
      })}
    </div>
  )
}

/** CSS classes by the button's style. */
const BUTTON_STYLES = ['', 'primary', 'secondary', 'success', 'danger', 'link', 'primary']

export function ComponentView({ component, context }: { component: Component; context: MessageContext }) {
  const { type, components = [], accessory } = component
  const texts = useChatTexts()
  const children = () =>
    components.map((child, index) => <ComponentView key={child.id ?? index} component={child} context={context} />)
  switch (type) {
    case ACTION_ROW:
      return <div class="row">{children()}</div>
    case BUTTON:
      return <Button component={component} context={context} />
    case STRING_SELECT:
      return <Select component={component} context={context} />
    case SECTION:
      return (
        <div class="section">
          <div>{children()}</div>
          {accessory && <ComponentView component={accessory} context={context} />}
        </div>
      )
    case TEXT_DISPLAY:
      return (
        <div class="text">
          <Markdown text={component.content ?? ''} users={context.users} />
        </div>
      )
    case THUMBNAIL:
      return (
        <img class="thumbnail" src={context.sameOrigin(component.media?.url ?? '')} alt={component.description ?? ''} />
      )
    case MEDIA_GALLERY: {
      const pictures = (component.items ?? []).map(({ media, description, spoiler }) => ({
        url: context.sameOrigin(media.url),
        alt: description ?? texts.picture,
        name: media.url.split('?', 1)[0]!.split('/').at(-1)!,
        spoiler: spoiler ?? false,
      }))
      return <Gallery pictures={pictures} context={context} />
    }
    case FILE:
      return (
        <p class="file">
          <a href={context.sameOrigin(component.file?.url ?? '')} download={component.name ?? 'file'}>
            {component.name ?? 'file'}
          </a>{' '}
          <small>{kilobytes(component.size ?? 0)}</small>
        </p>
      )
    case SEPARATOR:
      return component.divider ? <hr /> : <div class="gap" />
    case CONTAINER:
      return <div class="container">{children()}</div>
    default:
      return <p class="unknown">{fill(texts.unknownComponent, { type })}</p>
  }
}

function Button({ component, context }: { component: Component; context: MessageContext }) {
  const { label, emoji, style = 2, url, custom_id, disabled } = component
  const text = [emoji?.name, label].filter(Boolean).join(' ')
  if (url) {
    return (
      <a class="button link" href={url} target="_blank" rel="noreferrer">
        {text} ↗
      </a>
    )
  }
  return (
    <button
      type="button"
      class={`button ${BUTTON_STYLES[style] ?? 'secondary'}`}
      disabled={disabled}
      onClick={() => custom_id && context.actions.press(context.message, custom_id)}
    >
      {text}
    </button>
  )
}

function Select({ component, context }: { component: Component; context: MessageContext }) {
  const { options = [], placeholder, custom_id, disabled, max_values = 1 } = component
  const texts = useChatTexts()
  if (max_values > 1) return <MultiSelect component={component} context={context} />
  return (
    <select
      aria-label={placeholder ?? texts.choose}
      disabled={disabled}
      onChange={event => custom_id && context.actions.select(context.message, custom_id, [event.currentTarget.value])}
    >
      {!options.some(option => option.default) && <option value="">{placeholder ?? '…'}</option>}
      {options.map(option => (
        <option key={option.value} value={option.value} selected={option.default ?? false}>
          {option.label}
        </option>
      ))}
    </select>
  )
}

/** A menu in which several options can be chosen. */
function MultiSelect({ component, context }: { component: Component; context: MessageContext }) {
  const { options = [], placeholder, custom_id, disabled = false } = component
  const texts = useChatTexts()
  const [chosen, setChosen] = useState(() => options.filter(one => one.default).map(one => one.value))
  const toggle = (value: string, isChosen: boolean) =>
    setChosen([...chosen.filter(one => one !== value), ...(isChosen ? [value] : [])])
  const inOrder = options.map(({ value }) => value).filter(value => chosen.includes(value))
  return (
    <fieldset class="several" disabled={disabled}>
      <legend>{placeholder ?? texts.choose}</legend>
      <div class="options">
        {options.map(({ value, label }) => (
          <label key={value}>
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={event => toggle(value, event.currentTarget.checked)}
            />
            {label}
          </label>
        ))}
      </div>
      <button
        type="button"
        class="button secondary"
        disabled={inOrder.length === 0}
        onClick={() => custom_id && context.actions.select(context.message, custom_id, inOrder)}
      >
        {texts.choose}
      </button>
    </fieldset>
  )
}
