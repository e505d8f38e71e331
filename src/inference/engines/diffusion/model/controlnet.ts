import type { ControlNetRequest } from '../../../checkpoint/controlnet.js'
import type { InputMetadata, OnnxSession, TensorData } from '../../../onnx/session.js'
import type { Conditioning, Residuals } from './unet.js'

/** A ControlNet (Zhang et al. 2023) as an ONNX graph: written by us, or exported. */
export function createControlNet(
  session: OnnxSession,
  { name, task, isUnion }: ControlNetRequest & { readonly isUnion: boolean },
) {
  const count = session.outputs.length
  const scaling = session.inputs.get('conditioning_scale')
  /** Exports take one factor for all residuals, or none. */
  const scalesInside = scaling?.dims.length === 2
  const residualName = (index: number) =>
    index === count - 1 ? 'mid_block_res_sample' : `down_block_res_samples.${index}`
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
        timestep: filled(session.inputs.get('timestep')!, items.length, timestep),
        encoder_hidden_states: rows(({ condition }) => condition.promptEmbeds.data, tokens!, context!),
        controlnet_cond: { data: hint, dims: [1, 3, 8 * height, 8 * width] },
      }
      if (scaling) inputs.conditioning_scale = scalesInside ? rows(({ scales }) => scales) : filled(scaling, 1, 1)
      if (session.inputs.has('text_embeds')) {
        inputs.text_embeds = rows(({ condition }) => condition.pooledPromptEmbeds!)
        inputs.time_ids = rows(({ condition }) => condition.timeIds!)
      }
      const results = await session.run(inputs, session.outputs)
      return items.map(({ scales }, index) => {
        const own = session.outputs.map((output, residual) => {
          const { data, dims } = results[output]!
          const length = data.length / items.length
          const values = data.subarray(index * length, (index + 1) * length)
          const scaled = scalesInside ? values : values.map(value => value * scales[residual]!)
          return [residualName(residual), { data: scaled, dims: [1, ...dims.slice(1)] }] as const
        })
        return Object.fromEntries(own)
      })
    },
  }
}

/** An input that is one number for each item of a batch, or a scalar. */
function filled({ dims }: InputMetadata, count: number, value: number): TensorData {
  const sides = dims.length === 0 ? [] : [count]
  return { data: new Float32Array(sides[0] ?? 1).fill(value), dims: sides }
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
