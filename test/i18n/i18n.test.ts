import { describe, expect, test } from 'vitest'
import { contextMenuCommands } from '../../src/commands/context-menu-commands.js'
import { slashCommands } from '../../src/commands/slash-commands.js'
import { problemMessage, type Translations, translationsByLanguage, translationsFor } from '../../src/i18n/i18n.js'
import type { Edit } from '../../src/inference/pipeline/edit.js'
import { chatTextsSchema, editorTextsSchema } from '../../src/protocol/page-texts.js'

const each = Object.entries(translationsByLanguage)
const others = each.filter(([name]) => name !== 'en')

/** The fields of a problem that its sentence takes up. */
function takenUp(sentenceOf: (problem: never) => unknown): string[] {
  const names = new Set<string>()
  // Stands for any value: it can be called, compared, printed and gone through.
  const anything: unknown = new Proxy(() => {}, {
    get: (_, name) => {
      if (name === Symbol.toPrimitive) return () => '1'
      if (name === Symbol.iterator) return () => [][Symbol.iterator]()
      return anything
    },
    apply: () => anything,
  })
  const get = (_: object, name: string | symbol) => {
    names.add(String(name))
    return anything
  }
  sentenceOf(new Proxy({}, { get }) as never)
  return [...names].sort()
}

/** Every text that is not a function, by where it stands. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, `${path}.${key}`))
}

type Named = { name: string; description: string; options?: Named[] }

/** A command's texts in one of Discord's locales, as people see them. */
function localized(command: unknown, locale: string): Named {
  const of = command as Named & {
    name_localizations?: Record<string, string>
    description_localizations?: Record<string, string>
  }
  return {
    name: of.name_localizations?.[locale] ?? of.name,
    description: of.description_localizations?.[locale] ?? of.description,
    options: (of.options ?? []).map(option => localized(option, locale)),
  }
}

function everyLevel(command: Named): Named[][] {
  return [command.options ?? [], ...(command.options ?? []).flatMap(everyLevel)].filter(level => level.length > 0)
}

