import { type ChildProcess, fork } from 'node:child_process'
import { childEnvironment } from '../../child-environment.js'
import { type Problem, UserError } from '../../user-error.js'
import { cudaRoot } from '../onnx/cuda-folder.js'
import type { PaintRequest, PaintResult } from '../pipeline/paint-request.js'
import { HEAP_FLAGS, MALLOC_SETTINGS } from './memory-settings.js'
import { workerPath } from './worker-path.js'

/** `done` from 0 to 1, and now and then a small JPEG of the state. */
export type PaintProgress = { readonly done: number; readonly preview?: Uint8Array }

/**
 * Paints in a separate process, one request at a time: a long computation, a crash or a lack of memory in native code does not
 * affect the caller's process.
 */
export interface Painter {
  /** @throws UserError, `engine-crashed` and `engine-killed` among them; the signal's reason soon after it fires */
  paint(
    request: PaintRequest,
    hooks: { readonly signal: AbortSignal; readonly onProgress: (progress: PaintProgress) => void },
  ): Promise<PaintResult>
  close(): Promise<void>
}

/** What the painting process receives. */
export type PainterCommand = { type: 'paint'; id: number; request: PaintRequest } | { type: 'cancel'; id: number }

/** What the painting process sends. `failed` is a bug, `problem` something that the person can act on. */
export type PainterEvent =
  | { type: 'progress'; id: number; progress: PaintProgress }
  | { type: 'done'; id: number; result: PaintResult }
  | { type: 'problem'; id: number; problem: Problem }
  | { type: 'failed'; id: number; message: string; stack: string | undefined }

/** A process that ignores its cancellation for this long is killed, in milliseconds. */
const CANCEL_TIMEOUT_MS = 5000

/** The process ends this long after its last request, in milliseconds: another start takes about half a second. */
const IDLE_MS = 15 * 60_000

export type PainterOptions = {
  readonly modelFolder: string
  /** That models are computed on, as `parseDevice` takes it; the fastest that works if left out. */
  readonly device?: string | undefined
  /** How long the process waits for another request, in milliseconds. */
  readonly idleMs?: number
}

/**
 * A painter. Its process starts with the first request, ends when it was idle for a while, and starts again with the next request,
 * also after a crash.
 */
export function painter({ modelFolder, device, idleMs = IDLE_MS }: PainterOptions): Painter {
  let child: ReturnType<typeof start> | undefined
  let lastId = 0
  let running = 0
  let idleTimer: NodeJS.Timeout | undefined
  let isClosed = false

  function start() {
    const { filename, execArgv } = workerPath(import.meta.url, 'painter-process')
    const started = fork(filename, [modelFolder, device ?? '', cudaRoot() ?? ''], {
      execArgv: [...execArgv, ...HEAP_FLAGS],
      env: { ...MALLOC_SETTINGS, ...childEnvironment() },
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    // A request that waits for an answer sees the exit itself; otherwise the next request starts another process.
    started.once('exit', () => {
      if (child === started) child = undefined
    })
    return started
  }

  /** A process without a parent ends itself. */
  function release() {
    if (child?.connected) child.disconnect()
    child = undefined
  }

  return {
    async paint(request, hooks) {
      if (isClosed) throw new Error('the painter was closed')
      hooks.signal.throwIfAborted()
      clearTimeout(idleTimer)
      child ??= start()
      running++
      return requestPicture(child, ++lastId, request, hooks, () => isClosed).finally(() => {
        running--
        if (running === 0 && !isClosed) idleTimer = setTimeout(release, idleMs).unref()
      })
    },

    async close() {
      isClosed = true
      clearTimeout(idleTimer)
      const last = child
      if (!last) return
      const exited = new Promise(resolve => last.once('exit', resolve))
      last.kill('SIGKILL')
      await exited
    },
  }
}

type PaintHooks = Parameters<Painter['paint']>[1]

/**
 * Send a request to the painting process.
 *
 * @param isClosed whether the painter was closed, which kills the process
 */
function requestPicture(
  process: ChildProcess,
  id: number,
  request: PaintRequest,
  { signal, onProgress }: PaintHooks,
  isClosed: () => boolean,
): Promise<PaintResult> {
  let killTimer: NodeJS.Timeout | undefined
  let removeListeners = () => {}
  const answer = new Promise<PaintResult>((resolve, reject) => {
    const fail = (error: unknown) => reject(signal.aborted ? signal.reason : error)
    const onMessage = (message: PainterEvent) => {
      if (message.id !== id) return
      switch (message.type) {
        case 'progress':
          return onProgress(message.progress)
        case 'done':
          return resolve(message.result)
        case 'problem':
          return fail(new UserError(message.problem))
        case 'failed':
          return fail(Object.assign(new Error(message.message), { stack: message.stack }))
      }
    }
    const failWith = (code: 'engine-crashed' | 'engine-killed', cause: Error) =>
      fail(new UserError({ code }, { cause }))
    const onError = (cause: Error) => failWith('engine-crashed', cause)
    const onExit = (code: number | null, killedBy: string | null) => {
      const cause = new Error(`the painting process ended with ${killedBy ?? `code ${code}`}`)
      // A crash never ends like this. This module kills only what was cancelled, or when closing: else it was the system.
      failWith(killedBy === 'SIGKILL' && !isClosed() ? 'engine-killed' : 'engine-crashed', cause)
    }
    const onAbort = () => {
      process.send({ type: 'cancel', id } satisfies PainterCommand)
      killTimer = setTimeout(() => process.kill('SIGKILL'), CANCEL_TIMEOUT_MS)
    }
    process.on('message', onMessage)
    process.once('error', onError)
    process.once('exit', onExit)
    signal.addEventListener('abort', onAbort, { once: true })
    removeListeners = () => {
      clearTimeout(killTimer)
      signal.removeEventListener('abort', onAbort)
      process.off('message', onMessage)
      process.off('error', onError)
      process.off('exit', onExit)
    }
    process.send({ type: 'paint', id, request } satisfies PainterCommand)
  })
  return answer.finally(() => removeListeners())
}
