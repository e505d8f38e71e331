import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Upload } from './chat-api.js'
import type { Component, Modal } from './discord-types.js'
import { Markdown } from './markdown.js'

type Value = string | boolean | readonly string[] | readonly Upload[]

/** A dialog that the bot opened ("modal"): its fields, to be filled and sent off. */
export function ModalView({
  dialog,
  onSubmit,
  onClose,
}: {
  dialog: Modal
  /** @throws Error what is wrong with it; the dialog stays */
  onSubmit(fields: Readonly<Record<string, unknown>>, files: readonly Upload[]): Promise<void>
  onClose(): void
}) {
  const element = useRef<HTMLDialogElement>(null)
  const [values, change] = useState<Readonly<Record<string, Value>>>({})
  const [wrong, complain] = useState('')
  useLayoutEffect(() => element.current?.showModal(), [])
  const set = (id: string, value: Value) => change(now => ({ ...now, [id]: value }))
  const submit = async () => {
    const files: Upload[] = []
    const fields = Object.entries(values).map(([id, value]) => {
      if (!Array.isArray(value) || !value.some(one => one instanceof File)) return [id, value]
      return [id, (value as Upload[]).map(file => ({ file: files.push(file) - 1 }))]
    })
    try {
      await onSubmit(Object.fromEntries(fields), files)
      element.current?.close()
    } catch (error) {
      complain((error as Error).message)
    }
  }
  return (
    <dialog ref={element} class="dialog" aria-label={dialog.title} onClose={onClose}>
      <form
        onSubmit={event => {
          event.preventDefault()
          void submit()
        }}
      >
        <h2>{dialog.title}</h2>
        {dialog.components.map((part, index) => (
          <Part key={index} part={part} set={set} values={values} />
        ))}
        {wrong && (
          <p role="alert" class="wrong">
            {wrong}
          </p>
        )}
        <div class="row end">
          <button type="button" class="button secondary" onClick={() => element.current?.close()}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            Submit
          </button>
        </div>
      </form>
    </dialog>
  )
}

type PartProps = {
  part: Component
  set(id: string, value: Value): void
  values: Readonly<Record<string, Value>>
}

function Part({ part, set, values }: PartProps) {
  if (part.type === 10) return <Markdown text={part.content ?? ''} people={[]} />
  const field = part.component ?? part.components?.[0]
  if (!field) return <p class="unknown">A part of type {part.type}, which this page does not know.</p>
  const id = `f-${field.custom_id}`
  const grouped = field.type === 21 || field.type === 22
  const input = <Field field={field} id={id} set={set} value={values[field.custom_id!]} label={part.label ?? ''} />
  return (
    <div class="field">
      {grouped ? (
        <fieldset>
          <legend>{part.label}</legend>
          {part.description && <small>{part.description}</small>}
          {input}
        </fieldset>
      ) : (
        <>
          <label htmlFor={id}>
            {part.label ?? field.label}
            {field.required !== false && field.type !== 23 && <span class="required"> *</span>}
          </label>
          {part.description && <small id={`${id}-hint`}>{part.description}</small>}
          {input}
        </>
      )}
    </div>
  )
}

function Field({
  field,
  id,
  set,
  value,
  label,
}: Omit<PartProps, 'part' | 'values'> & { field: Component; id: string; value: Value | undefined; label: string }) {
  const { type, custom_id = '', options = [], required = true, style, max_values = 1 } = field
  switch (type) {
    case 4: {
      const props = {
        id,
        required,
        maxLength: field.max_length,
        placeholder: field.placeholder,
        value: (value as string | undefined) ?? field.value ?? '',
        onInput: (event: Event) => set(custom_id, (event.currentTarget as HTMLInputElement).value),
      }
      return style === 2 ? <textarea rows={3} {...props} /> : <input type="text" {...props} />
    }
    case 3: {
      const chosen =
        (value as readonly string[] | undefined) ?? options.filter(one => one.default).map(one => one.value)
      return (
        <select
          id={id}
          multiple={max_values > 1}
          required={required}
          size={max_values > 1 ? Math.min(5, options.length) : 1}
          onChange={event =>
            set(
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
    case 19:
      return (
        <input
          type="file"
          id={id}
          required={required}
          multiple={max_values > 1}
          accept="image/*"
          onChange={event => set(custom_id, [...(event.currentTarget.files ?? [])])}
        />
      )
    case 21:
    case 22: {
      const chosen = value ?? options.filter(one => one.default).map(one => one.value)
      const list = typeof chosen === 'string' ? [chosen] : (chosen as readonly string[])
      return (
        <>
          {options.map(option => (
            <label key={option.value} class="choice">
              <input
                type={type === 21 ? 'radio' : 'checkbox'}
                name={custom_id}
                checked={list.includes(option.value)}
                onChange={event => {
                  const others = list.filter(one => one !== option.value)
                  if (type === 21) set(custom_id, option.value)
                  else set(custom_id, event.currentTarget.checked ? [...others, option.value] : others)
                }}
              />
              {option.label}
            </label>
          ))}
        </>
      )
    }
    case 23:
      return (
        <input
          type="checkbox"
          id={id}
          checked={(value as boolean | undefined) ?? field.default ?? false}
          onChange={event => set(custom_id, event.currentTarget.checked)}
        />
      )
    default:
      return (
        <p class="unknown" id={id}>
          {label}: a field of type {type}, which this page does not know.
        </p>
      )
  }
}
