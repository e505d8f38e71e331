import { useChatTexts } from './chat-texts.js'
import type { SlashCommand } from './command-list.js'

/** The commands whose names begin as the person types. The message field keeps the focus, and names the active one. */
export function CommandSuggestions({
  id,
  commands,
  active,
  onPick,
  onKeyDown,
}: {
  id: string
  commands: readonly SlashCommand[]
  /** Index of the highlighted command. */
  active: number
  onPick(command: SlashCommand): void
  onKeyDown(event: KeyboardEvent): void
}) {
  const texts = useChatTexts()
  return (
    <div class="commands" id={id} role="listbox" aria-label={texts.commands} tabIndex={0}>
      {commands.map((command, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus, and names the active option
        <div
          key={command.fullName}
          id={suggestionId(id, index)}
          role="option"
          aria-selected={index === active}
          onClick={() => onPick(command)}
          onKeyDown={onKeyDown}
          ref={element => {
            if (index === active) element?.scrollIntoView({ block: 'nearest' })
          }}
        >
          <strong>/{command.label}</strong> <span>{command.description}</span>
        </div>
      ))}
      {commands.length === 0 && <p class="none">{texts.noCommand}</p>}
    </div>
  )
}

/** @param list the id of the list */
export function suggestionId(list: string, index: number): string {
  return `${list}-${index}`
}
