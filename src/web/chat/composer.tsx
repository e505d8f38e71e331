import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { Chat } from '../../protocol/chat.js'
import type { ChatAction } from '../../protocol/chat-request.js'
import type { Message } from '../../protocol/discord-objects.js'
import { fill } from '../texts.js'
import { AttachedFiles } from './attached-files.js'
import { useChatTexts } from './chat-texts.js'
import {
  type CommandDraft,
  isComplete,
  slashAction,
  suggestedCommands,
  typedCommand,
  typedValues,
} from './command-draft.js'
import { CommandForm } from './command-form.js'
import type { SlashCommand } from './command-list.js'
import { CommandSuggestions, suggestionId } from './command-suggestions.js'
import { ATTACHMENT } from './option-types.js'
import type { UnsentMessage } from './use-unsent-message.js'

/** The message field, with attachments and slash commands. */
export function Composer({
  chat,
  commands,
  unsent,
  send,
  samples,
}: {
  chat: Chat
  commands: readonly SlashCommand[]
  unsent: UnsentMessage
  /** @returns whether it was sent */
  send(action: ChatAction, files: readonly File[]): Promise<boolean>
  samples: readonly string[]
}) {
  const { draft, setDraft, replyTo, setReplyTo, files, addFiles, removeFile, clearFiles } = unsent
  const texts = useChatTexts()
  const [text, setText] = useState('')
  /** Index of the highlighted command. */
  const [active, setActive] = useState(0)
  const input = useRef<HTMLTextAreaElement>(null)
  const listId = useId()
  useEffect(() => {
    if (replyTo) input.current?.focus()
  }, [replyTo])

  if (draft) {
    return <CommandForm chat={chat} draft={draft} setDraft={setDraft} send={send} samples={samples} />
  }

  const query = text.startsWith('/') ? text.slice(1).trimStart() : undefined
  const matches = query === undefined ? [] : suggestedCommands(query, commands)
  const selectCommand = (command: SlashCommand) => {
    const image = command.options.find(({ type }) => type === ATTACHMENT)
    const [file] = files
    // The text of its options may follow the command.
    const typed = query === undefined ? undefined : typedCommand(query, commands)
    const texts = typed?.command === command ? typedValues(command, typed.rest) : {}
    const draft = { command, values: { ...(image && file && { [image.name]: file }), ...texts } }
    // Nothing is left to fill in, and the person typed more than the name.
    if (Object.keys(texts).length > 0 && isComplete(draft)) return void sendDraft(draft)
    openForm(draft)
  }
  const clear = () => {
    setText('')
    setActive(0)
    clearFiles()
  }
  const openForm = (draft: CommandDraft) => {
    const isUsed = Object.values(draft.values).some(value => value instanceof File)
    setText('')
    setActive(0)
    if (isUsed) clearFiles()
    setDraft(draft)
  }
  const sendDraft = async (draft: CommandDraft) => {
    const { action, files: uploads } = slashAction(draft)
    if (await send(action, uploads)) clear()
    // The form shows what can be corrected.
    else openForm(draft)
  }
  const submit = async () => {
    if (matches.length > 0) return selectCommand(matches[Math.min(active, matches.length - 1)]!)
    if (text.trim() === '' && files.length === 0) return
    const action = { type: 'message', content: text, ...(replyTo && { replyTo: replyTo.id }) } as const
    if (await send(action, files)) {
      setText('')
      clearFiles()
      setReplyTo(undefined)
    }
  }
  /** For a command that adds to no side, the bot offers the editor. */
  const openEditor = async (file: File) => {
    const action = { type: 'slash', command: 'extend', options: { image: { file: 0 } } } as const
    if (await send(action, [file])) removeFile(file)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (matches.length > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault()
      setActive((active + (event.key === 'ArrowDown' ? 1 : -1) + matches.length) % matches.length)
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      void submit()
    } else if (event.key === 'Escape') {
      setText('')
      setReplyTo(undefined)
    }
  }
  return (
    <div class="composer">
      {query !== undefined && (
        <CommandSuggestions
          id={listId}
          commands={matches}
          active={active}
          onPick={selectCommand}
          onKeyDown={onKeyDown}
        />
      )}
      {replyTo && <ReplyNotice replyTo={replyTo} onCancel={() => setReplyTo(undefined)} />}
      {files.length > 0 && <AttachedFiles files={files} onEdit={file => void openEditor(file)} onRemove={removeFile} />}
      <div class="line">
        <AttachButton onFiles={addFiles} />
        <textarea
          ref={input}
          rows={1}
          value={text}
          placeholder={fill(texts.messagePlaceholder, { channel: chat.channel.name ?? '' })}
          aria-label={texts.message}
          aria-autocomplete="list"
          aria-controls={query === undefined ? undefined : listId}
          aria-activedescendant={matches.length > 0 ? suggestionId(listId, active) : undefined}
          onInput={event => {
            setText(event.currentTarget.value)
            setActive(0)
          }}
          onKeyDown={onKeyDown}
        />
        <button type="button" class="button primary" onClick={() => void submit()}>
          {texts.send}
        </button>
      </div>
    </div>
  )
}

function ReplyNotice({ replyTo, onCancel }: { replyTo: Message; onCancel(): void }) {
  const texts = useChatTexts()
  return (
    <p class="replying">
      {fill(texts.replyingTo, { name: replyTo.author.global_name ?? replyTo.author.username })}{' '}
      <button type="button" class="plain" onClick={onCancel}>
        {texts.cancel}
      </button>
    </p>
  )
}

function AttachButton({ onFiles }: { onFiles(files: Iterable<File>): void }) {
  const texts = useChatTexts()
  return (
    <label class="attach" title={texts.attach}>
      <span aria-hidden="true">+</span>
      <input
        type="file"
        class="unseen"
        multiple
        accept="image/*"
        aria-label={texts.attach}
        onChange={event => {
          onFiles(event.currentTarget.files ?? [])
          event.currentTarget.value = ''
        }}
      />
    </label>
  )
}
