import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ModalFieldValue } from '../../protocol/chat-request.js'
import type { Component, Modal } from '../../protocol/discord-objects.js'
import { fill } from '../texts.js'
import { useChatTexts } from './chat-texts.js'
import { Markdown } from './markdown.js'
import { CHECKBOX, CHECKBOX_GROUP, type FieldValue, ModalField, RADIO_GROUP } from './modal-field.js'

/** A component type. */
const TEXT_DISPLAY = 10

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
  const custom = field.custom_id ?? ''
  const input = (
    <ModalField
      field={field}
      id={id}
      value={values[custom]}
      onChange={value => setValue(custom, value)}
      label={label}
    />
  )
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
