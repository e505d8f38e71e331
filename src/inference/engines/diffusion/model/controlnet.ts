import type { OnnxSession, TensorData } from '../../../onnx/session.js'
import type { Conditioning } from './unet.js'

/** What ControlNets add to a UNet, by the names of its inputs; one array for each item of a batch. */
export type Residuals = Readonly<Record<string, TensorData>>

/** A ControlNet (Zhang et al. 2023) as an ONNX graph. */
export function createControlNet(session: OnnxSession) {
  const count = session.outputs.length
  return {
    /** The number of residuals; the last one is for the middle block. */
    count,
    /**
     * The residuals of one item.
     *
     * @param sample noisy latents of 4 channels, as the UNet gets them
     * @param hint shape [3, 8 · height, 8 · width]
     * @param scales what each residual is multiplied by
     * @throws InferenceError
     */
    async residuals(
      { sample, condition }: { readonly sample: Float32Array; readonly condition: Conditioning },
      timestep: number,
      [height, width]: readonly [number, number],
      hint: Float32Array,
      scales: readonly number[],
    ): Promise<Residuals> {
      const { promptEmbeds, pooledPromptEmbeds, timeIds } = condition
      const inputs: Record<string, TensorData> = {
        sample: { data: sample, dims: [1, sample.length / (height * width), height, width] },
        timestep: { data: Float32Array.of(timestep), dims: [1] },
        encoder_hidden_states: promptEmbeds,
        controlnet_cond: { data: hint, dims: [1, 3, 8 * height, 8 * width] },
        conditioning_scale: { data: Float32Array.from(scales), dims: [1, count] },
      }
      if (session.inputs.has('text_embeds')) {
        inputs.text_embeds = { data: pooledPromptEmbeds!, dims: [1, pooledPromptEmbeds!.length] }
        inputs.time_ids = { data: Float32Array.from(timeIds!), dims: [1, timeIds!.length] }
      }
      return session.run(inputs, session.outputs)
    },
  }
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
