import { fork } from 'node:child_process'
import { type Problem, UserError } from '../../user-error.js'
import type { PaintRequest, PaintResult } from '../pipeline/paint.js'
import { workerPath } from './worker-path.js'

/** How far the painting is, from 0 to 1, and now and then a small JPEG of its state. */
export type PaintProgress = { readonly done: number; readonly preview?: Uint8Array }

/**
 * Paints in a process of its own, one request at a time: neither a long computation, nor a crash or a lack of memory
 * in native code touches the process that asked.
 */
export interface Painter {
  /** @throws UserError, `engine-crashed` and `engine-killed` among them; the signal's reason soon after it fires */
  paint(
    request: PaintRequest,
    hooks: { readonly signal: AbortSignal; readonly onProgress: (progress: PaintProgress) => void },
  ): Promise<PaintResult>
  close(): Promise<void>
}

/** What goes to the painting process. */
export type PainterCommand = { type: 'paint'; id: number; request: PaintRequest } | { type: 'cancel'; id: number }

/** What comes back from it. `failed` is a bug, `problem` something that the person can act on. */
export type PainterEvent =
  | { type: 'progress'; id: number; progress: PaintProgress }
  | { type: 'done'; id: number; result: PaintResult }
  | { type: 'problem'; id: number; problem: Problem }
  | { type: 'failed'; id: number; message: string; stack: string | undefined }

/** After this long, in milliseconds, a process that does not heed its cancelling is killed. */
const PATIENCE = 5000

/** So long after the last request its process ends, in milliseconds: later than models are closed, and a start takes half a second. */
const IDLE = 15 * 60_000

/**
 * A painter; its process starts with the first request, ends when it has had nothing to do for a while, and starts again with the next
 * one, also after a crash.
 *
 * @param device that models are computed on, as `parseDevice` takes it; what the environment says if left out
 * @param idle for how long it waits for another request, in milliseconds
 */
export function painter(device?: string, idle = IDLE): Painter {
  let child: ReturnType<typeof start> | undefined
  let last = 0
  let busy = 0
  let rest: NodeJS.Timeout | undefined
  let closed = false

  function start() {
    const { filename, execArgv } = workerPath(import.meta.url, 'painter-process')
    const started = fork(filename, {
      execArgv,
      ...(device !== undefined && { env: { ...process.env, DEVICE: device } }),
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    // Its end is seen by whoever waits for an answer; with nobody waiting the next request starts another.
    started.once('exit', () => {
      if (child === started) child = undefined
    })
    return started
  }

  /** It ends by itself once nobody is there to ask it. */
  function letGo() {
    if (child?.connected) child.disconnect()
    child = undefined
  }

  return {
    async paint(request, { signal, onProgress }) {
      if (closed) throw new Error('the painter was closed')
      signal.throwIfAborted()
      clearTimeout(rest)
      child ??= start()
      busy++
      const process = child
      const id = ++last
      let patience: NodeJS.Timeout | undefined
      let leave = () => {}
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
        const broken = (code: 'engine-crashed' | 'engine-killed', cause: Error) =>
          fail(new UserError({ code }, { cause }))
        const onError = (cause: Error) => broken('engine-crashed', cause)
        const onExit = (code: number | null, killedBy: string | null) => {
          const cause = new Error(`the painting process ended with ${killedBy ?? `code ${code}`}`)
          // Nothing that breaks down by itself ends like this; and we do it only to what was cancelled, or when closing.
          broken(killedBy === 'SIGKILL' && !closed ? 'engine-killed' : 'engine-crashed', cause)
        }
        const onAbort = () => {
          process.send({ type: 'cancel', id } satisfies PainterCommand)
          patience = setTimeout(() => process.kill('SIGKILL'), PATIENCE)
        }
        process.on('message', onMessage)
        process.once('error', onError)
        process.once('exit', onExit)
        signal.addEventListener('abort', onAbort, { once: true })
        leave = () => {
          clearTimeout(patience)
          signal.removeEventListener('abort', onAbort)
          process.off('message', onMessage)
          process.off('error', onError)
          process.off('exit', onExit)
        }
        process.send({ type: 'paint', id, request } satisfies PainterCommand)
      })
      return answer.finally(() => {
        leave()
        busy--
        if (busy === 0 && !closed) rest = setTimeout(letGo, idle).unref()
      })
    },

    async close() {
      closed = true
      clearTimeout(rest)
      const open = child
      if (!open) return
      const ended = new Promise(resolve => open.once('exit', resolve))
      open.kill('SIGKILL')
      await ended
    },
  }
}
