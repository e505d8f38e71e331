import { readFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { findCycles, importGraph, importsIn, readImports } from './support/import-graph.js'

const root = fileURLToPath(new URL('../src', import.meta.url))

/** Which folders each folder may import from, in addition to itself and the files at the top that everybody may use. */
const arrows: Record<string, string[]> = {
  inference: [],
  queue: ['inference'],
  admin: ['queue'],
  settings: [],
  quotas: ['settings'],
  i18n: ['inference', 'settings'],
  commands: ['quotas', 'settings', 'i18n', 'queue', 'inference'],
  protocol: [],
  bot: ['protocol', 'commands', 'quotas', 'settings', 'i18n', 'queue', 'inference'],
  'discord-emulator': [],
  web: ['protocol'],
  http: ['bot', 'i18n', 'discord-emulator', 'protocol'],
  cli: ['bot', 'commands', 'settings', 'quotas', 'i18n', 'admin', 'queue', 'inference', 'discord-emulator', 'http'],
  'main.ts': ['cli'],
  'known-causes': [],
  'make-folder.ts': ['disk-timeout.ts'],
  'disk-timeout.ts': ['known-causes'],
  'user-error.ts': [],
  'serialize-error.ts': [],
  'read-body.ts': [],
  'parse-json.ts': [],
  'atomic-write.ts': [],
  'config.ts': [],
  'listen.ts': ['user-error.ts'],
  'child-environment.ts': [],
}
const shared = [
  'known-causes',
  'make-folder.ts',
  'disk-timeout.ts',
  'user-error.ts',
  'serialize-error.ts',
  'read-body.ts',
  'parse-json.ts',
  'atomic-write.ts',
  'config.ts',
  'listen.ts',
  'child-environment.ts',
]

/** Packages that only some folders may import. */
const packages: Record<string, string[]> = {
  'discord.js': ['bot', 'commands', 'discord-emulator', 'http', 'cli'],
  sharp: ['inference'],
  'onnxruntime-node': ['inference'],
  bullmq: ['queue', 'admin'],
  ioredis: ['queue'],
  pg: ['queue'],
  '@electric-sql/pglite': ['queue'],
}

const imports = await readImports(root)
const files = [...imports.keys()]
const texts = new Map(
  await Promise.all(files.map(async name => [name, await readFile(join(root, name), 'utf8')] as const)),
)
/** Without imports of types alone, which load nothing. */
const valueImports = new Map(
  [...texts].map(([name, text]) => [
    name,
    importsIn(text.replaceAll(/^(?:import|export) type [^'"]*['"][^'"]*['"]/gm, '')),
  ]),
)

test('there are files to look at', () => {
  expect(files.length).toBeGreaterThan(20)
  expect(files).toContain('inference/engines/fill/kernel/index.ts')
  expect(files.some(name => name.startsWith('web/') && name.endsWith('.tsx'))).toBe(true)
})

test.each(files)('%s imports only from folders below its own', name => {
  const [folder] = name.split('/')
  const allowed = arrows[folder!]
  expect(allowed, `${folder} is not in the table of folders`).toBeDefined()
  for (const imported of imports.get(name)!) {
    if (!imported.startsWith('.')) {
      const owners = Object.entries(packages).find(([known]) => imported === known || imported.startsWith(`${known}/`))
      if (owners) expect(owners[1], `${name} → ${imported}`).toContain(folder)
      continue
    }
    const target = posix.join(dirname(name), imported).replace(/\.js$/, '.ts')
    const [other] = target.split('/')
    if (other !== folder) expect([...allowed!, ...shared], `${name} → ${target}`).toContain(other)
  }
})

test('pictures reach their decoder through one file, which blocks the decoders that nobody needs', () => {
  expect(files.filter(name => valueImports.get(name)!.includes('sharp'))).toEqual(['inference/image/sharp.ts'])
  const isUnlimited = (text: string) => /limitInputPixels: (?:false|0)|unlimited: true/.test(text)
  expect(files.filter(name => isUnlimited(texts.get(name)!))).toEqual([])
})

test('nothing that the bot and its pages import decodes a picture', () => {
  const graph = importGraph(valueImports)
  const seen = new Map<string, string>()
  const follow = (name: string, from: string) => {
    if (seen.has(name)) return
    seen.set(name, from)
    for (const imported of graph.get(name) ?? []) follow(imported, name)
  }
  for (const name of files.filter(file => /^(?:bot|http|queue|commands|discord-emulator)\//.test(file)))
    follow(name, name)
  const path = (name: string): string[] => {
    const from = seen.get(name)!
    return from === name ? [name] : [...path(from), name]
  }
  const decoder = 'inference/image/sharp.ts'
  expect(seen.has(decoder) ? path(decoder) : []).toEqual([])
})

test('no imports form a cycle, type-only imports included', () => {
  const cycles = findCycles(importGraph(imports))
  expect(cycles.map(cycle => [...cycle, cycle[0]].join(' → '))).toEqual([])
})

/** Everything else takes settings as arguments. */
const READS_ENVIRONMENT = /^(?:cli\/|config\.ts$|child-environment\.ts$)/

test('only the program itself reads process.env', async () => {
  const found = await Promise.all(
    files
      .filter(name => !READS_ENVIRONMENT.test(name))
      .map(async name => {
        const lines = (await readFile(join(root, name), 'utf8')).split('\n')
        return lines
          .filter(line => /\bprocess\??\.env\b|\benv\b.*= process\b/.test(line))
          .map(line => `${name}: ${line.trim()}`)
      }),
  )
  expect(found.flat()).toEqual([])
})

describe('the cycle finder', () => {
  const cyclesOf = (texts: Record<string, string>) =>
    findCycles(importGraph(new Map(Object.entries(texts).map(([name, text]) => [name, importsIn(text)]))))

  test('finds none in a graph without cycles', () => {
    expect(cyclesOf({ 'a.ts': `import './b.js'\nimport './c.js'`, 'b.ts': `import './c.js'`, 'c.ts': '' })).toEqual([])
  })

  test('names the files of a cycle in the order of their imports', () => {
    const texts = {
      'main.ts': `import { b } from './x/b.js'`,
      'x/b.ts': `import { c } from '../y/c.js'`,
      'y/c.ts': `import {\n  a,\n} from '../a.js'`,
      'a.ts': `export * from './x/b.js'`,
    }
    expect(cyclesOf(texts)).toEqual([['a.ts', 'x/b.ts', 'y/c.ts']])
  })

  test.each([
    ['a type', `import type { A } from './a.js'`],
    ['an inline type', `import { type A } from './a.js'`],
    ['a dynamic import', `export const a = () => import('./a.js')`],
    ['an export', `export { a } from './a.js'`],
    ['a side effect', `import './a.js'`],
    ['AssemblyScript', `import { a } from './a'`],
  ])('counts %s', (_, text) => {
    expect(cyclesOf({ 'a.ts': `import { b } from './b.js'`, 'b.ts': text })).toEqual([['a.ts', 'b.ts']])
  })

  test('finds a file that imports itself, and .tsx files', () => {
    expect(cyclesOf({ 'a.tsx': `import './a.js'` })).toEqual([['a.tsx']])
  })

  test('finds the shorter cycles within a longer one', () => {
    const texts = {
      'a.ts': `import './b.js'`,
      'b.ts': `import './a.js'\nimport './c.js'`,
      'c.ts': `import './a.js'`,
    }
    expect(cyclesOf(texts)).toEqual([
      ['a.ts', 'b.ts'],
      ['a.ts', 'b.ts', 'c.ts'],
    ])
  })

  test('leaves out words in strings and comments that are no imports', () => {
    expect(cyclesOf({ 'a.ts': `export const b = './a.js'\n// see import of './a.js'` })).toEqual([])
  })
})
