import { execFileSync } from 'node:child_process'

/** Build what browsers load, once for all test files. */
export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build:web'], { stdio: 'inherit' })
}
