import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { releaseNotes } from './docs/release-notes.js'

// npx tsx tools/release-notes.ts v0.1.0
//
// Prints the part of CHANGELOG.md about one version.

const [tag] = process.argv.slice(2)
if (tag === undefined) throw new Error('Name the version, like v0.1.0.')
const changelog = await readFile(fileURLToPath(new URL('../CHANGELOG.md', import.meta.url)), 'utf8')
process.stdout.write(`${releaseNotes(changelog, tag)}\n`)
