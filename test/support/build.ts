import { execFileSync } from 'node:child_process'
import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

/** Its time is the start of the last build. */
const MARKER = 'dist/.built-for-tests'

/** Builds the program, and what browsers load, once for all test files. Types are checked by `npm run lint`. */
export function setup(project: TestProject): void {
  build()
  project.onTestsRerun(async () => build())
}

function build(): void {
  if (timeOf(MARKER) > lastChange()) return
  const start = new Date()
  const shown = { stdio: 'inherit' } as const
  execFileSync('npx', ['tsc', '--project', 'tsconfig.build.json', '--noCheck'], shown)
  execFileSync('npm', ['run', '--silent', 'build:web'], shown)
  writeFileSync(MARKER, '')
  utimesSync(MARKER, start, start)
}

/** When a source was last changed, added or removed: a folder changes with its list of files. In milliseconds. */
function lastChange(): number {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).map(name => join('src', name))
  const others = ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json']
  return Math.max(...[...others, ...sources].map(timeOf))
}

function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
