import { UserError } from '../../user-error.js'
import { limitMemory, preferAsVictim } from './limit-memory.js'
import type { WorkerEvent } from './worker-process.js'

// The process of worker-process.ts. Arguments: the URL of the module that does the tasks, and the limit of memory in bytes.

const [moduleUrl = '', memoryLimit = ''] = process.argv.slice(2)
limitMemory(Number(memoryLimit))
preferAsVictim()
const loaded: Promise<{ default(task: unknown): Promise<unknown> }> = import(moduleUrl)

process.on('message', ({ task }: { task: unknown }) => void serve(task))
// The process that started this one is gone.
process.on('disconnect', () => process.exit(0))
// Ctrl+C and systemd signal every process of a service. The parent ends this one.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})

async function serve(task: unknown): Promise<void> {
  try {
    send({ type: 'done', answer: await (await loaded).default(task) })
  } catch (error) {
    if (error instanceof UserError) send({ type: 'problem', problem: error.problem })
    else {
      const { message, stack } = error instanceof Error ? error : new Error(String(error))
      send({ type: 'failed', message, stack })
    }
  }
}

function send(event: WorkerEvent): void {
  if (process.connected) process.send?.(event)
}
