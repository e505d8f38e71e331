import { useState } from 'preact/hooks'
import type { Chat } from '../../protocol/chat.js'
import type { ChatAction, CommandOptionValue } from '../../protocol/chat-request.js'
import { useChatTexts } from './chat-texts.js'
import { localizedDescription, localizedName, type SlashCommand } from './command-list.js'
import { OptionField, type OptionInput } from './option-field.js'

/** A slash command that is being filled in. @property values by the options' names */
export type CommandDraft = {
  readonly command: SlashCommand
  readonly values: Readonly<Record<string, OptionInput>>
}

/** Option types. */
const NUMERIC_TYPES = [4, 10]
/** User, channel, role. */
const MENTION_TYPES = [6, 7, 8]

/** The form of a slash command. */
export function CommandForm({
  chat,
  draft,
  setDraft,
  send,
  samples,
}: {
  chat: Chat
  draft: CommandDraft
  setDraft(draft: CommandDraft | undefined): void
  /** @returns whether it was sent */
  send(action: ChatAction, files: readonly File[]): Promise<boolean>
  samples: readonly string[]
}) {
  const { command, values } = draft
  const texts = useChatTexts()
  /** Names of optional options that the person added. */
  const [added, setAdded] = useState<readonly string[]>([])
  const shown = command.options.filter(({ name, required }) => required || added.includes(name) || name in values)
  const hidden = command.options.filter(option => !shown.includes(option))
  const setValue = (name: string, value: OptionInput | undefined) => {
    const { [name]: _, ...others } = values
    setDraft({ command, values: value === undefined ? others : { ...others, [name]: value } })
  }
  const submit = async () => {
    const files: File[] = []
    const options = command.options.flatMap(({ name, type }): [string, CommandOptionValue][] => {
      const value = values[name]
      if (value === undefined || value === '') return []
      if (value instanceof File) return [[name, { file: files.push(value) - 1 }]]
      if (NUMERIC_TYPES.includes(type)) return [[name, Number(value)]]
      if (MENTION_TYPES.includes(type)) return [[name, { id: String(value) }]]
      return [[name, value]]
    })
    const action = { type: 'slash', command: command.fullName, options: Object.fromEntries(options) } as const
    if (await send(action, files)) setDraft(undefined)
  }
  return (
    <form
      class="composer command"
      aria-label={`/${command.label}`}
      onSubmit={event => {
        event.preventDefault()
        void submit()
      }}
      onKeyDown={event => event.key === 'Escape' && setDraft(undefined)}
    >
      <p class="title">
        <strong>/{command.label}</strong> <span>{command.description}</span>
      </p>
      <div class="fields">
        {shown.map((option, index) => (
          <OptionField
            key={option.name}
            option={option}
            value={values[option.name]}
            onChange={value => setValue(option.name, value)}
            onRemove={
              option.required
                ? undefined
                : () => {
                    setValue(option.name, undefined)
                    setAdded(added.filter(name => name !== option.name))
                  }
            }
            chat={chat}
            command={command}
            values={values}
            samples={samples}
            isFirst={index === 0}
          />
        ))}
      </div>
      {hidden.length > 0 && (
        <fieldset class="rest">
          <legend>{texts.moreOptions}</legend>
          {hidden.map(option => (
            <button
              type="button"
              key={option.name}
              title={localizedDescription(option)}
              onClick={() => setAdded([...added, option.name])}
            >
              {localizedName(option)}
            </button>
          ))}
        </fieldset>
      )}
      <div class="row end">
        <button type="button" class="button secondary" onClick={() => setDraft(undefined)}>
          {texts.cancel}
        </button>
        <button type="submit" class="button primary">
          {texts.send}
        </button>
      </div>
    </form>
  )
}
