import { UserError } from '../../user-error.js'
import { sharpFromPixels } from '../image/decode.js'
import type { Progress } from '../pipeline/engine.js'
import { paint } from '../pipeline/paint.js'
import { engineCache } from './engine-cache.js'
import type { PainterCommand, PainterEvent } from './painter.js'

// The painting process: see painter.ts for the other end. Engines stay warm between requests.

const engines = engineCache()
const running = new Map<number, AbortController>()

process.on('message', (message: PainterCommand) => {
  if (message.type === 'cancel') running.get(message.id)?.abort()
  else void serve(message)
})
// Whoever asked is gone.
process.on('disconnect', () => process.exit(0))
// Ctrl+C and systemd tell every process of a service to stop. What is being painted may be finished: whoever asked ends us.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})

async function serve({ id, request }: Extract<PainterCommand, { type: 'paint' }>): Promise<void> {
  const controller = new AbortController()
  running.set(id, controller)
  const { signal } = controller
  const progress = previews(id)
  try {
    const engine = await engines.get(request.engine)
    const result = await paint(request, engine, { signal, onProgress: progress.tell })
    await progress.finished()
    say({ type: 'done', id, result })
  } catch (error) {
    if (error instanceof UserError) say({ type: 'problem', id, problem: error.problem })
    else {
      const { message, stack } = error instanceof Error ? error : new Error(String(error))
      say({ type: 'failed', id, message, stack })
    }
  } finally {
    running.delete(id)
  }
}

/** Hands progress on; a preview is encoded only when the one before has gone, so that they never pile up. */
function previews(id: number) {
  let latest = 0
  let encoding: Promise<void> | undefined
  return {
    tell({ done, preview }: Progress) {
      latest = done
      say({ type: 'progress', id, progress: { done } })
      if (!preview || encoding) return
      encoding = sharpFromPixels(preview)
        .jpeg({ quality: 80 })
        .toBuffer()
        .then(jpeg => say({ type: 'progress', id, progress: { done: latest, preview: jpeg } }))
        .finally(() => {
          encoding = undefined
        })
    },
    async finished() {
      await encoding
    },
  }
}

function say(message: PainterEvent): void {
  if (process.connected) process.send?.(message)
}
