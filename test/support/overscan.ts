import { vi } from 'vitest'
import { runProgram } from '../../src/cli/program.js'

/** What a command said and its exit code. */
export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string }

type Where = { readonly environment?: Readonly<Record<string, string>>; readonly folder?: string }

let last: Promise<unknown> = Promise.resolve()

/**
 * Run a command of the program in this process, which has its code loaded already: a new process takes half a second longer.
 * Tests of signals and of the process's end start `MAIN` (programs.ts) instead. Commands run one after another.
 *
 * @param environment all variables that the command sees; this process's if left out
 * @param folder where it runs; this process's if left out
 */
export function runOverscan(argv: readonly string[], where: Where = {}): Promise<Ran> {
  const run = last.then(() => runAlone(argv, where))
  last = run.catch(() => {})
  return run
}

async function runAlone(argv: readonly string[], { environment, folder }: Where): Promise<Ran> {
  const before = { environment: { ...process.env }, folder: process.cwd(), code: process.exitCode }
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation(part => {
      said[name] += part
      return true
    })
  }
  try {
    if (environment) setEnvironment(environment)
    if (folder) process.chdir(folder)
    process.exitCode = undefined
    return { code: await runProgram(argv), ...said }
  } finally {
    for (const name of ['stdout', 'stderr'] as const) vi.mocked(process[name].write).mockRestore()
    process.exitCode = before.code
    process.chdir(before.folder)
    setEnvironment(before.environment)
  }
}

function setEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment)
}
