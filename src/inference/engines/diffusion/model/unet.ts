import { disposeTensors, type InputTensor } from '../../../onnx/device-tensor.js'
import { type OnnxSession, OutOfMemoryError } from '../../../onnx/session.js'
import type { TensorData } from '../../../onnx/tensor-data.js'
import { lastResult } from './last-result.js'

/** An encoded prompt; the pooled embedding and the six time ids are inputs of SDXL. Names are diffusers'. */
export type Conditioning = {
  readonly promptEmbeds: TensorData
  readonly pooledPromptEmbeds?: Float32Array | undefined
  readonly timeIds?: readonly number[] | undefined
}

/** What ControlNets add to the UNet for a batch, by the names of the inputs. */
export type Residuals = Readonly<Record<string, InputTensor>>

/**
 * What ControlNets add to the rows from `start` to before `end`; undefined for nothing. The UNet asks for the rows of one run at a time,
 * and disposes of it afterwards.
 */
export type ResidualsOf = (start: number, end: number) => Promise<Residuals | undefined>

/** One item of a batch: latents, for inpainting models with the mask and the masked image, and the prompt. */
export type UnetBatchItem = {
  readonly sample: Float32Array
  readonly condition: Conditioning
}

/**
 * Common to the whole batch: height and width of the latents, and the guidance scale for models with a guidance
 * embedding.
 */
export type UnetCallOptions = { readonly size: readonly [number, number]; readonly guidanceScale: number }

/**
 * The denoising network of Stable Diffusion as an ONNX graph.
 *
 * @param batchSize rows per run; after running out of memory, one. It never depends on timing: results differ in their
 *   last digits with the batch size, and the same seed has to give the same picture
 * @param log receives one line for each memory fallback
 */
