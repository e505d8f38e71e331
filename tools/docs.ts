import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { envExample } from '../src/terminal/env/example.js'
import { configurationPage } from './docs/configuration.js'

// npm run docs
//
// Writes what follows from the code.

const PAGES = { '.env.example': envExample, 'docs/configuration.md': configurationPage }

for (const [name, made] of Object.entries(PAGES)) {
  await writeFile(fileURLToPath(new URL(`../${name}`, import.meta.url)), made())
  process.stdout.write(`${name}\n`)
}
