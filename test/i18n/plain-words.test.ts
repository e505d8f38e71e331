import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.js'
import { ENV_VARS } from '../../src/config.js'
import { translationsByLanguage } from '../../src/i18n/i18n.js'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Phrases that a reader has to read twice, and what to write in their place. */
const PHRASES: readonly (readonly [phrase: RegExp, better: string])[] = [
  [/\banew\b/i, 'again'],
  [/\bso (many|much|far|long) (?!as\b|that\b)/i, 'the number, the size or the time itself'],
  [/\b(of its own|of our own|of their own|of one’s own)\b/i, 'its own …, or a separate …'],
  [/(?<!\bthere)( is|’s|'s) no (?!longer\b|more\b)/i, 'isn’t a …'],
  [/\b(lies|lie|lay)\b/i, 'is, or is stored'],
  [/\b(is|are|was|were|be|been) told\b/i, 'gets a message'],
  [/\btells? of\b/i, 'reports'],
  [/\balike\b/i, 'similar'],
  [/\bbesides\b/i, 'in addition to'],
  [/(?<!--)\bbeside\b/i, 'next to'],
  [/\bsee-through\b/i, 'transparent'],
  [/\btaken (out|away)\b/i, 'picked, or removed'],
  [/\b(the line|in line|next in line)\b(?! \d)/i, 'the queue'],
  [/\bamiss\b/i, 'wrong'],
  [/\bmend(s|ed)?\b/i, 'fix'],
  [/\bmakes no use of\b/i, 'ignores'],
  [/\b(awake since|awake for)\b/i, 'started'],
  [/\bwho runs (me|it|the bot)\b/i, 'whoever hosts this bot'],
  [/\b(may|must|need) not (hold|stand|lie)\b/i, 'can’t contain'],
  [/\bwhat (is|was|were) (drawn|painted|asked|wanted|said|meant|there)\b/i, 'the noun itself'],
  [/\bthe usual\b/i, 'the default'],
  [/\bthrown away\b/i, 'deleted'],
  [/\bcame otherwise\b/i, 'doesn’t match'],
  [/\bheed(s|ed)?\b/i, 'follows, or obeys'],
  [/\bin vain\b/i, 'without success'],
]

/** Places where one of these phrases is right: `[file, a part of the line]`. */
const ALLOWED: readonly (readonly [file: string, part: string])[] = [
  // Says which phrases are not written.
  ['CONTRIBUTING.md', '| message |'],
  ['CONTRIBUTING.md', '| comment |'],
  // Lines of a drawing, and of a file.
  ['prior/straight-lines.ts', 'the line'],
  ['straight-edges.ts', 'the line'],
  ['config.ts', 'the line `'],
]

async function filesIn(folder: string, ends: RegExp): Promise<string[]> {
  const names = await readdir(join(root, folder), { recursive: true })
  return names.filter(name => ends.test(name)).map(name => `${folder}/${name}`)
}

/** The texts between quotation marks, as far as they are sentences or parts of them, with the line where each begins. */
function sentencesIn(source: string): { line: number; text: string }[] {
  const withoutComments = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|\s\/\/ .*$/gm, all => all.replace(/[^\n]/g, ' '))
  const quoted = withoutComments.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)
  return [...quoted]
    .map(({ index, 1: single, 2: double, 3: template }) => ({
      line: withoutComments.slice(0, index).split('\n').length,
      text: single ?? double ?? template ?? '',
    }))
    .filter(({ text }) => /\w \w/.test(text))
}

/** The lines of comments. */
function commentsIn(source: string): { line: number; text: string }[] {
  return [...source.matchAll(/\/\*[\s\S]*?\*\/|(?<=^\s*)\/\/.*$|(?<=\s)\/\/ .*$/gm)].flatMap(
    ({ index, 0: comment }) => {
      const first = source.slice(0, index).split('\n').length
      return comment.split('\n').map((text, at) => ({ line: first + at, text }))
    },
  )
}

/** The command and all commands below it. */
function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)]
}

