import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { confirmationView } from '../../src/bot/views/confirmation-view.js'
import { editorOfferView } from '../../src/bot/views/drawing-view.js'
import type { MessageView } from '../../src/bot/views/message-view.js'
import { progressView } from '../../src/bot/views/progress-view.js'
import { journeyView, originalView, type PaintedFile, resultView } from '../../src/bot/views/result-view.js'
import type { CommandContext, CommandOptions } from '../../src/commands/command.js'
import { contextMenuCommands } from '../../src/commands/context-menu-commands.js'
import { slashCommands } from '../../src/commands/slash-commands.js'
import { translationsByLanguage } from '../../src/i18n/i18n.js'
import {
  commandNamesPage,
  commandOptionsPage,
  isPaintCommand,
  settingsPage,
  splitDescription,
} from '../../tools/docs/command-options.js'

const words = translationsByLanguage.en
const page = await readFile('docs/commands.md', 'utf8')

test('the pages about commands are what npm run docs writes', async () => {
  expect(await readFile('docs/command-options.md', 'utf8'), 'run npm run docs').toBe(await commandOptionsPage())
  expect(await readFile('docs/command-names.md', 'utf8'), 'run npm run docs').toBe(await commandNamesPage())
  expect(await readFile('docs/settings.md', 'utf8'), 'run npm run docs').toBe(await settingsPage())
})

test.each(slashCommands.map(({ data }) => data.name))('the page tells about /%s', name => {
  expect(page).toMatch(new RegExp(`^\\| \`/${name}\`(?: .*)? \\|`, 'm'))
})

test('the page names every command of the context menu', () => {
  for (const { data } of contextMenuCommands) expect(page).toContain(`**${data.name}**`)
})

type Given = Readonly<Record<string, string | number>>

/** Options that hold these and no others. */
function options(given: Given): CommandOptions {
  const value = (name: string) => (given[name] ?? null) as never
  return {
    getAttachment: (name: string) => ({ url: `https://cdn.discordapp.com/${name}`, size: 1, name }),
    getString: value,
    getInteger: value,
    getNumber: value,
    getBoolean: value,
    getRole: value,
    getChannel: value,
    getSubcommand: () => null,
  }
}

/** What no value says that could be given. */
const NO_VALUES = ['random', 'unchanged', 'the model’s choice']

/** What the engine or the canvas settles, where a command leaves it open. */
const SETTLED_LATER = [
  'anchor',
  'control-end',
  'control-mode',
  'control-start',
  'control-weight',
  'downsampling-rate',
  'guidance',
  'mask-grow',
  'resize',
  'switch-at',
]

/** The value of the choice that people see by this name. */
function choiceValue(choices: readonly { name: string; value: string | number }[], shown: string): string | number {
  return choices.find(({ name }) => name === shown)!.value
}

const promised = slashCommands.filter(isPaintCommand).flatMap(command =>
  (command.data.options ?? []).flatMap(option => {
    const { unlessTold } = splitDescription(option.description)
    if (unlessTold === '' || NO_VALUES.includes(unlessTold) || SETTLED_LATER.includes(option.name)) return []
    return [[`/${command.data.name} ${option.name}`, unlessTold, command, option] as const]
  }),
)

describe('an option that is left out is what its description says:', () => {
  test.each(promised)('%s is %s', async (_, unlessTold, command, option) => {
    const needed: Given = { left: '10%', shape: '16:9', prompt: 'x' }
    const asked = (more: Given) => command.run(options({ ...needed, ...more }), {} as CommandContext)
    const [told, other] =
      'choices' in option && option.choices
        ? [choiceValue(option.choices, unlessTold), option.choices.find(({ name }) => name !== unlessTold)!.value]
        : [Number(unlessTold), (option as { max_value: number }).max_value]
    expect(await asked({ [option.name]: told })).toEqual(await asked({}))
    expect(await asked({ [option.name]: other })).not.toEqual(await asked({}))
  })

  test('and there are some', () => {
    expect(promised.length).toBeGreaterThan(4)
  })
})

function sheet(index: number, width: number): PaintedFile {
  const edit = { kind: 'zoom', factor: 2, grow: false } as const
  const old = { x: 0, y: 0, width: 1, height: 1 }
  const recipe = { edit, old, prompt: '', seed: 1, engine: 'fill', source: '' }
  return { name: `${index}.png`, bytes: Uint8Array.of(1), recipe, width, height: 64 }
}

/** A message of each kind that has buttons. */
function messages(): MessageView[] {
  const options = { t: words, owner: '1', spoiler: false, notes: [], hiddenFiles: [] }
  const card = {
    action: 'inpaint',
    kind: 'marked',
    certain: true,
    scaled: false,
    coverage: 0.5,
    spoiler: false,
  } as const
  const state = { attachment: Buffer.of(1), name: 'mask.png' }
  const edit = { kind: 'square' } as const
  const region = { on: 'message', kind: 'region', channel: '1', message: '2', owner: '1' } as const
  return [
    resultView(
      [0, 1, 2, 3].map(index => sheet(index, 96)),
      options,
    ),
    ...[96, 64, 32].map(width => resultView([sheet(0, width)], options)),
    originalView({ ...sheet(0, 96), recipe: undefined }, options),
    journeyView(Uint8Array.of(1), 3, options),
    confirmationView({ ...card, overlay: Uint8Array.of(1), pictureCount: 4, index: 0 }, [state], '1', words),
    progressView({ edit, job: '1', owner: '1', spoiler: false }, { state: 'waiting', position: 1 }, words, 0),
    ...(['region', 'extend'] as const).map(kind =>
      editorOfferView(
        { kind, links: ['https://example.com'], prompt: '', modal: region, objects: region, isOpened: true },
        words,
      ),
    ),
  ]
}

type Node = { type: number; label?: string; emoji?: { name?: string }; components?: Node[] }

/** What is written on a message's buttons; an emoji where there is nothing else. */
function labels({ components }: MessageView): string[] {
  const inside = (node: Node): string[] =>
    node.type === 2 ? [node.label ?? node.emoji?.name ?? ''] : (node.components ?? []).flatMap(inside)
  return components.flatMap(component => inside(component.toJSON() as unknown as Node))
}

const shown = new Set(messages().flatMap(labels))

describe('buttons', () => {
  test('of every kind of message are looked at', () => {
    for (const label of [...Object.values(words.buttons), words.drawingPage.openEditor, words.drawingPage.sendMask]) {
      expect(shown).toContain(label)
    }
  })

  test.each([...shown])('%s is in the page', label => {
    expect(page).toContain(`**${label}**`)
  })

  test('in the page are the bot’s', () => {
    const tables = page.slice(page.indexOf('## Buttons'), page.indexOf('## Queue'))
    const named = tables.match(/^\| \*\*.+?\*\* \|/gm)!.flatMap(cell => [...cell.matchAll(/\*\*(.+?)\*\*/g)])
    expect(named.length).toBeGreaterThan(20)
    for (const [, label] of named) expect([...shown]).toContain(label)
  })
})
