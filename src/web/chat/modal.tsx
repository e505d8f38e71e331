import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ModalFieldValue } from '../../protocol/chat-request.js'
import type { Component, Modal } from '../../protocol/discord-objects.js'
import { fill } from '../texts.js'
import { useChatTexts } from './chat-texts.js'
import { Markdown } from './markdown.js'

type FieldValue = string | boolean | string[] | File[]

/** Component types. */
const STRING_SELECT = 3
const TEXT_INPUT = 4
const TEXT_DISPLAY = 10
const FILE_UPLOAD = 19
const RADIO_GROUP = 21
const CHECKBOX_GROUP = 22
const CHECKBOX = 23

/** The style of a text input with several lines. */
const PARAGRAPH = 2

/** A modal that the bot opened. */
export function ModalView({
  modal,
  onSubmit,
  onClose,
}: {
  modal: Modal
  /** @param files that the fields name by their index. @throws Error which is shown, and the modal stays open */
  onSubmit(fields: Record<string, ModalFieldValue>, files: readonly File[]): Promise<void>
  onClose(): void
}) {
  const texts = useChatTexts()
  const element = useRef<HTMLDialogElement>(null)
  const [values, setValues] = useState<Readonly<Record<string, FieldValue>>>({})
  const [error, setError] = useState('')
  useLayoutEffect(() => element.current?.showModal(), [])
  const setValue = (id: string, value: FieldValue) => setValues(before => ({ ...before, [id]: value }))
  const submit = async () => {
    const files: File[] = []
    const fields = Object.entries(values).map(([id, value]): [string, ModalFieldValue] => [
      id,
      isFiles(value) ? value.map(file => ({ file: files.push(file) - 1 })) : value,
    ])
    try {
      await onSubmit(Object.fromEntries(fields), files)
      element.current?.close()
    } catch (cause) {
      setError((cause as Error).message)
    }
  }
  return (
    <dialog ref={element} class="dialog" aria-label={modal.title} onClose={onClose}>
      <form
        onSubmit={event => {
          event.preventDefault()
          void submit()
        }}
      >
        <h2>{modal.title}</h2>
        {modal.components.map((component, index) => (
          <ModalComponent key={index} component={component} setValue={setValue} values={values} />
        ))}
        {error && (
          <p role="alert" class="error">
            {error}
          </p>
        )}
        <div class="row end">
          <button type="button" class="button secondary" onClick={() => element.current?.close()}>
            {texts.cancel}
          </button>
          <button type="submit" class="button primary">
            {texts.submit}
          </button>
        </div>
      </form>
    </dialog>
  )
}

/** Whether a field holds files; an empty list may as well be one of choices. */
function isFiles(value: FieldValue): value is File[] {
  return Array.isArray(value) && value[0] instanceof File
}

type ModalComponentProps = {
  component: Component
  setValue(id: string, value: FieldValue): void
  values: Readonly<Record<string, FieldValue>>
}

function ModalComponent({ component, setValue, values }: ModalComponentProps) {
  const texts = useChatTexts()
  if (component.type === TEXT_DISPLAY) return <Markdown text={component.content ?? ''} users={[]} />
  const field = component.component ?? component.components?.[0]
  if (!field) return <p class="unknown">{fill(texts.unknownComponent, { type: component.type })}</p>
  const id = `f-${field.custom_id}`
  const isGroup = field.type === RADIO_GROUP || field.type === CHECKBOX_GROUP
  const label = component.label ?? ''
  const input = <Field field={field} id={id} setValue={setValue} value={values[field.custom_id!]} label={label} />
  return (
    <div class="field">
      {isGroup ? (
        <fieldset>
          <legend>{component.label}</legend>
          {component.description && <small>{component.description}</small>}
          {input}
        </fieldset>
      ) : (
        <>
          <label htmlFor={id}>
            {component.label ?? field.label}
            {field.required !== false && field.type !== CHECKBOX && <span class="required"> *</span>}
          </label>
          {component.description && <small id={`${id}-hint`}>{component.description}</small>}
          {input}
        </>
      )}
    </div>
  )
}

function Field({
  field,
  id,
  setValue,
  value,
  label,
}: Pick<ModalComponentProps, 'setValue'> & {
  field: Component
  id: string
  value: FieldValue | undefined
  label: string
}) {
  const texts = useChatTexts()
  const { type, custom_id = '', options = [], required = true, style, max_values = 1 } = field
  switch (type) {
    case TEXT_INPUT: {
      const props = {
        id,
        required,
        maxLength: field.max_length,
        placeholder: field.placeholder,
        value: (value as string | undefined) ?? field.value ?? '',
        onInput: (event: Event) => setValue(custom_id, (event.currentTarget as HTMLInputElement).value),
      }
      return style === PARAGRAPH ? <textarea rows={3} {...props} /> : <input type="text" {...props} />
    }
    case STRING_SELECT: {
      const chosen =
        (value as readonly string[] | undefined) ?? options.filter(one => one.default).map(one => one.value)
      return (
        <select
          id={id}
          multiple={max_values > 1}
          required={required}
          size={max_values > 1 ? Math.min(5, options.length) : 1}
          onChange={event =>
            setValue(
              custom_id,
              [...event.currentTarget.selectedOptions].map(one => one.value),
            )
          }
        >
          {options.map(option => (
            <option key={option.value} value={option.value} selected={chosen.includes(option.value)}>
              {option.label}
            </option>
          ))}
        </select>
      )
    }
    case FILE_UPLOAD:
      return (
        <input
          type="file"
          id={id}
          required={required}
          multiple={max_values > 1}
          accept="image/*"
          onChange={event => setValue(custom_id, [...(event.currentTarget.files ?? [])])}
        />
      )
    case RADIO_GROUP:
    case CHECKBOX_GROUP: {
      const chosen = value ?? options.filter(one => one.default).map(one => one.value)
      const list = typeof chosen === 'string' ? [chosen] : (chosen as readonly string[])
      return (
        <>
          {options.map(option => (
            <label key={option.value} class="choice">
              <input
                type={type === RADIO_GROUP ? 'radio' : 'checkbox'}
                name={custom_id}
                checked={list.includes(option.value)}
                onChange={event => {
                  const others = list.filter(one => one !== option.value)
                  if (type === RADIO_GROUP) setValue(custom_id, option.value)
                  else setValue(custom_id, event.currentTarget.checked ? [...others, option.value] : others)
                }}
              />
              {option.label}
            </label>
          ))}
        </>
      )
    }
    case CHECKBOX:
      return (
        <input
          type="checkbox"
          id={id}
          checked={(value as boolean | undefined) ?? field.default ?? false}
          onChange={event => setValue(custom_id, event.currentTarget.checked)}
        />
      )
    default:
      return (
        <p class="unknown" id={id}>
          {fill(texts.unknownField, { label, type })}
        </p>
      )
  }
}
