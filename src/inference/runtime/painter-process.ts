import { UserError } from '../../user-error.js'
import { createEngineRegistry } from '../engines/registry.js'
import { sharpFromPixels } from '../image/decode.js'
import { setCudaRoot } from '../onnx/cuda-folder.js'
import type { Progress } from '../pipeline/engine.js'
import { paint } from '../pipeline/paint.js'
import { companionsOf } from '../pipeline/used-controls.js'
import { engineCache } from './engine-cache.js'
import { preferAsVictim } from './limit-memory.js'
import type { PainterCommand, PainterEvent } from './painter.js'

// The painting process; painter.ts starts it, with the model folder, the device and the folder of CUDA's libraries as arguments. An empty
// one is not set.

const [modelFolder = '', device = '', cudaRoot = ''] = process.argv.slice(2)
if (cudaRoot) setCudaRoot(cudaRoot)
preferAsVictim()
const engines = createEngineRegistry({ modelFolder })
const cache = engineCache({ engines, device: device || undefined })
const running = new Map<number, AbortController>()

process.on('message', (message: PainterCommand) => {
  if (message.type === 'cancel') running.get(message.id)?.abort()
  else void serve(message)
})
// The process that started this one is gone.
process.on('disconnect', () => process.exit(0))
// Ctrl+C and systemd signal every process of a service. A running request may be finished: the parent ends this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})

async function serve({ id, request }: Extract<PainterCommand, { type: 'paint' }>): Promise<void> {
  const controller = new AbortController()
  running.set(id, controller)
  const { signal } = controller
  const progress = progressReporter(id)
  try {
    const engine = await cache.get(request.engine, companionsOf(request, engines))
    const result = await paint(request, engine, { engines, signal, onProgress: progress.report, openEngine: cache.get })
    await progress.finished()
    send({ type: 'done', id, result })
  } catch (error) {
    if (error instanceof UserError) send({ type: 'problem', id, problem: error.problem })
    else {
      const { message, stack } = error instanceof Error ? error : new Error(String(error))
      send({ type: 'failed', id, message, stack })
    }
  } finally {
    running.delete(id)
  }
}

/** Sends progress; a preview is encoded only when the one before was sent, so that they never pile up. */
function progressReporter(id: number) {
  let latest = 0
  let encoding: Promise<void> | undefined
  return {
    report({ done, preview }: Progress) {
      latest = done
      send({ type: 'progress', id, progress: { done } })
      if (!preview || encoding) return
      encoding = sharpFromPixels(preview)
        .jpeg({ quality: 80 })
        .toBuffer()
        .then(jpeg => send({ type: 'progress', id, progress: { done: latest, preview: jpeg } }))
        .finally(() => {
          encoding = undefined
        })
    },
    async finished() {
      await encoding
    },
  }
}

function send(event: PainterEvent): void {
  if (process.connected) process.send?.(event)
}
