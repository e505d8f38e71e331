import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The program, as `build.ts` compiles it before all tests. */
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** `overscan` as a process of its own. */
export type RunningProgram = {
  readonly child: ChildProcess
  /** What it has logged, as objects. */
  logLines(): Record<string, unknown>[]
  /** Resolves once it has logged a line with this message. @param job of this job only */
  waitForLog(message: string, job?: string): Promise<Record<string, unknown>>
  /** Send a signal and wait for its end. @returns the exit status, if it ended by itself */
  stop(signal: NodeJS.Signals): Promise<number | null>
}

/** Start `overscan` with these arguments and wait until it has logged `ready`. */
export async function startProgram(
  args: readonly string[],
  environment: Record<string, string>,
  ready: string,
): Promise<RunningProgram> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, LOG_LEVEL: 'info', ...environment },
  })
  let text = ''
  const wakes = new Set<() => void>()
  const wake = () => {
    for (const one of wakes) one()
  }
  child.stdout!.on('data', part => {
    text += part
    wake()
  })
  child.once('exit', wake)
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
          const woken = () => {
            wakes.delete(woken)
            resolve()
          }
          wakes.add(woken)
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
