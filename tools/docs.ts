import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { commandsPage } from './docs/commands.js'

// npm run docs
//
// Writes what pages in docs/ tell of the code: the parts between `<!-- generated: … -->` and `<!-- /generated -->`.

const PAGES = { 'docs/commands.md': commandsPage }

for (const [name, made] of Object.entries(PAGES)) {
  const file = fileURLToPath(new URL(`../${name}`, import.meta.url))
  await writeFile(file, await made(await readFile(file, 'utf8')))
  process.stdout.write(`${name}\n`)
}
