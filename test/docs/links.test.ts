import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { ENV_VARS } from '../../src/config.js'
import { commandFault, inlineCodeFault } from '../support/documented-commands.js'
import { readPages, shellCommands } from '../support/markdown.js'

const pages = await readPages()
const pageAt = (name: string) => pages.find(page => page.name === name)!

/** Made while people use it. */
const MADE = ['models/', 'data/', 'out/', 'dist/', 'node_modules/']

const tracked = (await readdir('.', { recursive: true, withFileTypes: true }))
  .map(entry => `${normalize(join(entry.parentPath, entry.name))}${entry.isDirectory() ? '/' : ''}`)
  .filter(path => !path.startsWith('.git/') && !MADE.some(folder => path.startsWith(folder)))

test('there are pages, with links, code and blocks', () => {
  expect(pages.length).toBeGreaterThan(8)
  for (const of of ['links', 'code', 'blocks'] as const) {
    expect(pages.reduce((sum, page) => sum + page[of].length, 0)).toBeGreaterThan(10)
  }
})

test.each(pages.map(page => [page.name, page] as const))('every link of %s has a target', (name, { links }) => {
  for (const link of links) {
    if (/^https:\/\//.test(link)) continue // is not ours to ask for
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? name : normalize(join(dirname(name), path))
    expect(existsSync(target), `${name} → ${link}`).toBe(true)
    if (anchor !== undefined) expect([...pageAt(target).anchors], `${name} → ${link}`).toContain(anchor)
  }
})

test.each(pages.map(page => [page.name, page] as const))('%s has at most 250 lines', (_, { text }) => {
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(250)
})

test('every picture is used, in both color schemes if it has two, and has alt text', async () => {
  const shown = pages.flatMap(({ name, links }) => links.map(link => normalize(join(dirname(name), link))))
  for (const file of await readdir('docs/images')) expect(shown).toContain(`docs/images/${file}`)
  for (const { images } of pages) {
    for (const { source, alt } of images) {
      expect(alt.length, source).toBeGreaterThan(10)
      if (source.endsWith('-light.webp')) {
        expect(shown.some(path => path.endsWith(source.replace('-light', '-dark').replace(/^.*\//, '/')))).toBe(true)
      }
    }
  }
})

test.each(['docs/architecture.md', 'CONTRIBUTING.md'])('every file that %s names exists', name => {
  const paths = pageAt(name).code.filter(code =>
    /^[\w.-]*[\w-](?:\/[\w.-]+)*(?:\.(?:ts|tsx|json|md|py|yaml)|\/)$/.test(code),
  )
  expect(paths.length).toBeGreaterThan(5)
  for (const path of [...paths, ...pageAt(name).code.filter(code => /^(?:src|test|tools|\.ci)\//.test(code))]) {
    if (MADE.some(folder => path.startsWith(folder))) continue
    const found = tracked.some(one => [path, `${path}/`].some(wanted => one === wanted || one.endsWith(`/${wanted}`)))
    expect(found, `${name} names ${path}`).toBe(true)
  }
})

test.each(pages.map(page => [page.name, page] as const))('every command and option that %s names exists', (_, page) => {
  const named = page.code.map(code => [code, inlineCodeFault(code)])
  const inBlocks = page.blocks.flatMap(shellCommands).map(command => [command, commandFault(command)])
  expect([...named, ...inBlocks].filter(([, wrong]) => wrong !== undefined)).toEqual([])
})

/** Of other programs, or standing for something of the reader's own. */
const FOREIGN = [
  'NAME',
  'NPM_TOKEN',
  'NODE_EXTRA_CA_CERTS',
  'NODE_COMPILE_CACHE',
  'LD_LIBRARY_PATH',
  'VK_ICD_FILENAMES',
  'CASES_DIR',
  'BASE_TYPE_BAD_LENGTH',
]

/** Constants of the code that CONTRIBUTING.md names. */
const CONSTANTS = ['ENV_VARS', 'BOUNDARY_COMMON_SHARE']

test.each(pages.map(page => [page.name, page] as const))(
  'every variable of the environment that %s names is read',
  async (_, page) => {
    const names = page.code.flatMap(code => [
      ...(code.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? []),
      ...[...code.matchAll(/(?:^| )([A-Z][A-Z_]+)=/g)].map(([, name]) => name!),
    ])
    const read = await sources()
    for (const name of new Set(names)) {
      if ([...FOREIGN, ...CONSTANTS].includes(name) || name in ENV_VARS) continue
      expect(new RegExp(`\\benv(?:ironment)?\\.${name}\\b`).test(read), `nothing reads ${name}`).toBe(true)
    }
  },
)

/** Everything that could read a variable. */
async function sources(): Promise<string> {
  const files = tracked.filter(path => /^(?:src|test|tools)\/.*\.ts$/.test(path))
  return (await Promise.all(files.map(path => readFile(path, 'utf8')))).join('\n')
}

test('every error code in docs/troubleshooting.md exists', async () => {
  const codes = (await readFile('src/user-error.ts', 'utf8')).match(/(?<=code: ')[\w-]+(?=')/g)!
  const named = [...pageAt('docs/troubleshooting.md').text.matchAll(/\(`([a-z]+(?:-[a-z]+)+)`\)/g)].map(
    ([, code]) => code!,
  )
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter(code => !codes.includes(code))).toEqual([])
})

test('faults are found', () => {
  expect(commandFault('npm run nothing')).toBe('there is no script nothing')
  expect(commandFault('npm run bench -- nothing')).toBe('there is no benchmark nothing')
  expect(commandFault('node dist/main.js zoom a.png -o out --far 2')).toBe('there is no option --far')
  expect(commandFault('node dist/main.js zoom a.png b.png -o out')).toBe('b.png is too much')
  expect(commandFault('node dist/main.js fit a.png -o out')).toBe('<shape> is missing')
  expect(commandFault('REDIS_URL=redis://x node dist/main.js workers')).toBe('there is no command workers')
  expect(commandFault('docker compose --profile gpu up')).toBe('there is no profile gpu')
  expect(inlineCodeFault('overscan models delete x')).toBe('there is no command delete')
  expect(inlineCodeFault('doctor --shallow')).toBe('doctor has no option --shallow')
  expect(inlineCodeFault('--shallow')).toBe('nothing has an option --shallow')
})
