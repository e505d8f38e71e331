import { type ChildProcess, fork } from 'node:child_process'
import { totalmem } from 'node:os'
import { pathToFileURL } from 'node:url'
import { type Problem, UserError } from '../../user-error.js'
import { workerPath } from './worker-path.js'

/** A process for what is decoded or encoded outside of this one, one task at a time. */
export interface WorkerProcess<Task, Answer> {
  /** @throws UserError what the task throws; `picture-too-demanding` where the process ended, or took too long */
  run(task: Task): Promise<Answer>
  close(): Promise<void>
}

/** What the process sends. `failed` is a bug, `problem` something that the person can act on. */
export type WorkerEvent =
  | { type: 'done'; answer: unknown }
  | { type: 'problem'; problem: Problem }
  | { type: 'failed'; message: string; stack: string | undefined }

/** The process ends after this long without a task: another start takes a quarter of a second. In milliseconds. */
const IDLE_MS = 60_000

/**
 * What a process may take at most, in bytes: a mask of 50 megapixels that marks a copy of its picture takes 2.6 GB. On small
 * machines it is half of the memory, so that the bot keeps its part.
 */
const MEMORY_LIMIT_BYTES = Math.min(3 * 1024 ** 3, availableMemory() / 2)

export type WorkerProcessOptions = {
  /** How long a task may take, in milliseconds. */
  readonly timeoutMs: number
  /** In bytes of resident memory. */
  readonly memoryLimit?: number
  /** How long the process waits for another task, in milliseconds. */
  readonly idleMs?: number
}

/**
 * A process that starts with the first task and ends a minute after the last. One that takes too much memory or time is
 * killed: its task fails, the next task gets another process.
 *
 * @param url `import.meta.url` of the calling module
 * @param name of the module next to it whose default export does the tasks, without extension
 */
export function workerProcess<Task, Answer>(
  url: string,
  name: string,
  { timeoutMs, memoryLimit = MEMORY_LIMIT_BYTES, idleMs = IDLE_MS }: WorkerProcessOptions,
): WorkerProcess<Task, Answer> {
  let child: ChildProcess | undefined
  let last: Promise<unknown> = Promise.resolve()
  let idleTimer: NodeJS.Timeout | undefined
  let isClosed = false

  function start(): ChildProcess {
    const { filename, execArgv } = workerPath(import.meta.url, 'task-process')
    const task = pathToFileURL(workerPath(url, name).filename).href
    const started = fork(filename, [task, String(Math.round(memoryLimit))], {
      execArgv,
      // Tokens and passwords stay out of the process that reads what strangers send.
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    started.once('exit', () => {
      if (child === started) child = undefined
    })
    return started
  }

  function perform(task: Task): Promise<Answer> {
    clearTimeout(idleTimer)
    if (isClosed) return Promise.reject(new Error('the process was closed'))
    child ??= start()
    const process = child
    let removeListeners = () => {}
    const answer = new Promise<Answer>((resolve, reject) => {
      const fail = (cause: Error) => reject(new UserError({ code: 'picture-too-demanding' }, { cause }))
      const onExit = (code: number | null, signal: string | null) =>
        fail(new Error(`the process ended with ${signal ?? `code ${code}`}`))
      const onMessage = (event: WorkerEvent) => {
        if (event.type === 'done') resolve(event.answer as Answer)
        else if (event.type === 'problem') reject(new UserError(event.problem))
        else reject(Object.assign(new Error(event.message), { stack: event.stack }))
      }
      const timer = setTimeout(() => process.kill('SIGKILL'), timeoutMs)
      process.on('error', fail)
      process.on('exit', onExit)
      process.on('message', onMessage)
      removeListeners = () => {
        clearTimeout(timer)
        process.off('error', fail)
        process.off('exit', onExit)
        process.off('message', onMessage)
      }
      // Without a callback, a broken channel is an `error` event.
      process.send({ task })
    })
    return answer.finally(() => {
      removeListeners()
      if (!isClosed) idleTimer = setTimeout(release, idleMs).unref()
    })
  }

  /** A process without a parent ends itself. */
  function release() {
    if (child?.connected) child.disconnect()
    child = undefined
  }

  return {
    run(task) {
      const answer = last.then(() => perform(task))
      last = answer.catch(() => {})
      return answer
    },
    async close() {
      isClosed = true
      clearTimeout(idleTimer)
      const open = child
      if (!open) return
      const exited = new Promise(resolve => open.once('exit', resolve))
      open.kill('SIGKILL')
      await exited
    },
  }
}

/** The machine's memory, or what the container may use of it, in bytes. */
function availableMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
}
