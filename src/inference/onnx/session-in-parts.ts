import type { InputTensor } from './device-tensor.js'
import type { OnnxSession } from './session.js'

/**
 * Two graphs that compute one network: what the first one returns is part of the input of the second one. Only one of them is in the
 * memory of the device at a time, so that each run opens both again.
 */
export function sessionInParts(first: OnnxSession, second: OnnxSession): OnnxSession {
  const handedOver = new Set(first.outputs)
  const inputs = new Map([...first.inputs, ...[...second.inputs].filter(([name]) => !handedOver.has(name))])
  return {
    variant: first.variant,
    inputs,
    outputs: second.outputs,
    async run(given, wanted) {
      const ownInputs = ({ inputs: own }: OnnxSession): Record<string, InputTensor> =>
        Object.fromEntries(Object.entries(given).filter(([name]) => own.has(name)))
      const results = await first.run(ownInputs(first), first.outputs).finally(first.suspend)
      return second.run({ ...ownInputs(second), ...results }, wanted).finally(second.suspend)
    },
    async suspend() {
      await first.suspend()
      await second.suspend()
    },
    async close() {
      await first.close()
      await second.close()
    },
  }
}
