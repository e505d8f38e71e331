import { execFileSync } from 'node:child_process'
import type { TestProject } from 'vitest/node'

/** Build the program, and what browsers load, once for all test files; whether types are right another command tells. */
export function setup(project: TestProject): void {
  build()
  project.onTestsRerun(async () => build())
}

function build(): void {
  const shown = { stdio: 'inherit' } as const
  execFileSync('npx', ['tsc', '--project', 'tsconfig.build.json', '--noCheck'], shown)
  execFileSync('npm', ['run', '--silent', 'build:web'], shown)
}
