import type { Component } from '../../protocol/discord-objects.js'
import { fill } from '../texts.js'
import { useChatTexts } from './chat-texts.js'

export type FieldValue = string | boolean | string[] | File[]

/** Component types. */
const STRING_SELECT = 3
const TEXT_INPUT = 4
const FILE_UPLOAD = 19
export const RADIO_GROUP = 21
export const CHECKBOX_GROUP = 22
export const CHECKBOX = 23

/** The style of a text input with several lines. */
const PARAGRAPH = 2

type FieldProps = {
  field: Component
  id: string
  /** Undefined until the person changes it. */
  value: FieldValue | undefined
  onChange(value: FieldValue): void
}

/** A field of a modal, by its component type. */
export function ModalField(props: FieldProps & { label: string }) {
  const { field, id, label } = props
  const texts = useChatTexts()
  switch (field.type) {
    case TEXT_INPUT:
      return <TextField {...props} />
    case STRING_SELECT:
      return <SelectField {...props} />
    case FILE_UPLOAD:
      return <FilesField {...props} />
    case RADIO_GROUP:
    case CHECKBOX_GROUP:
      return <ChoicesField {...props} />
    case CHECKBOX:
      return <CheckboxField {...props} />
    default:
      return (
        <p class="unknown" id={id}>
          {fill(texts.unknownField, { label, type: field.type })}
        </p>
      )
  }
}

function TextField({ field, id, value, onChange }: FieldProps) {
  const props = {
    id,
    required: field.required ?? true,
    maxLength: field.max_length,
    placeholder: field.placeholder,
    value: (value as string | undefined) ?? field.value ?? '',
    onInput: (event: Event) => onChange((event.currentTarget as HTMLInputElement).value),
  }
  return field.style === PARAGRAPH ? <textarea rows={3} {...props} /> : <input type="text" {...props} />
}

/** What is chosen at first. */
function defaultChoices({ options = [] }: Component): string[] {
  return options.filter(one => one.default).map(one => one.value)
}

function SelectField({ field, id, value, onChange }: FieldProps) {
  const { options = [], required = true, max_values = 1 } = field
  const chosen = (value as readonly string[] | undefined) ?? defaultChoices(field)
  return (
    <select
      id={id}
      multiple={max_values > 1}
      required={required}
      size={max_values > 1 ? Math.min(5, options.length) : 1}
      onChange={event => onChange([...event.currentTarget.selectedOptions].map(one => one.value))}
    >
      {options.map(option => (
        <option key={option.value} value={option.value} selected={chosen.includes(option.value)}>
          {option.label}
        </option>
      ))}
    </select>
  )
}

function FilesField({ field, id, onChange }: FieldProps) {
  const { required = true, max_values = 1 } = field
  return (
    <input
      type="file"
      id={id}
      required={required}
      multiple={max_values > 1}
      accept="image/*"
      onChange={event => onChange([...(event.currentTarget.files ?? [])])}
    />
  )
}

/** Radio buttons or check boxes. */
function ChoicesField({ field, value, onChange }: FieldProps) {
  const { type, options = [] } = field
  const chosen = value ?? defaultChoices(field)
  const list = typeof chosen === 'string' ? [chosen] : (chosen as readonly string[])
  return (
    <>
      {options.map(option => (
        <label key={option.value} class="choice">
          <input
            type={type === RADIO_GROUP ? 'radio' : 'checkbox'}
            name={field.custom_id ?? ''}
            checked={list.includes(option.value)}
            onChange={event => {
              const others = list.filter(one => one !== option.value)
              if (type === RADIO_GROUP) onChange(option.value)
              else onChange(event.currentTarget.checked ? [...others, option.value] : others)
            }}
          />
          {option.label}
        </label>
      ))}
    </>
  )
}

function CheckboxField({ field, id, value, onChange }: FieldProps) {
  return (
    <input
      type="checkbox"
      id={id}
      checked={(value as boolean | undefined) ?? field.default ?? false}
      onChange={event => onChange(event.currentTarget.checked)}
    />
  )
}