export function createUnet(session: OnnxSession, batchSize: number, log: (line: string) => void = () => {}) {
  const [, channels] = inputDims(session, 'sample')
  if (channels !== 4 && channels !== 9) throw new RangeError(`its UNet takes ${channels} channels, not 4 or 9`)
  const [maxBatch] = inputDims(session, 'sample')
  const [, , height, width] = inputDims(session, 'sample')
  const timestepAxes = inputDims(session, 'timestep').length

  const guidanceWidth = session.inputs.get('timestep_cond')?.dims[1]

  const run = async (
    rows: readonly UnetBatchItem[],
    timestep: number,
    { size, guidanceScale }: UnetCallOptions,
    residuals: Residuals | undefined,
  ) => {
    const count = rows.length
    const inputs: Record<string, InputTensor> = {
      sample: { data: concatRows(rows.map(({ sample }) => sample)), dims: [count, channels, ...size] },
      timestep:
        timestepAxes === 0
          ? { data: Float32Array.of(timestep), dims: [] }
          : { data: new Float32Array(count).fill(timestep), dims: [count] },
      ...conditionInputs(rows.map(({ condition }) => condition)),
    }
    if (typeof guidanceWidth === 'number') {
      const guidanceCond = guidanceEmbedding(guidanceScale, guidanceWidth)
      inputs.timestep_cond = { data: concatRows(rows.map(() => guidanceCond)), dims: [count, guidanceWidth] }
    }
    for (const name of residualNames) inputs[name] = residuals?.[name] ?? NO_RESIDUAL
    const { [output]: result } = await session.run(inputs, [output])
    return splitRows(result!.data, count)
  }
  /** Most steps have the same conditions. The session keeps what it made of inputs that stay the same. */
  const conditionInputs = lastResult((conditions: readonly Conditioning[]): Record<string, TensorData> => {
    const count = conditions.length
    const [{ promptEmbeds, pooledPromptEmbeds, timeIds }] = conditions as [Conditioning]
    const prompts = {
      encoder_hidden_states: {
        data: concatRows(conditions.map(one => one.promptEmbeds.data)),
        dims: [count, ...promptEmbeds.dims.slice(1)],
      },
    }
    if (!session.inputs.has('text_embeds')) return prompts
    if (!pooledPromptEmbeds || !timeIds)
      throw new RangeError('its UNet wants to know the whole prompt, which no text encoder tells')
    const timeIdRows = conditions.map(one => Float32Array.from(one.timeIds!))
    return {
      ...prompts,
      text_embeds: {
        data: concatRows(conditions.map(one => one.pooledPromptEmbeds!)),
        dims: [count, pooledPromptEmbeds.length],
      },
      time_ids: { data: concatRows(timeIdRows), dims: [count, timeIds.length] },
    }
  })
  const residualNames = [...session.inputs.keys()].filter(name => name.includes(RESIDUAL_INPUT))
  const output = session.outputs.includes('out_sample') ? 'out_sample' : session.outputs[0]!
  let currentBatchSize = typeof maxBatch === 'number' ? Math.min(maxBatch, batchSize) : batchSize

  return {
    /** Input channels: 4, or 9 for inpainting models. */
    channels: channels as 4 | 9,
    /**
     * It takes the guidance scale as an input and needs no negative prompt (guidance distillation, Meng et al. 2023).
     */
    hasGuidanceEmbedding: guidanceWidth !== undefined,
    /** Height and width of the latents if the graph has a fixed size. */
    fixedSize: typeof height === 'number' && typeof width === 'number' ? ([height, width] as const) : undefined,

    /** The model's output for each row. @throws InferenceError */
    async predict(
      rows: readonly UnetBatchItem[],
      timestep: number,
      options: UnetCallOptions,
      residualsOf?: ResidualsOf,
    ): Promise<Float32Array[]> {
      const results: Float32Array[] = []
      while (results.length < rows.length) {
        const start = results.length
        const batch = rows.slice(start, start + currentBatchSize)
        let residuals: Residuals | undefined
        try {
          residuals = await residualsOf?.(start, start + batch.length)
          results.push(...(await run(batch, timestep, options, residuals)))
        } catch (error) {
          if (!(error instanceof OutOfMemoryError) || error.isDeviceLost || batch.length === 1) throw error
          currentBatchSize = 1
          log(`not enough memory, computing the prompt and the negative prompt one after the other (${error.message})`)
        } finally {
          if (residuals) disposeTensors(residuals)
        }
      }
      return results
    },
    close: () => session.close(),
  }
}

/** Part of the names of a UNet's inputs for ControlNets. */
export const RESIDUAL_INPUT = '_block_res_sample'

/** Nothing is added. It has any shape. */
export const NO_RESIDUAL: TensorData = { data: new Float32Array(1), dims: [1, 1, 1, 1] }

export type Unet = ReturnType<typeof createUnet>

function inputDims(session: OnnxSession, input: string): readonly (number | string)[] {
  const found = session.inputs.get(input)
  if (!found) throw new RangeError(`its UNet has no input called ${input}`)
  return found.dims
}

/** Sinusoidal embedding of the guidance scale, the `timestep_cond` of latent consistency models (Luo et al. 2023). */
function guidanceEmbedding(guidanceScale: number, width: number): Float32Array {
  const half = width >> 1
  return Float32Array.from({ length: width }, (_, at) => {
    const angle = (guidanceScale - 1) * 1000 * Math.exp((-Math.log(10_000) * (at % half)) / (half - 1))
    return at < half ? Math.sin(angle) : Math.cos(angle)
  })
}

/** Rows of the same length, one after the other. */
export function concatRows(rows: readonly Float32Array[]): Float32Array {
  const [first] = rows
  if (rows.length === 1) return first!
  const data = new Float32Array(rows.length * first!.length)
  for (const [index, row] of rows.entries()) data.set(row, index * first!.length)
  return data
}

function splitRows(data: Float32Array, count: number): Float32Array[] {
  const length = data.length / count
  return Array.from({ length: count }, (_, index) => data.subarray(index * length, (index + 1) * length))
}
