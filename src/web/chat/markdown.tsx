import { parse } from 'discord-markdown-parser'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { User } from '../../protocol/discord-objects.js'
import { pageLanguage } from '../texts.js'
import { useChatTexts } from './chat-texts.js'

type Node = { readonly type: string; readonly content?: string | readonly Node[]; readonly [key: string]: unknown }

/** Discord's Markdown. @param users whose names replace mentions */
export function Markdown({ text, users }: { text: string; users: readonly User[] }) {
  // Its own types name no fields of the nodes.
  return <>{renderNodes(parse(text, 'extended') as unknown as Node[], users)}</>
}

function renderNodes(nodes: readonly Node[], users: readonly User[]): ComponentChildren {
  return nodes.map((node, index) => <MarkdownNode key={index} node={node} users={users} />)
}

function MarkdownNode({ node, users }: { node: Node; users: readonly User[] }) {
  const texts = useChatTexts()
  const inner = () =>
    Array.isArray(node.content) ? renderNodes(node.content as Node[], users) : String(node.content ?? '')
  switch (node.type) {
    case 'text':
    case 'emoticon':
      return <>{inner()}</>
    case 'br':
    case 'newline':
      return <br />
    case 'strong':
      return <strong>{inner()}</strong>
    case 'em':
      return <em>{inner()}</em>
    case 'underline':
      return <u>{inner()}</u>
    case 'strikethrough':
      return <s>{inner()}</s>
    case 'inlineCode':
      return <code>{inner()}</code>
    case 'codeBlock':
      return (
        <pre>
          <code>{inner()}</code>
        </pre>
      )
    case 'blockQuote':
      return <blockquote>{inner()}</blockquote>
    case 'heading':
      return <p class="heading">{inner()}</p>
    case 'subtext':
      return <small class="subtext">{inner()}</small>
    case 'spoiler':
      return <Spoiler>{inner()}</Spoiler>
    case 'url':
    case 'autolink':
    case 'link':
      return (
        <a href={String(node.target)} target="_blank" rel="noreferrer">
          {inner()}
        </a>
      )
    case 'user': {
      const user = users.find(({ id }) => id === node.id)
      return <span class="mention">@{user?.global_name ?? user?.username ?? texts.unknownUser}</span>
    }
    case 'channel':
      return <span class="mention">#playground</span>
    case 'role':
      return <span class="mention">@role</span>
    case 'slashCommand':
      return <span class="mention">/{String(node.fullName ?? node.name)}</span>
    case 'timestamp':
      return <Time seconds={Number(node.timestamp)} format={String(node.format ?? 'f')} />
    case 'twemoji':
      return <>{String(node.name)}</>
    default:
      return <>{inner()}</>
  }
}

function Spoiler({ children }: { children: ComponentChildren }) {
  const texts = useChatTexts()
  const [isRevealed, setIsRevealed] = useState(false)
  if (isRevealed) return <span>{children}</span>
  return (
    <button type="button" class="spoiler" onClick={() => setIsRevealed(true)}>
      {texts.spoiler}
    </button>
  )
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

function Time({ seconds, format }: { seconds: number; format: string }) {
  const date = new Date(seconds * 1000)
  if (format !== 'R') return <time dateTime={date.toISOString()}>{date.toLocaleString(pageLanguage())}</time>
  const secondsFromNow = seconds - Date.now() / 1000
  const [unit, length] = UNITS.find(([, one]) => Math.abs(secondsFromNow) >= one) ?? ['second', 1]
  const formatter = new Intl.RelativeTimeFormat(pageLanguage(), { numeric: 'auto' })
  return <time dateTime={date.toISOString()}>{formatter.format(Math.round(secondsFromNow / length), unit)}</time>
}
