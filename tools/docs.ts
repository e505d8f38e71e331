import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { envExample } from '../src/cli/env/env-example.js'
import { commandsPage } from './docs/commands.js'
import { configurationPage } from './docs/configuration.js'

// npm run docs
//
// Writes what follows from the code: whole files, and of docs/commands.md the parts between `<!-- generated: … -->` and
// `<!-- /generated -->`.

const PAGES = {
  '.env.example': envExample,
  'docs/configuration.md': configurationPage,
  'docs/commands.md': commandsPage,
}

for (const [name, made] of Object.entries(PAGES)) {
  const file = fileURLToPath(new URL(`../${name}`, import.meta.url))
  await writeFile(file, await made(await readFile(file, 'utf8')))
  process.stdout.write(`${name}\n`)
}
