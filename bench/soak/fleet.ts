import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { waitForOutput } from '../../test/support/servers.js'
import type { SoakProcess } from './soak-process.js'

const PROGRAM = fileURLToPath(new URL('./soak-process.ts', import.meta.url))

/** One process of a soak test. */
export type Member = { readonly options: SoakProcess; readonly child: ChildProcess; readonly ready: Promise<unknown> }

/** @param onQueued called with each job that the process has accepted */
export function startMember(options: SoakProcess, onQueued: (job: string) => void): Member {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let rest = ''
  child.stdout!.on('data', (part: Buffer) => {
    const lines = `${rest}${part}`.split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      if (process.env.SOAK_LOG) process.stderr.write(`${child.pid} ${line}\n`)
      const { msg, job } = JSON.parse(line) as { msg?: string; job?: string }
      if (msg === 'job queued' && job) onQueued(job)
    }
  })
  const ready = waitForOutput(child, /"msg":"ready"/)
  ready.catch(() => {}) // it was killed before
  return { options, child, ready }
}

export function hasExited({ child }: Member): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** After this long a process that was asked to end is killed, in milliseconds. A bot closes within 6 seconds. */
const END_TIMEOUT_MS = 20_000

/** Send a signal, and wait for the end of the process. */
export async function endMember(member: Member, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (hasExited(member)) return
  const exit = once(member.child, 'exit')
  member.child.kill(signal)
  member.child.kill('SIGCONT') // one that stands still ends when it wakes
  const timer = setTimeout(() => member.child.kill('SIGKILL'), END_TIMEOUT_MS)
  await exit
  clearTimeout(timer)
}