describe.each([['de'], ['fr'], ['es-ES'], ['es-419'], ['ja'], ['en-US']])('in %s', locale => {
  const shown = slashCommands.map(({ data }) => localized(data, locale))

  test('commands and options have names and descriptions that Discord accepts', () => {
    const all = (command: Named): Named[] => [command, ...(command.options ?? []).flatMap(all)]
    for (const { name, description } of shown.flatMap(all)) {
      expect(name).toMatch(/^[-_'\p{L}\p{N}]{1,32}$/u)
      expect(name).toBe(name.toLowerCase())
      expect(description.length, description).toBeGreaterThan(0)
      expect(description.length, description).toBeLessThanOrEqual(100)
    }
  })

  test('names of commands, and of a command’s options, are unique', () => {
    for (const level of [shown, ...shown.flatMap(everyLevel)]) {
      const names = level.map(({ name }) => name)
      expect(new Set(names).size, names.join(' ')).toBe(names.length)
    }
  })

  test('context menu commands have valid names', () => {
    const names = contextMenuCommands.map(({ data }) => localized(data, locale).name)
    expect(new Set(names).size).toBe(contextMenuCommands.length)
    expect(names.length).toBeLessThanOrEqual(15)
    for (const name of names) expect(name.length).toBeLessThanOrEqual(32)
  })
})

describe.each(each)('%s', (_, words) => {
  test('fits into buttons, modals and choices', () => {
    for (const [, text] of texts(words.buttons)) expect(text.length, text).toBeLessThanOrEqual(80)
    for (const [path, text] of texts(words.modals))
      expect(text.length, text).toBeLessThanOrEqual(path.endsWith('Hint') ? 100 : 45)
    for (const across of [3, 4]) expect(words.modals.cells(across).length).toBeLessThanOrEqual(45)
    for (const [, text] of texts(words.choices)) expect(text.length, text).toBeLessThanOrEqual(100)
  })

  test('has a different heading for every edit', () => {
    const none = { pixels: 0 }
    const edits: Edit[] = [
      { kind: 'zoom', factor: 1.5, grow: false },
      { kind: 'zoom', factor: 1.5, grow: true },
      { kind: 'zoom', factor: 1.5, grow: false, aspect: { width: 16, height: 9 } },
      { kind: 'extend', left: { percent: 25 }, right: none, top: none, bottom: { pixels: 64 } },
      { kind: 'zoom', factor: 1.5, grow: false, anchor: 'top-left' },
      { kind: 'place', width: 1920, height: 1080, at: { x: 200, y: 300 }, scale: 0.7 },
      { kind: 'square' },
      { kind: 'fit', width: 16, height: 9 },
      { kind: 'fit', width: 960, height: 540, exact: true },
      { kind: 'inpaint', area: 'whole', padding: 32, blur: 0 },
      { kind: 'remove' },
      { kind: 'vary', strength: 'subtle' },
      { kind: 'vary', strength: 'strong' },
      { kind: 'imagine', width: 512, height: 512 },
      { kind: 'imagine', width: 512, height: 512, hires: { scale: 2, strength: 0.5 } },
      { kind: 'upscale', scale: 2 },
      { kind: 'upscale', scale: 4 },
      { kind: 'upscale', scale: 4, creative: { strength: 0.3 } },
    ]
    const headings = edits.map(words.heading)
    expect(new Set(headings).size).toBe(edits.length)
    expect(headings[3]).toMatch(/25%.*64/)
    expect(headings.join()).not.toMatch(/undefined|\[object/)
  })

  test('help fits into one message, and uses the command names of the language', () => {
    const { title, intro } = words.help
    const all = [
      title,
      ...intro,
      ...Object.values(words.commands).map(({ name, description }) => `**/${name}**: ${description}`),
    ]
    expect(all.join('\n').length).toBeLessThan(3900)
    for (const [key, example] of Object.entries(words.help.examples)) {
      expect(example.split(' ')[0]).toBe(`/${words.commands[key as keyof Translations['commands']].name}`)
    }
  })

  test('mentions commands by their names in the language', () => {
    const names = Object.values(words.commands).map(({ name }) => name)
    const spoken = [
      ...texts({ ...words, commands: {}, help: {} }).map(([, text]) => text),
      problemMessage({ code: 'needs-model', what: 'imagine' }, words),
      problemMessage({ code: 'attachment-deleted' }, words),
      problemMessage({ code: 'button-unknown' }, words),
      problemMessage({ code: 'recipe-missing' }, words),
      problemMessage({ code: 'source-missing' }, words),
    ]
    const mentioned = spoken.flatMap(text =>
      [...text.matchAll(/(?:^|[\s(。、])\/([\p{L}-]+)/gu)].map(([, name]) => name!),
    )
    expect(mentioned.length).toBeGreaterThan(4)
    for (const name of mentioned) expect(names).toContain(name)
  })
})

test.each(others)('%s has the same values in each problem’s message as English', (_, words) => {
  for (const [code, sentenceOf] of Object.entries(words.problems)) {
    const english = translationsByLanguage.en.problems[code as keyof Translations['problems']]
    expect(takenUp(sentenceOf), code).toEqual(takenUp(english))
  }
})

test.each(others)('%s is translated everywhere', (_, words) => {
  const english = new Map(texts(translationsByLanguage.en))
  const same = texts(words).filter(([path, text]) => english.get(path) === text && /[a-z]{4,}/i.test(text))
  const sentences = same.filter(([, text]) => text.split(' ').length > 2)
  expect(sentences).toEqual([])
  // Some words are the same in these languages: prompt, original, remix, spoiler, seed, emoji …
  expect(same.length).toBeLessThan(0.12 * english.size)
})

/** The values in braces of a page's text. */
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort()

test.each(each)('%s has the same values in the texts of the pages as English', (language, { pages, commands }) => {
  const english = new Map(texts(translationsByLanguage.en.pages))
  const own = texts(pages)
  expect(own.map(([path]) => path)).toEqual([...english.keys()])
  for (const [path, text] of own) expect(placeholders(text), path).toEqual(placeholders(english.get(path)!))
  expect(pages.language).toBe(language)
  expect(pages.chat.welcome).toContain(`\`/${commands.zoom.name}\``)
})

test.each(each)('the pages’ schemas take every text: %s', (_, { pages }) => {
  expect(editorTextsSchema.parse(pages.editor)).toEqual(pages.editor)
  expect(chatTextsSchema.parse(pages.chat)).toEqual(pages.chat)
})

test.each([
  ['de', 'de'],
  ['es-419', 'es'],
  ['ja', 'ja'],
  ['pt-BR', 'en'],
  [null, 'en'],
] as const)('for Discord’s %s there are words in %s', (locale, language) => {
  expect(translationsFor(locale)).toBe(translationsByLanguage[language])
})
