import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { documents } from '../../tools/docs/documents.js'

test.each(documents())('$path is what npm run docs writes', async ({ path, text }) => {
  expect(await readFile(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')).toBe(text)
})
