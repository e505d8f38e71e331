import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { loadSample, sendAction, type Upload } from './chat-api.js'
import { localizedDescription, localizedName, type SlashCommand } from './command-list.js'
import type { Chat, CommandOption, Message } from './discord-types.js'

export type CommandDraft = {
  readonly leaf: SlashCommand
  readonly values: Readonly<Record<string, string | boolean | Upload>>
}

const ATTACHMENT = 11
const NUMBERS = [4, 10]

/** Where somebody writes, attaches, and fills in commands. */
export function Composer({
  chat,
  all,
  draft,
  setDraft,
  replyTo,
  setReplyTo,
  files,
  setFiles,
  send,
  samples,
}: {
  chat: Chat
  all: readonly SlashCommand[]
  draft: CommandDraft | undefined
  setDraft(draft: CommandDraft | undefined): void
  replyTo: Message | undefined
  setReplyTo(message: Message | undefined): void
  files: readonly Upload[]
  setFiles(files: readonly Upload[]): void
  /** @returns whether it was sent */
  send(what: Readonly<Record<string, unknown>>, files: readonly Upload[]): Promise<boolean>
  samples: readonly string[]
}) {
  const [text, write] = useState('')
  const [picked, pick] = useState(0)
  const input = useRef<HTMLTextAreaElement>(null)
  const list = useId()
  useEffect(() => {
    if (replyTo) input.current?.focus()
  }, [replyTo])

  if (draft) {
    return <CommandForm chat={chat} draft={draft} setDraft={setDraft} send={send} samples={samples} />
  }

  const query = text.startsWith('/') ? text.slice(1).toLowerCase() : undefined
  const found = query === undefined ? [] : all.filter(({ shown }) => shown.toLowerCase().startsWith(query.trim()))
  const choose = (leaf: SlashCommand) => {
    write('')
    pick(0)
    const image = leaf.options.find(({ type }) => type === ATTACHMENT)
    const [file] = files
    setDraft({ leaf, values: image && file ? { [image.name]: file } : {} })
    if (file) setFiles([])
  }
  const submit = async () => {
    if (found.length > 0) return choose(found[Math.min(picked, found.length - 1)]!)
    if (text.trim() === '' && files.length === 0) return
    const said = { do: 'say', content: text, files: files.length, ...(replyTo && { replyTo: replyTo.id }) }
    if (await send(said, files)) {
      write('')
      setFiles([])
      setReplyTo(undefined)
    }
  }
  const keys = (event: KeyboardEvent) => {
    if (found.length > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault()
      pick((picked + (event.key === 'ArrowDown' ? 1 : -1) + found.length) % found.length)
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      void submit()
    } else if (event.key === 'Escape') {
      write('')
      setReplyTo(undefined)
    }
  }
  return (
    <div class="composer">
      {query !== undefined && (
        <div class="commands" id={list} role="listbox" aria-label="Commands" tabIndex={0}>
          {found.map((leaf, index) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus, and names the active option
            <div
              key={leaf.words}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === picked}
              onClick={() => choose(leaf)}
              onKeyDown={keys}
              ref={element => {
                if (index === picked) element?.scrollIntoView({ block: 'nearest' })
              }}
            >
              <strong>/{leaf.shown}</strong> <span>{leaf.description}</span>
            </div>
          ))}
          {found.length === 0 && <p class="none">No command begins like that.</p>}
        </div>
      )}
      {replyTo && (
        <p class="replying">
          Replying to {replyTo.author.global_name ?? replyTo.author.username}{' '}
          <button type="button" class="plain" onClick={() => setReplyTo(undefined)}>
            Cancel
          </button>
        </p>
      )}
      {files.length > 0 && (
        <ul class="attached">
          {files.map((file, index) => (
            <li key={`${file.name}${index}`}>
              <Thumbnail file={file} />
              <span>{file.name}</span>
              <button
                type="button"
                aria-label={`Remove ${file.name}`}
                onClick={() => setFiles(files.filter(one => one !== file))}
              >
                ✕
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="line">
        <label class="attach" title="Attach a picture">
          <span aria-hidden="true">+</span>
          <input
            type="file"
            class="unseen"
            multiple
            accept="image/*"
            aria-label="Attach a picture"
            onChange={event => {
              setFiles([...files, ...(event.currentTarget.files ?? [])].slice(0, 10))
              event.currentTarget.value = ''
            }}
          />
        </label>
        <textarea
          ref={input}
          rows={1}
          value={text}
          placeholder={`Message #${chat.channel.name}, or / for commands`}
          aria-label="Message"
          aria-autocomplete="list"
          aria-controls={query === undefined ? undefined : list}
          aria-activedescendant={found.length > 0 ? `${list}-${picked}` : undefined}
          onInput={event => {
            write(event.currentTarget.value)
            pick(0)
          }}
          onKeyDown={keys}
        />
        <button type="button" class="button primary" onClick={() => void submit()}>
          Send
        </button>
      </div>
    </div>
  )
}

function Thumbnail({ file }: { file: Upload }) {
  const [url, setUrl] = useState('')
  useEffect(() => {
    const made = URL.createObjectURL(file)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [file])
  return url ? <img class="thumbnail" src={url} alt="" /> : null
}

/** A command that was picked, with its options. */
function CommandForm({
  chat,
  draft,
  setDraft,
  send,
  samples,
}: {
  chat: Chat
  draft: CommandDraft
  setDraft(draft: CommandDraft | undefined): void
  send(what: Readonly<Record<string, unknown>>, files: readonly Upload[]): Promise<boolean>
  samples: readonly string[]
}) {
  const { leaf, values } = draft
  const [more, addMore] = useState<readonly string[]>([])
  const shown = leaf.options.filter(({ name, required }) => required || more.includes(name) || name in values)
  const rest = leaf.options.filter(option => !shown.includes(option))
  const set = (name: string, value: string | boolean | Upload | undefined) => {
    const { [name]: _, ...others } = values
    setDraft({ leaf, values: value === undefined ? others : { ...others, [name]: value } })
  }
  const submit = async () => {
    const files: Upload[] = []
    const options = leaf.options.flatMap(({ name, type }): [string, unknown][] => {
      const value = values[name]
      if (value === undefined || value === '') return []
      if (value instanceof File) return [[name, { file: files.push(value) - 1 }]]
      if (NUMBERS.includes(type)) return [[name, Number(value)]]
      if ([6, 7, 8].includes(type)) return [[name, { id: value }]]
      return [[name, value]]
    })
    if (await send({ do: 'slash', command: leaf.words, options: Object.fromEntries(options) }, files)) {
      setDraft(undefined)
    }
  }
  return (
    <form
      class="composer command"
      aria-label={`/${leaf.shown}`}
      onSubmit={event => {
        event.preventDefault()
        void submit()
      }}
      onKeyDown={event => event.key === 'Escape' && setDraft(undefined)}
    >
      <p class="title">
        <strong>/{leaf.shown}</strong> <span>{leaf.description}</span>
      </p>
      <div class="fields">
        {shown.map((option, index) => (
          <OptionField
            key={option.name}
            option={option}
            value={values[option.name]}
            set={value => set(option.name, value)}
            remove={
              option.required
                ? undefined
                : () => {
                    set(option.name, undefined)
                    addMore(more.filter(name => name !== option.name))
                  }
            }
            chat={chat}
            leaf={leaf}
            values={values}
            samples={samples}
            first={index === 0}
          />
        ))}
      </div>
      {rest.length > 0 && (
        <fieldset class="rest">
          <legend>More:</legend>
          {rest.map(option => (
            <button
              type="button"
              key={option.name}
              title={localizedDescription(option)}
              onClick={() => addMore([...more, option.name])}
            >
              {localizedName(option)}
            </button>
          ))}
        </fieldset>
      )}
      <div class="row end">
        <button type="button" class="button secondary" onClick={() => setDraft(undefined)}>
          Cancel
        </button>
        <button type="submit" class="button primary">
          Send
        </button>
      </div>
    </form>
  )
}

function OptionField({
  option,
  value,
  set,
  remove,
  chat,
  leaf,
  values,
  samples,
  first,
}: {
  option: CommandOption
  value: string | boolean | Upload | undefined
  set(value: string | boolean | Upload | undefined): void
  remove: (() => void) | undefined
  chat: Chat
  leaf: SlashCommand
  values: CommandDraft['values']
  samples: readonly string[]
  first: boolean
}) {
  const id = useId()
  const [choices, suggest] = useState<readonly { name: string; value: string | number }[]>([])
  const { type, name, required = false, autocomplete } = option
  const focus = (element: HTMLElement | null) => {
    if (element && first && !element.dataset.seen) {
      element.dataset.seen = 'yes'
      element.focus()
    }
  }
  const ask = async (typed: string) => {
    const others = Object.entries(values).filter(([, one]) => !(one instanceof File))
    const options = { ...Object.fromEntries(others), [name]: typed }
    // Suggestions that don't come are no reason to stop.
    const answer = await sendAction({ do: 'suggest', command: leaf.words, options, focused: name }).catch(
      () => undefined,
    )
    suggest(answer?.choices ?? [])
  }
  const field = () => {
    if (type === ATTACHMENT) {
      return (
        <>
          <input
            ref={focus}
            id={id}
            type="file"
            accept="image/*"
            required={required && !(value instanceof File)}
            onChange={event => set(event.currentTarget.files?.[0])}
          />
          {value instanceof File && (
            <span class="chosen">
              <Thumbnail file={value} /> {value.name}
            </span>
          )}
          {!(value instanceof File) && (
            <span class="samples">
              or a sample:
              {samples.map(one => (
                <button type="button" key={one} onClick={async () => set(await loadSample(one))}>
                  <img src={`/samples/${one}`} alt={one.replace('.png', '')} />
                </button>
              ))}
            </span>
          )}
        </>
      )
    }
    if (option.choices || type === 5 || type === 7 || type === 8 || type === 6) {
      const list =
        option.choices?.map(one => ({ value: String(one.value), label: localizedName(one) })) ??
        {
          5: [
            { value: 'true', label: 'True' },
            { value: 'false', label: 'False' },
          ],
          6: [{ value: chat.me.id, label: 'You' }],
          7: [{ value: chat.channel.id, label: `#${chat.channel.name}` }],
          8: chat.roles.map(role => ({ value: role.id, label: role.name })),
        }[type as 5 | 6 | 7 | 8]
      return (
        <select
          ref={focus}
          id={id}
          required={required}
          value={String(value ?? '')}
          onChange={event => {
            const chosen = event.currentTarget.value
            set(chosen === '' ? undefined : type === 5 ? chosen === 'true' : chosen)
          }}
        >
          <option value="">…</option>
          {list.map(one => (
            <option key={one.value} value={one.value}>
              {one.label}
            </option>
          ))}
        </select>
      )
    }
    const isNumber = NUMBERS.includes(type)
    return (
      <>
        <input
          ref={focus}
          id={id}
          type={isNumber ? 'number' : 'text'}
          step={type === 10 ? 'any' : undefined}
          min={option.min_value}
          max={option.max_value}
          maxLength={option.max_length}
          required={required}
          value={String(value ?? '')}
          list={autocomplete ? `${id}-choices` : undefined}
          onFocus={() => autocomplete && void ask(String(value ?? ''))}
          onInput={event => {
            set(event.currentTarget.value)
            if (autocomplete) void ask(event.currentTarget.value)
          }}
        />
        {autocomplete && (
          <datalist id={`${id}-choices`}>
            {choices.map(one => (
              <option key={one.value} value={one.value}>
                {one.name}
              </option>
            ))}
          </datalist>
        )}
      </>
    )
  }
  return (
    <div class="option">
      <label htmlFor={id} title={localizedDescription(option)}>
        {localizedName(option)}
      </label>
      {field()}
      {remove && (
        <button type="button" class="plain" aria-label={`Leave out ${localizedName(option)}`} onClick={remove}>
          ✕
        </button>
      )}
    </div>
  )
}