/** The messages of all calls like `log.info({ … }, 'job queued')`, and of the router's `warn('…')`. Variables are left out. */
function logMessagesIn(source: string): { line: number; text: string }[] {
  return [...source.matchAll(/\blog\.(?:trace|debug|info|warn|error|fatal)\(|[( ]warn\((?=')/g)].flatMap(
    ({ index, 0: call }) => {
      const start = index + call.length
      let end = start
      for (let depth = 1; depth > 0; end++) {
        if (source[end] === '(') depth++
        if (source[end] === ')') depth--
      }
      const text = /'((?:[^'\\\n]|\\.)*)',?\s*$/.exec(source.slice(start, end - 1))?.[1]
      return text === undefined ? [] : [{ line: source.slice(0, index).split('\n').length, text }]
    },
  )
}

function found(file: string, lines: readonly { line: number; text: string }[]): string[] {
  return lines.flatMap(({ line, text }) =>
    PHRASES.filter(
      ([phrase]) => phrase.test(text) && !ALLOWED.some(([place, part]) => file.endsWith(place) && text.includes(part)),
    ).map(([phrase, better]) => `${file}:${line}: “${phrase.exec(text)?.[0]}” → ${better}`),
  )
}

describe('sentences are in plain words', async () => {
  const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', ...(await filesIn('docs', /\.md$/))]
  test.each(pages)('%s', async file => {
    const lines = (await readFile(join(root, file), 'utf8')).split('\n')
    expect(
      found(
        file,
        lines.map((text, index) => ({ line: index + 1, text })),
      ),
    ).toEqual([])
  })

  const sources = await filesIn('src', /(?<!i18n\/(pages\/)?(de|es|fr|ja)|kernel-wasm|clip-merges)\.tsx?$/)
  test.each(sources)('%s', async file => {
    const source = await readFile(join(root, file), 'utf8')
    expect(found(file, [...sentencesIn(source), ...commentsIn(source)])).toEqual([])
  })

  const tools = [
    ...(await filesIn('bench', /\.ts$/)),
    ...(await filesIn('examples', /\.ts$/)),
    ...(await filesIn('tools', /\.ts$/)),
    ...(await filesIn('test', /(?<!plain-words\.test)\.ts$/)),
  ]
  test.each(tools)('%s', async file => {
    expect(found(file, commentsIn(await readFile(join(root, file), 'utf8')))).toEqual([])
  })

  test('the settings’ descriptions', () => {
    for (const [name, { description }] of Object.entries(ENV_VARS)) {
      expect(found(name, [{ line: 1, text: description }])).toEqual([])
    }
  })

  test.each(allCommands(createProgram()).map(command => [command.name(), command] as const))(
    'the help of “%s”',
    (name, command) => {
      const texts = [
        command.description(),
        ...[...command.options, ...command.registeredArguments].map(one => one.description),
      ]
      for (const text of texts) {
        expect(text).toMatch(/\w \w/)
        expect(found(name, [{ line: 1, text }])).toEqual([])
      }
    },
  )

  test('the log messages, which say in two words or more what happened, without an article', async () => {
    const messages: string[] = []
    for (const file of await filesIn('src', /\.ts$/)) {
      for (const { line, text } of logMessagesIn(await readFile(join(root, file), 'utf8'))) {
        messages.push(text)
        expect(found(file, [{ line, text }])).toEqual([])
        expect(text, `${file}:${line}`).toMatch(/^(?!(?:an?|the|it) )[\w’-]+ \S/i)
      }
    }
    expect(messages).toEqual(expect.arrayContaining(['job queued', 'painting started', 'event not claimed']))
    expect(messages).toContain('progress message not deleted')
  })

  test('finds a phrase in a string or a comment, not in a name', () => {
    const source = `\n// paints it anew\nconst beside = 'paints it anew, and again'\n`
    expect(found('made-up.ts', sentencesIn(source))).toEqual(['made-up.ts:3: “anew” → again'])
    expect(found('made-up.ts', commentsIn(source))).toEqual(['made-up.ts:2: “anew” → again'])
  })
})

describe('each sentence about an error says what to do next', () => {
  /** Imperatives of English that our sentences begin their advice with. */
  const ADVICE =
    /(^|[.:,;] |\b(or|and|to|then|can) )(accept|add|allow|ask|attach|check|choose|close|copy|correct|create|delete|download|draw|fix|free|give|keep|leave|lower|make|move|name|open|pass|put|read|reconnect|remove|reset|run|save|see|send|set|start|stop|tell|try|update|upload|use|wait|write)\b/i
  /** These report what the person did. */
  const REPORTS = ['cancelled', 'configuration-invalid']

  const anything: unknown = new Proxy(() => {}, {
    get: (_, name) => {
      if (name === Symbol.toPrimitive) return () => '1'
      if (name === Symbol.iterator) return () => [][Symbol.iterator]()
      return anything
    },
    apply: () => anything,
  })

  const codes = Object.keys(translationsByLanguage.en.problems).filter(code => !REPORTS.includes(code))
  test.each(codes)('%s', code => {
    const sentenceOf = translationsByLanguage.en.problems[code as 'bug'] as (problem: never) => unknown
    const sentences =
      code === 'needs-model'
        ? ['vary', 'imagine', 'creative'].map(what => sentenceOf({ what } as never))
        : [sentenceOf(new Proxy({}, { get: () => anything }) as never)]
    for (const sentence of sentences) expect(String(sentence)).toMatch(ADVICE)
  })
})
