import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { envExample } from '../src/cli/env/env-example.js'
import { commandNamesPage, commandOptionsPage, settingsPage } from './docs/command-options.js'
import { configurationPage } from './docs/configuration.js'
import { modelConfigurationPage } from './docs/model-configuration.js'

// npm run docs
//
// Writes the pages that follow from the code.

const PAGES = {
  '.env.example': envExample,
  'docs/configuration.md': configurationPage,
  'docs/command-options.md': commandOptionsPage,
  'docs/command-names.md': commandNamesPage,
  'docs/settings.md': settingsPage,
  'docs/model-configuration.md': modelConfigurationPage,
}

for (const [name, page] of Object.entries(PAGES)) {
  await writeFile(fileURLToPath(new URL(`../${name}`, import.meta.url)), await page())
  process.stdout.write(`${name}\n`)
}
