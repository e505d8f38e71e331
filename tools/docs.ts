// npm run docs: writes what can be told from the source alone, so that it stays true.
import { writeFile } from 'node:fs/promises'
import { documents } from './docs/documents.js'

for (const { path, text } of documents()) {
  await writeFile(path, text)
  process.stdout.write(`${path} is written.\n`)
}
