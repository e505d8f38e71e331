import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'dotenv'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { closestEnvVar, closestPrefixedEnvVar, editDistance } from '../../src/cli/env/closest-name.js'
import { envFileFaults, environmentFaults } from '../../src/cli/env/config-faults.js'
import { envExample } from '../../src/cli/env/env-example.js'
import { setEnvValues } from '../../src/cli/env/env-file.js'
import { parseEnvText, unreadableLines } from '../../src/cli/env/env-lines.js'
import { unusedEnvVars } from '../../src/cli/env/unused-env-vars.js'
import { type EnvVarName, envVarNames, parseConfig } from '../../src/config.js'
import { problemMessage, translationsByLanguage } from '../../src/i18n/i18n.js'
import type { ConfigFault } from '../../src/user-error.js'
import { runOverscan } from '../support/overscan.js'
import { problemOf } from '../support/problems.js'

/** Everything that means something in such a file, and something else. */
const pieces = [
  'A',
  'B',
  'export ',
  '=',
  ' = ',
  ': ',
  ':',
  ' ',
  '\t',
  '"',
  "'",
  '`',
  '\\',
  '\\n',
  '#',
  '$&',
  'é',
  '.',
  '-',
]
const ends = ['\n', '\r\n', '\r']
const anyText = fc.array(fc.constantFrom(...pieces, ...ends), { maxLength: 40 }).map(parts => parts.join(''))
const anyValue = fc
  .array(fc.constantFrom(...pieces, '\n', 'C:', '$HOME', '🗝'), { maxLength: 12 })
  .map(parts => parts.join(''))

describe('the lines of a .env file', () => {
  test('are the assignments that dotenv finds, in any text', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('', '\uFEFF'), (body, mark) => {
        const text = mark + body
        const read = parse(text)
        const settings = parseEnvText(text)
        expect(new Set(settings.map(({ name }) => name))).toEqual(new Set(Object.keys(read)))
        for (const [name, value] of Object.entries(read)) {
          const last = settings.findLast(one => one.name === name)!
          expect(parse(`X=${text.slice(last.value.from, last.value.to)}`).X).toBe(value)
        }
      }),
      { numRuns: 5000 },
    )
  })

  test('are unreadable where dotenv ignores them', () => {
    fc.assert(
      fc.property(anyText, text => {
        const lines = text.split(/\r\n|\r|\n/)
        const unreadable = new Set(unreadableLines(text))
        const without = lines.map((line, index) => (unreadable.has(index + 1) ? '#' : line)).join('\n')
        expect(parse(without)).toEqual(parse(text))
        for (const line of unreadable) expect(lines[line - 1]!.trim()).toMatch(/^[^#]/)
        expect(unreadableLines(without)).toEqual([])
      }),
      { numRuns: 5000 },
    )
  })

  test.each([
    [
      'one after the other',
      'A=1\nB=2',
      [
        ['A', 1],
        ['B', 2],
      ],
    ],
    [
      'behind a byte order mark, with Windows’ ends',
      '\uFEFFA=1\r\n\r\n# B=\r\nexport B = 2\r\n',
      [
        ['A', 1],
        ['B', 4],
      ],
    ],
    [
      'over several lines, between quotes',
      'A="x\ny=1\n"\nB=2',
      [
        ['A', 1],
        ['B', 4],
      ],
    ],
    [
      'with a quote that does not end',
      'A="x\nB=2',
      [
        ['A', 1],
        ['B', 2],
      ],
    ],
    [
      'with a quote behind a backslash, which does not end it',
      "A='x\\'\nB='\nC=1",
      [
        ['A', 1],
        ['C', 3],
      ],
    ],
    ['with a colon', 'A: 1\nB:2', [['A', 1]]],
    [
      'twice',
      'A=1\nA=2',
      [
        ['A', 1],
        ['A', 2],
      ],
    ],
  ] as const)('have numbers: %s', (_, text, expected) => {
    expect(parseEnvText(text).map(({ name, line }) => [name, line])).toEqual(expected)
  })
})

