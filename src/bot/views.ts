import {
  ActionRowBuilder,
  type APIMessageTopLevelComponent,
  ButtonBuilder,
  ButtonStyle,
  escapeMarkdown,
  type JSONEncodable,
  MediaGalleryBuilder,
  MediaGalleryItemBuilder,
  MessageFlags,
  TextDisplayBuilder,
} from 'discord.js'
import { type Edit, original } from '../inference/edit.js'
import { described, type Recipe } from '../inference/recipe.js'
import type { JobState } from '../queue/queue.js'
import { type Action, customId } from './custom-id.js'

/** A message as it is sent or edited. Prompts are people's words: they may not ping anybody. */
export type View = {
  readonly flags: MessageFlags.IsComponentsV2
  readonly components: JSONEncodable<APIMessageTopLevelComponent>[]
  readonly files: { readonly attachment: Buffer; readonly name: string }[]
  /** What is kept of the message's earlier files: nothing. */
  readonly attachments: never[]
  readonly allowedMentions: { readonly parse: never[] }
}

export type Sheet = { readonly name: string; readonly bytes: Uint8Array; readonly recipe: Recipe }

/** How far the job is, with a preview when there is one. */
export function progressView(
  edit: Edit,
  job: string,
  state: Extract<JobState, { state: 'waiting' | 'running' }>,
): View {
  const title = `**${heading(edit)}**`
  const cancel = row(button({ kind: 'cancel', job }, 'Cancel'))
  if (state.state === 'waiting') {
    const line = state.place === 1 ? 'Next in line' : `Number ${state.place} in line`
    return view([text(`${title}\n${line} …`), cancel])
  }
  const percent = Math.floor(state.done * 100)
  const bar = `${'▰'.repeat(Math.floor(percent / 5))}${'▱'.repeat(20 - Math.floor(percent / 5))}`
  const line = text(`${title}\n${bar} ${percent}%`)
  if (!state.preview) return view([line, cancel])
  const gallery = new MediaGalleryBuilder().addItems(
    new MediaGalleryItemBuilder()
      .setURL('attachment://preview.jpg')
      .setDescription('A preview of the unfinished picture'),
  )
  return view([line, gallery, cancel], [{ attachment: Buffer.from(state.preview), name: 'preview.jpg' }])
}

/** The pictures of a finished job, or the one that was taken out of them. */
export function resultView(sheets: readonly Sheet[], note: string): View {
  const { recipe } = sheets[0]!
  const [single] = sheets.length === 1 ? sheets : []
  const seeds = sheets.map(sheet => sheet.recipe.seed).join(', ')
  const small = `-# ${['seed', ...(single ? [] : ['s'])].join('')} ${seeds} · ${recipe.engine}${note && ` · ${note}`}`
  const prompt = recipe.prompt && `\n> ${escapeMarkdown(shortened(recipe.prompt)).replaceAll('\n', '\n> ')}`
  const gallery = new MediaGalleryBuilder().addItems(
    sheets.map(({ name, recipe }) =>
      new MediaGalleryItemBuilder().setURL(`attachment://${name}`).setDescription(altText(recipe)),
    ),
  )
  const rows = single
    ? [
        row(
          button({ kind: 'zoom', factor: 1.5, index: 0 }, 'Zoom Out 1.5×', '🔍'),
          button({ kind: 'zoom', factor: 2, index: 0 }, 'Zoom Out 2×', '🔍'),
          button({ kind: 'redo', index: 0 }, 'Redo', '🔄'),
        ),
      ]
    : [
        row(...sheets.map((_, index) => button({ kind: 'take', index }, String(index + 1)))),
        row(button({ kind: 'redo', index: 0 }, 'Redo', '🔄')),
      ]
  const files = sheets.map(({ bytes, name }) => ({ attachment: Buffer.from(bytes), name }))
  return view([text(`**${heading(recipe.edit)}**${prompt}\n${small}`), gallery, ...rows], files)
}

/** An edit as the heading of its message. */
function heading(edit: Edit): string {
  const words = original(edit).kind === 'zoom' ? described(edit).replace(/x\b/, '×') : described(edit)
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

function altText(recipe: Recipe): string {
  const what = recipe.prompt ? `: ${shortened(recipe.prompt)}` : ''
  return `${heading(recipe.edit)}, seed ${recipe.seed}${what}`
}

function shortened(prompt: string): string {
  return prompt.length > 600 ? `${prompt.slice(0, 600)}…` : prompt
}

function view(components: View['components'], files: View['files'] = []): View {
  return { flags: MessageFlags.IsComponentsV2, components, files, attachments: [], allowedMentions: { parse: [] } }
}

function text(content: string): TextDisplayBuilder {
  return new TextDisplayBuilder().setContent(content)
}

function row(...buttons: ButtonBuilder[]): ActionRowBuilder<ButtonBuilder> {
  return new ActionRowBuilder<ButtonBuilder>().addComponents(buttons)
}

function button(action: Action, label: string, emoji?: string): ButtonBuilder {
  const made = new ButtonBuilder().setCustomId(customId(action)).setLabel(label).setStyle(ButtonStyle.Secondary)
  return emoji ? made.setEmoji(emoji) : made
}
