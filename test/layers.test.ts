import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../src', import.meta.url))

/** Which folders each folder may import from, besides itself and the files at the top that everybody may use. */
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
  http: ['bot', 'discord-emulator', 'protocol'],
  cli: ['bot', 'commands', 'settings', 'quotas', 'i18n', 'admin', 'queue', 'inference', 'discord-emulator', 'http'],
  'main.ts': ['cli'],
  'user-error.ts': [],
  'config.ts': [],
  'listen.ts': ['user-error.ts'],
}
const shared = ['user-error.ts', 'config.ts', 'listen.ts']

/** Packages that only some folders may know of. */
const packages: Record<string, string[]> = {
  'discord.js': ['bot', 'commands', 'discord-emulator', 'http', 'cli'],
  sharp: ['inference', 'discord-emulator', 'cli'],
  'onnxruntime-node': ['inference'],
  bullmq: ['queue', 'admin'],
  ioredis: ['queue'],
  pg: ['queue'],
  '@electric-sql/pglite': ['queue'],
}

async function importsOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8')
  const atOnce = text.matchAll(/^(?:import|export)\b[^'"]*?['"]([^'"]+)['"]/gms)
  const later = text.matchAll(/\b(?:import|require)\(['"]([^'"]+)['"]\)/g)
  return [...atOnce, ...later].map(([, name]) => name!)
}

const files = (await readdir(root, { recursive: true })).filter(name => /\.tsx?$/.test(name))

test('there are files to look at', () => {
  expect(files.length).toBeGreaterThan(20)
})

test.each(files)('%s imports only what lies below it', async name => {
  const [part] = name.split(sep)
  const allowed = arrows[part!]
  expect(allowed, `${part} is not in the picture of the architecture`).toBeDefined()
  for (const imported of await importsOf(join(root, name))) {
    if (!imported.startsWith('.')) {
      const owners = Object.entries(packages).find(([known]) => imported === known || imported.startsWith(`${known}/`))
      if (owners) expect(owners[1], `${name} → ${imported}`).toContain(part)
      continue
    }
    const target = relative(root, join(root, dirname(name), imported)).replace(/\.js$/, '.ts')
    const [other] = target.split(sep)
    if (other !== part) expect([...allowed!, ...shared], `${name} → ${target}`).toContain(other)
  }
})
