import type { OnnxSession } from './session.js'
import type { TensorData } from './tensor-data.js'

/**
 * A graph in half precision that moves to single precision for good when a result isn't finite: values that are too
 * large may first appear in a real picture.
 *
 * @param openSingle opens the same graph in single precision
 */
export function withPrecisionFallback(half: OnnxSession, openSingle: () => Promise<OnnxSession>): OnnxSession {
  let single: OnnxSession | undefined
  return {
    get variant() {
      return (single ?? half).variant
    },
    inputs: half.inputs,
    outputs: half.outputs,
    async run(inputs, wanted) {
      if (!single) {
        const results = await half.run(inputs, wanted)
        if (Object.values<TensorData>(results).every(({ data }) => data.every(Number.isFinite))) return results
        await half.suspend()
        single = await openSingle()
      }
      return single.run(inputs, wanted)
    },
    suspend: () => (single ?? half).suspend(),
    async close() {
      await half.close()
      await single?.close()
    },
  }
}
