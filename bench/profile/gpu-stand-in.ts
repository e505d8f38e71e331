import type { Vae } from '../../src/inference/engines/diffusion/model/vae.js'
import type { OnnxSession } from '../../src/inference/onnx/session.js'

/**
 * A session whose runs block the thread as long as a GPU would need, as onnxruntime-node does, while the processor is free for other
 * threads.
 *
 * @param milliseconds of each run
 */
export function asSlowAsGpu(session: OnnxSession, milliseconds: number): OnnxSession {
  return {
    ...session,
    async run(inputs, outputs) {
      const results = await session.run(inputs, outputs)
      block(milliseconds)
      return results
    },
  }
}

/** The same of an autoencoder. @param milliseconds of each half */
export function vaeAsSlowAsGpu(vae: Vae, milliseconds: { readonly encode: number; readonly decode: number }): Vae {
  const slow =
    <Given extends unknown[]>(run: (...given: Given) => Promise<Float32Array>, time: number) =>
    async (...given: Given) => {
      const result = await run(...given)
      block(time)
      return result
    }
  return { ...vae, encode: slow(vae.encode, milliseconds.encode), decode: slow(vae.decode, milliseconds.decode) }
}

const nothing = new Int32Array(new SharedArrayBuffer(4))

function block(milliseconds: number): void {
  if (milliseconds > 0) Atomics.wait(nothing, 0, 0, milliseconds)
}
