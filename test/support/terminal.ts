import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { MAIN } from './programs.js'

/** What the program asks for, and the keys that are pressed then. */
export type Answers = readonly (readonly [asked: string, keys: string])[]

/**
 * Run a command of the built program at a terminal, which `script` gives it, and answer each question as it comes.
 *
 * @param environment all variables that the program sees
 * @returns its exit code, what it showed after the last answer, and the questions that it did not ask
 */
export async function runAtTerminal(
  argv: readonly string[],
  answers: Answers,
  { folder, environment }: { readonly folder: string; readonly environment: Readonly<Record<string, string>> },
): Promise<{ code: number | null; shown: string; left: Answers }> {
  const command = [process.execPath, MAIN, ...argv].map(word => `'${word}'`).join(' ')
  const child = spawn('script', ['-qefc', `stty cols 200 rows 50; ${command}`, '/dev/null'], {
    cwd: folder,
    env: { ...environment, TERM: 'xterm', SHELL: '/bin/sh' },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let shown = ''
  const left = [...answers]
  child.stdout.on('data', part => {
    shown += part
    while (left[0] && shown.includes(left[0][0])) {
      const [asked, keys] = left.shift()!
      shown = shown.slice(shown.indexOf(asked) + asked.length)
      child.stdin.write(keys)
    }
  })
  const [code] = await once(child, 'close')
  return { code, shown, left }
}
