import type { OnnxSession } from '../../src/inference/onnx/session.js'

/**
 * A session whose runs block the thread as long as a GPU would need, as onnxruntime-node does, while the processor is free for other
 * threads.
 *
 * @param milliseconds of each run
 */
export function asSlowAsGpu(session: OnnxSession, milliseconds: number): OnnxSession {
  const nothing = new Int32Array(new SharedArrayBuffer(4))
  return {
    ...session,
    async run(inputs, outputs) {
      const results = await session.run(inputs, outputs)
      if (milliseconds > 0) Atomics.wait(nothing, 0, 0, milliseconds)
      return results
    },
  }
}
