import type { InferenceSession } from 'onnxruntime-node'
import { onnxruntime } from '../src/inference/onnx/cuda-folder.js'

/** Milliseconds that work takes as a whole, and inside of onnxruntime's `session.run`. */
export async function timeInOnnxruntime(work: () => Promise<unknown>): Promise<{ whole: number; inside: number }> {
  // The type declares a factory; at runtime it is a class with a prototype.
  const { prototype } = onnxruntime().InferenceSession as unknown as { prototype: InferenceSession }
  const { run } = prototype
  let inside = 0
  async function timed(this: InferenceSession, ...given: Parameters<typeof run>) {
    const begun = performance.now()
    const results = await run.apply(this, given)
    inside += performance.now() - begun
    return results
  }
  prototype.run = timed as typeof run
  try {
    const begun = performance.now()
    await work()
    return { whole: performance.now() - begun, inside }
  } finally {
    prototype.run = run
  }
}
