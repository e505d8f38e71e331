import { useState } from 'preact/hooks'
import type { Chat } from '../../protocol/chat.js'
import type { ChatAction } from '../../protocol/chat-request.js'
import { useChatTexts } from './chat-texts.js'
import { type CommandDraft, type OptionInput, slashAction } from './command-draft.js'
import { localizedDescription, localizedName } from './command-list.js'
import { OptionField } from './option-field.js'

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
    const { action, files } = slashAction(draft)
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
