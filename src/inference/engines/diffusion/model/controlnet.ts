import type { ControlNetRequest } from '../../../checkpoint/controlnet.js'
import type { OnnxSession, TensorData } from '../../../onnx/session.js'
import type { Conditioning, Residuals } from './unet.js'

/** A ControlNet (Zhang et al. 2023) as an ONNX graph. */
export function createControlNet(
  session: OnnxSession,
  { name, task, isUnion }: ControlNetRequest & { readonly isUnion: boolean },
) {
  const count = session.outputs.length
  return {
    name,
    task,
    /** The number of residuals; the last one is for the middle block. */
    count,
    /** It was trained with black under the mask. */
    isUnion,
    /**
     * The residuals of each item of a batch.
     *
     * @param hint shape [3, 8 · height, 8 · width]
     * @throws InferenceError
     */
    async residuals(
      items: readonly ControlledItem[],
      timestep: number,
      [height, width]: readonly [number, number],
      hint: Float32Array,
    ): Promise<Residuals[]> {
      const rows = (of: (item: ControlledItem) => ArrayLike<number>, ...sides: number[]): TensorData => {
        const values = items.map(of)
        const data = new Float32Array(values.length * values[0]!.length)
        for (const [index, one] of values.entries()) data.set(one, index * one.length)
        return { data, dims: [items.length, ...(sides.length > 0 ? sides : [values[0]!.length])] }
      }
      const [tokens, context] = items[0]!.condition.promptEmbeds.dims.slice(1)
      const inputs: Record<string, TensorData> = {
        sample: rows(({ sample }) => sample, items[0]!.sample.length / (height * width), height, width),
        timestep: { data: new Float32Array(items.length).fill(timestep), dims: [items.length] },
        encoder_hidden_states: rows(({ condition }) => condition.promptEmbeds.data, tokens!, context!),
        controlnet_cond: { data: hint, dims: [1, 3, 8 * height, 8 * width] },
        conditioning_scale: rows(({ scales }) => scales),
      }
      if (session.inputs.has('text_embeds')) {
        inputs.text_embeds = rows(({ condition }) => condition.pooledPromptEmbeds!)
        inputs.time_ids = rows(({ condition }) => condition.timeIds!)
      }
      const results = await session.run(inputs, session.outputs)
      return items.map((_, index) => {
        const own = Object.entries(results).map(([name, { data, dims }]) => {
          const length = data.length / items.length
          return [name, { data: data.subarray(index * length, (index + 1) * length), dims: [1, ...dims.slice(1)] }]
        })
        return Object.fromEntries(own)
      })
    },
  }
}

/** One item of a batch. */
export type ControlledItem = {
  /** Noisy latents of 4 channels, as the UNet gets them. */
  readonly sample: Float32Array
  readonly condition: Conditioning
  /** What each residual is multiplied by. */
  readonly scales: readonly number[]
}

export type ControlNet = ReturnType<typeof createControlNet>

/** The sum of what several ControlNets add. */
export function addResiduals(all: readonly Residuals[]): Residuals {
  if (all.length === 1) return all[0]!
  return Object.fromEntries(
    Object.entries(all[0]!).map(([name, { data, dims }]) => {
      const sum = data.slice()
      for (const other of all.slice(1)) {
        const values = other[name]!.data
        for (let at = 0; at < sum.length; at++) sum[at]! += values[at]!
      }
      return [name, { data: sum, dims }]
    }),
  )
}