describe('setting values', () => {
  test('is read back unchanged, or throws', () => {
    const kinds = ["'", '"', '`']
    const accepted = fc.array(
      fc.tuple(fc.constantFrom(...envVarNames), anyValue, fc.constantFrom('', '# a', '#DEVICE=')),
    )
    fc.assert(
      fc.property(accepted, fc.constantFrom(...envVarNames), anyValue, fc.boolean(), (before, name, value, isNew) => {
        let text = isNew ? envExample() : ''
        for (const [other, its, comment] of before) {
          const problem = problemOf(() => {
            text = setEnvValues(text, { [other]: its })
          })
          if (!problem) text += `${comment}\n`
        }
        expect(envFileFaults(text)).toEqual([])
        const read = parse(text)
        const problem = problemOf(() => {
          const after = setEnvValues(text, { [name]: value })
          expect(parse(after)).toEqual({ ...read, [name]: value })
          expect(envFileFaults(after)).toEqual([])
          expect(after.match(/^# a$/gm)).toEqual(text.match(/^# a$/gm))
        })
        if (problem) {
          expect(problem).toEqual({ code: 'setting-not-writable', name })
          // A quote that begins a value, or that a backslash holds open, may be ended by what is written; between " a backslash means more.
          const isClear = Object.values(read).every(one => !/^['"`]/.test(one)) && !`${text}${value}`.includes('\\')
          if (isClear) {
            expect(value).toMatch(/[#\n]|^\s|\s$|^['"`]/)
            expect(kinds.filter(quote => !value.includes(quote))).toEqual([])
          }
        }
      }),
      { numRuns: 400 },
    )
  })

  test.each([
    ['it’s plain', 'it’s plain'],
    ["a's `b` and \\n", 'stays what it is'],
    ['C:\\new\\', 'Windows'],
    ['#1', 'no comment'],
    [' x ', 'with its blanks'],
    ["'x'", 'with its quotes'],
    ['$HOME and $1', 'nothing is put in its place'],
    ['two\nlines', 'both'],
    ['', 'nothing'],
  ])('%j comes back: %s', value => {
    expect(parse(setEnvValues('# a\r\nOTHER=1\r\n', { DATA_FOLDER: value }))).toEqual({
      OTHER: '1',
      DATA_FOLDER: value,
    })
  })

  test('throws for a value that dotenv can’t express', () => {
    expect(problemOf(() => setEnvValues('', { DATA_FOLDER: '#\'"`' }))).toEqual({
      code: 'setting-not-writable',
      name: 'DATA_FOLDER',
    })
  })

  test('throws for a value that would close an escaped quote', () => {
    const before = setEnvValues('', { DISCORD_TOKEN: '\t\\' })
    expect(problemOf(() => setEnvValues(before, { LOG_LEVEL: 'A"`\'' }))).toEqual({
      code: 'setting-not-writable',
      name: 'LOG_LEVEL',
    })
    expect(parse(setEnvValues(before, { LOG_LEVEL: 'A"`' }))).toEqual({ DISCORD_TOKEN: '\t\\', LOG_LEVEL: 'A"`' })
  })

  test('keeps a backslash at the end of a value from escaping a later quote', () => {
    const before = setEnvValues('', { MODEL_FOLDER: 'C:\\My Models\\' })
    const after = setEnvValues(before, { DATA_FOLDER: "'#" })
    expect(parse(after)).toEqual({ MODEL_FOLDER: 'C:\\My Models\\', DATA_FOLDER: "'#" })
  })

  test('keeps a line inside a value that looks like a comment', () => {
    const text = 'DATA_FOLDER="x\n#DEVICE=\ny"\n'
    expect(parse(setEnvValues(text, { DEVICE: 'cpu' }))).toEqual({ DATA_FOLDER: 'x\n#DEVICE=\ny', DEVICE: 'cpu' })
  })
})

describe('.env.example', () => {
  test('is valid as it is, and with every setting uncommented', () => {
    expect(envFileFaults(envExample())).toEqual([])
    const all = envExample().replaceAll(/^#(?=[A-Z_]+=)/gm, '')
    expect(envFileFaults(all)).toEqual([])
    expect(Object.keys(parse(all)).toSorted()).toEqual([...envVarNames].toSorted())
    expect(() => parseConfig(parse(all))).not.toThrow()
  })

  test('means the same as an empty environment', () => {
    expect(parseConfig(parse(envExample()))).toEqual(parseConfig({}))
  })
})

describe('names', () => {
  test.each<[string, EnvVarName | undefined]>([
    ['DISCORD_TOKN', 'DISCORD_TOKEN'],
    ['DISCORD_TOEKN', 'DISCORD_TOKEN'],
    ['QUEUE_LIMT', 'QUEUE_LIMIT'],
    ['discord_token', 'DISCORD_TOKEN'],
    ['DEVICES', 'DEVICE'],
    ['REDIS_URI', 'REDIS_URL'],
    ['REDIS_ULR', 'REDIS_URL'],
    ['REDIS_DB', undefined],
    ['DISCORD_KEY', undefined],
    ['TOKEN', undefined],
  ])('%s is near %s', (name, meant) => {
    expect(closestEnvVar(name)).toBe(meant)
  })

  test('of other programs are ignored', () => {
    const theirs = [
      'PATH',
      'HOME',
      'HF_HOME',
      'HF_HUB_CACHE',
      'DEVICES',
      'LOG_FORMAT',
      'REDIS_HOST',
      'REDIS_PORT',
      'PUBLIC_DIR',
    ]
    expect(theirs.filter(closestPrefixedEnvVar)).toEqual([])
    expect(['DISCORD_TOKN', 'QUEUE_LIMT', 'Discord_Token'].map(closestPrefixedEnvVar)).toEqual([
      'DISCORD_TOKEN',
      'QUEUE_LIMIT',
      'DISCORD_TOKEN',
    ])
    expect(envVarNames.filter(closestPrefixedEnvVar)).toEqual([])
  })

  test('have a symmetric edit distance, and a transposition counts as one', () => {
    expect(editDistance('ca', 'abc')).toBe(3) // not 2: nothing is changed twice
    expect(editDistance('', 'abc')).toBe(3)
    expect(editDistance('abc', 'acb')).toBe(1)
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (one, other) => {
        const far = editDistance(one, other)
        expect(editDistance(other, one)).toBe(far)
        expect(far === 0).toBe(one === other)
        expect(far).toBeGreaterThanOrEqual(Math.abs(one.length - other.length))
        expect(far).toBeLessThanOrEqual(Math.max(one.length, other.length))
      }),
    )
  })

  test('have faults with line numbers, ordered by line', () => {
    const text = '\uFEFFDISCORD_TOKEN=a\r\nQUEUE_LIMT=3\r\njust words\r\n\r\nCOLOUR=blue\r\nDISCORD_TOKEN=b\r\n'
    expect(envFileFaults(text)).toEqual<ConfigFault[]>([
      { kind: 'duplicate', name: 'DISCORD_TOKEN', lines: [1, 6] },
      { kind: 'unknown', name: 'QUEUE_LIMT', closest: 'QUEUE_LIMIT', line: 2 },
      { kind: 'unreadable', line: 3 },
      { kind: 'unknown', name: 'COLOUR', closest: undefined, line: 5 },
    ])
  })

  test('that may be pasted secrets are not repeated', () => {
    for (const pasted of ['MTA1Mzg.GhIjKl.mNoPqRs', 'c2VjcmV0c2VjcmV0', 'deadbeef01234567', 'hf_AbCdEf']) {
      expect(JSON.stringify(envFileFaults(`${pasted}=\n${pasted}`))).not.toContain(pasted)
    }
  })

  test('in .env are not reported again for the environment', () => {
    expect(environmentFaults({ QUEUE_LIMT: '3', DISCORD_TOKN: 'x' }, 'QUEUE_LIMT=3')).toEqual([
      { kind: 'unknown', name: 'DISCORD_TOKN', closest: 'DISCORD_TOKEN', line: undefined },
    ])
  })
})

test('every language names the setting, the line and the closest name', () => {
  const faults: ConfigFault[] = [
    { kind: 'unknown', name: 'QUEUE_LIMT', closest: 'QUEUE_LIMIT', line: 77 },
    { kind: 'unknown', name: 'DISCORD_TOKN', closest: 'DISCORD_TOKEN', line: undefined },
    { kind: 'unknown', name: undefined, closest: undefined, line: 78 },
    { kind: 'duplicate', name: 'DEVICE', lines: [81, 82] },
    { kind: 'unreadable', line: 83 },
    { kind: 'malformed', name: 'STOP_SECONDS', value: 'soon', expected: { kind: 'number', min: 0, max: 3600 } },
    { kind: 'quotes', name: 'DATA_FOLDER', mark: '“' },
    { kind: 'encoding', encoding: 'UTF-16' },
    { kind: 'malformed', name: 'SHARDS', value: 'x', expected: { kind: 'shards' } },
    { kind: 'malformed', name: 'HF_TOKEN', value: undefined, expected: { kind: 'ascii' } },
  ]
  for (const words of Object.values(translationsByLanguage)) {
    const lines = problemMessage({ code: 'configuration-invalid', faults }, words).split('\n')
    expect(lines).toEqual([
      expect.stringMatching(/77.*QUEUE_LIMT.*QUEUE_LIMIT/),
      expect.stringMatching(/DISCORD_TOKN.*DISCORD_TOKEN/),
      expect.stringMatching(/78/),
      expect.stringMatching(/DEVICE.*81.*82/),
      expect.stringMatching(/83/),
      expect.stringMatching(/STOP_SECONDS.*soon.*0.*3600/),
      expect.stringMatching(/DATA_FOLDER.*“/),
      expect.stringMatching(/\.env.*UTF-16.*UTF-8/),
      expect.stringMatching(/SHARDS.*0-3\/16/),
      expect.stringMatching(/HF_TOKEN.*ASCII/),
    ])
    expect(lines.join()).not.toContain('undefined')
  }
})

test('settings without effect are reported', () => {
  const unused = (environment: Record<string, string>) =>
    unusedEnvVars(parseConfig(environment)).map(({ name }) => name)
  const [PAGES_PORT, OPERATOR_PORT, PUBLIC_URL] = ['8787', '9090', 'https://example.com']
  const [REDIS_URL, DATABASE_URL] = ['redis://h', 'postgres://h/d']
  expect(unused({})).toEqual([])
  expect(unused({ PUBLIC_URL, DISCORD_CLIENT_SECRET: 's' })).toEqual(['PUBLIC_URL', 'DISCORD_CLIENT_SECRET'])
  expect(unused({ PAGES_PORT, DISCORD_CLIENT_SECRET: 's' })).toEqual(['DISCORD_CLIENT_SECRET'])
  expect(unused({ PAGES_PORT, PUBLIC_URL, DISCORD_CLIENT_SECRET: 's' })).toEqual([])
  expect(unused({ OPERATOR_PASSWORD: 'long enough' })).toEqual(['OPERATOR_PASSWORD'])
  expect(unused({ OPERATOR_PASSWORD: 'long enough', OPERATOR_PORT })).toEqual([])
  expect(unused({ PICTURE_FOLDER: 'p' })).toEqual(['PICTURE_FOLDER'])
  expect(unused({ PICTURE_FOLDER: 'p', DATABASE_URL })).toEqual([])
  expect(unused({ REDIS_URL, DATABASE_URL })).toEqual(['DATABASE_URL'])
})

describe('the program', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overscan-env-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  beforeEach(() => rm(join(folder, '.env'), { force: true, recursive: true }))

  /** In a folder with this `.env`, for somebody who has set nothing else. */
  async function overscan(text: string, argv: readonly string[], more: Record<string, string> = {}) {
    await writeFile(join(folder, '.env'), text)
    return start(argv, more)
  }

  async function start(argv: readonly string[], more: Record<string, string> = {}) {
    const { PATH = '', HOME = '' } = process.env
    const { code, stdout, stderr } = await runOverscan(argv, { environment: { PATH, HOME, ...more }, folder })
    return { code, said: stdout, wrong: stderr }
  }

  const TEXT = 'DISCORD_TOKEN=hunter2\nQUEUE_LIMT=3\nhunter2\nOPERATOR_PASSWORD=hunter2\nSTOP_SECONDS=soon\n'
  const LINES = [
    'overscan: Line 2 of .env sets QUEUE_LIMT, which isn’t a setting. Did you mean QUEUE_LIMIT?',
    'overscan: Line 3 of .env can’t be read. Write NAME=value, or a comment that starts with #.',
    'overscan: The environment sets DISCORD_TOKN, which isn’t a setting. Did you mean DISCORD_TOKEN?',
    'overscan: STOP_SECONDS is “soon”. Use a whole number from 0 to 3600.',
    'overscan: OPERATOR_PASSWORD is invalid. Use text of at least 8 characters.',
    '',
  ]

  test.each([[['bot']], [['worker']], [['playground']], [['forget', '12345678901234567']]])(
    '%s does not start where something is wrong, and says each thing in a line, and no secret',
    async argv => {
      const { code, said, wrong } = await overscan(TEXT, argv, { DISCORD_TOKN: 'hunter2' })
      expect(wrong.split('\n')).toEqual(LINES)
      expect({ code, said }).toEqual({ code: 2, said: '' })
    },
  )

  test('the doctor reports the same faults and continues', async () => {
    const { code, said, wrong } = await overscan('COLOUR=blue\nQUEUE_LIMT=3\n', ['doctor'])
    expect({ code, wrong }).toEqual({ code: 2, wrong: '' })
    expect(said).toMatch(/^ {2}\[OK\] Settings: all are valid$/m)
    expect(said).toMatch(
      /^ {2}\[Error\] Setting names: Line 1 of \.env sets COLOUR, which isn't a setting\. Remove it/m,
    )
    expect(said).toMatch(/^ {2}\[Error\] Setting names: Line 2 .* Did you mean QUEUE_LIMIT\?$/m)
    expect(said).toMatch(/^ {2}\[OK\] Pages: the playground's page can be opened$/m)
    expect(said).toMatch(/2 errors\. The playground can't start\. Fix the errors first\.$/m)
  })

  test.each([[['models', 'list']], [['devices']]])('%s ignores settings of the bot', async argv => {
    expect(await overscan(TEXT, argv)).toMatchObject({ code: 0, wrong: expect.not.stringContaining('overscan:') })
  })

  test('a command still checks the settings that it uses', async () => {
    const { code, wrong } = await overscan('LOG_LEVEL=loud\n', ['demo'])
    expect({ code, wrong }).toEqual({ code: 2, wrong: expect.stringMatching(/^overscan: LOG_LEVEL is “loud”\. .*\n$/) })
  })

  test.each([
    ['with a mark, little endian', Buffer.from('\ufeffDISCORD_TOKEN=a\n', 'utf16le')],
    ['with a mark, big endian', Buffer.from('\ufeffDISCORD_TOKEN=a\n', 'utf16le').swap16()],
    ['without a mark', Buffer.from('DISCORD_TOKEN=a\n', 'utf16le')],
  ])('a .env in UTF-16 %s gets a message, from the doctor too', async (_, bytes) => {
    await writeFile(join(folder, '.env'), bytes)
    const sentence = '.env is saved as UTF-16. Save it as UTF-8, for example in Notepad with “Save as”.'
    expect(await start(['bot'])).toMatchObject({ code: 2, wrong: `overscan: ${sentence}\n` })
    expect((await start(['doctor'])).said).toContain('[Error] Setting names: .env is saved as UTF-16.')
  })

  test('a .env in UTF-8 with a byte order mark is read', async () => {
    expect(await overscan('\ufeffLOG_LEVEL=loud\n', ['demo'])).toMatchObject({
      code: 2,
      wrong: expect.stringContaining('LOG_LEVEL is “loud”'),
    })
  })

  test('an unreadable .env gets a message', async () => {
    await mkdir(join(folder, '.env'))
    expect(await start(['bot'])).toMatchObject({
      code: 2,
      wrong: 'overscan: .env can’t be read: EISDIR. Check the path and its permissions.\n',
    })
  })
})
