import { useId, useState } from 'preact/hooks'
import type { ActionResponse, Chat } from '../../protocol/chat.js'
import type { CommandOption } from '../../protocol/discord-objects.js'
import type { ChatTexts } from '../../protocol/page-texts.js'
import { fill } from '../texts.js'
import { loadSample, sendAction } from './chat-api.js'
import { useChatTexts } from './chat-texts.js'
import type { OptionInput } from './command-draft.js'
import { localizedDescription, localizedName, type SlashCommand } from './command-list.js'
import { ATTACHMENT, BOOLEAN, CHANNEL, INTEGER, NUMBER, ROLE, USER } from './option-types.js'
import { Thumbnail } from './thumbnail.js'

type OptionFieldProps = {
  option: CommandOption
  value: OptionInput | undefined
  onChange(value: OptionInput | undefined): void
  /** Undefined for required options. */
  onRemove: (() => void) | undefined
  chat: Chat
  command: SlashCommand
  values: Readonly<Record<string, OptionInput>>
  samples: readonly string[]
  isFirst: boolean
}

/** An option of a command's form, with its label. */
export function OptionField(props: OptionFieldProps) {
  const { option, onRemove } = props
  const texts = useChatTexts()
  const id = useId()
  return (
    <div class="option">
      <label htmlFor={id} title={localizedDescription(option)}>
        {localizedName(option)}
      </label>
      <OptionControl {...props} id={id} />
      {onRemove && (
        <button
          type="button"
          class="plain"
          aria-label={fill(texts.removeItem, { name: localizedName(option) })}
          onClick={onRemove}
        >
          ✕
        </button>
      )}
    </div>
  )
}

/** The control for an option's type. */
function OptionControl(props: OptionFieldProps & { id: string }) {
  const { option, value, onChange, chat, command, samples, isFirst, id } = props
  const { type, required = false } = option
  const focus = (element: HTMLElement | null) => {
    if (element && isFirst && !element.dataset.focused) {
      element.dataset.focused = 'yes'
      element.focus()
    }
  }
  if (type === ATTACHMENT) {
    const isSource = option === command.options.find(one => one.type === ATTACHMENT)
    const offered = isSource ? samples : []
    return <FileField id={id} value={value} required={required} onChange={onChange} samples={offered} focus={focus} />
  }
  const items = selectItems(option, chat)
  if (!items) return <TypedField {...props} focus={focus} />
  return (
    <select
      ref={focus}
      id={id}
      required={required}
      value={String(value ?? '')}
      onChange={event => {
        const selected = event.currentTarget.value
        onChange(selected === '' ? undefined : type === BOOLEAN ? selected === 'true' : selected)
      }}
    >
      <option value="">…</option>
      {items.map(item => (
        <option key={item.value} value={item.value}>
          {item.label}
        </option>
      ))}
    </select>
  )
}

/** A text or a number, with the bot's suggestions if the option has some. */
function TypedField({
  option,
  value,
  onChange,
  command,
  values,
  id,
  focus,
}: OptionFieldProps & { id: string; focus(element: HTMLElement | null): void }) {
  const [choices, setChoices] = useState<NonNullable<ActionResponse['choices']>>([])
  const { type, name, required = false, autocomplete } = option
  const suggest = async (typed: string) => {
    const scalars = Object.entries(values).flatMap(([key, input]) => (input instanceof File ? [] : [[key, input]]))
    const options = { ...Object.fromEntries(scalars), [name]: typed }
    const action = { type: 'autocomplete', command: command.fullName, options, focused: name } as const
    // The person can type without suggestions.
    const response = await sendAction(action).catch(() => undefined)
    setChoices(response?.choices ?? [])
  }
  return (
    <>
      <input
        ref={focus}
        id={id}
        type={type === INTEGER || type === NUMBER ? 'number' : 'text'}
        step={type === NUMBER ? 'any' : undefined}
        min={option.min_value}
        max={option.max_value}
        maxLength={option.max_length}
        required={required}
        value={String(value ?? '')}
        list={autocomplete ? `${id}-choices` : undefined}
        onFocus={() => autocomplete && void suggest(String(value ?? ''))}
        onInput={event => {
          onChange(event.currentTarget.value)
          if (autocomplete) void suggest(event.currentTarget.value)
        }}
      />
      {autocomplete && (
        <datalist id={`${id}-choices`}>
          {choices.map(choice => (
            <option key={choice.value} value={choice.value}>
              {choice.name}
            </option>
          ))}
        </datalist>
      )}
    </>
  )
}

/** A file that is chosen, or a sample; once there is one, its picture is shown. */
function FileField({
  id,
  value,
  required,
  onChange,
  samples,
  focus,
}: {
  id: string
  value: OptionInput | undefined
  required: boolean
  onChange(value: OptionInput | undefined): void
  samples: readonly string[]
  focus(element: HTMLElement | null): void
}) {
  const texts = useChatTexts()
  const file = value instanceof File ? value : undefined
  return (
    <>
      {file && (
        <span class="chosen">
          <Thumbnail file={file} /> {file.name}
        </span>
      )}
      <span class={file ? 'button secondary change' : undefined}>
        {file && texts.chooseAnother}
        <input
          ref={focus}
          id={id}
          type="file"
          class={file && 'unseen'}
          accept="image/*"
          required={required && !file}
          onChange={event => {
            const [chosen] = event.currentTarget.files ?? []
            if (chosen) onChange(chosen)
          }}
        />
      </span>
      {!file && samples.length > 0 && (
        <span class="samples">
          {texts.orSample}
          {samples.map(sample => (
            <button type="button" key={sample} onClick={async () => onChange(await loadSample(sample))}>
              <img src={`/samples/${sample}`} alt={sampleLabel(sample, texts)} />
            </button>
          ))}
        </span>
      )}
    </>
  )
}

/** The name of a sample picture. @param file its file name */
export function sampleLabel(file: string, { samples }: ChatTexts): string {
  const name = file.replace('.png', '')
  return samples[name] ?? name
}

/** What a select menu offers for an option; undefined if the option is typed. */
function selectItems({ type, choices }: CommandOption, chat: Chat): { value: string; label: string }[] | undefined {
  if (choices) return choices.map(choice => ({ value: String(choice.value), label: localizedName(choice) }))
  switch (type) {
    case BOOLEAN:
      return [
        { value: 'true', label: chat.texts.yes },
        { value: 'false', label: chat.texts.no },
      ]
    case USER:
      return [{ value: chat.me.id, label: chat.texts.you }]
    case CHANNEL:
      return [{ value: chat.channel.id, label: `#${chat.channel.name}` }]
    case ROLE:
      return chat.roles.map(role => ({ value: role.id, label: role.name }))
    default:
      return undefined
  }
}
