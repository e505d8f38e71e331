import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { envExample } from '../../src/cli/env/env-example.js'
import { configurationPage } from '../../tools/docs/configuration.js'
import { modelConfigurationPage } from '../../tools/docs/model-configuration.js'

test.each([
  ['.env.example', envExample],
  ['docs/configuration.md', configurationPage],
  ['docs/model-configuration.md', modelConfigurationPage],
])('%s is what npm run docs writes', async (path, made) => {
  expect(await readFile(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')).toBe(made())
})
