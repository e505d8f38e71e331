import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The compiled source. `build.ts` builds it before all tests. */
export const BUILT = fileURLToPath(new URL('../../dist', import.meta.url))

/** The compiled program. */
export const MAIN = join(BUILT, 'main.js')

/** `overscan` in a child process. */
export type RunningProgram = {
  readonly child: ChildProcess
  /** The logged lines, parsed. */
  logLines(): Record<string, unknown>[]
  /** Resolves when it has logged this message. @param job only a line about this job */
  waitForLog(message: string, job?: string): Promise<Record<string, unknown>>
  /** Send a signal and wait for the exit. @returns the exit code, if no signal killed it */
  stop(signal: NodeJS.Signals): Promise<number | null>
}

/** Start `overscan` and wait until it logs this message. */
export async function startProgram(
  args: readonly string[],
  environment: Record<string, string>,
  ready: string,
): Promise<RunningProgram> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, LOG_LEVEL: 'info', UPDATE_NOTICE: 'off', ...environment },
  })
  let text = ''
  const listeners = new Set<() => void>()
  const notify = () => {
    for (const one of listeners) one()
  }
  child.stdout!.on('data', part => {
    text += part
    notify()
  })
  child.once('exit', notify)
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const program: RunningProgram = {
    child,
    logLines: () =>
      text
        .split('\n')
        .slice(0, -1)
        .map(line => JSON.parse(line) as Record<string, unknown>),
    async waitForLog(message, job) {
      for (;;) {
        const line = program.logLines().find(({ msg, job: of }) => msg === message && (!job || of === job))
        if (line) return line
        if (hasEnded()) throw new Error(`overscan ${args.join(' ')} ended before it said “${message}”: ${text}`)
        await new Promise<void>(resolve => {
          const listener = () => {
            listeners.delete(listener)
            resolve()
          }
          listeners.add(listener)
        })
      }
    },
    async stop(signal) {
      if (!hasEnded()) {
        const exit = once(child, 'exit')
        child.kill(signal)
        await exit
      }
      return child.exitCode
    },
  }
  await program.waitForLog(ready)
  return program
}
