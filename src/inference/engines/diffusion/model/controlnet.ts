import type { ControlNetRequest } from '../../../checkpoint/controlnet.js'
import { previousName, residualName } from '../../../checkpoint/controlnet-graph.js'
import type { DeviceTensor } from '../../../onnx/device-tensor.js'
import type { InputMetadata, OnnxSession } from '../../../onnx/session.js'
import type { TensorData } from '../../../onnx/tensor-data.js'
import { lastResult } from './last-result.js'
import { type Conditioning, concatRows, NO_RESIDUAL, type Residuals } from './unet.js'

/** One item of a batch. */
export type ControlledItem = {
  /** Noisy latents of 4 channels, as the UNet gets them. */
  readonly sample: Float32Array
  readonly condition: Conditioning
  /** What each residual is multiplied by. */
  readonly scales: readonly number[]
}

/** What all items of a batch have in common. */
export type ControlNetCall = {
  readonly timestep: number
  /** Height and width of the latents. */
  readonly size: readonly [number, number]
  /** Shape [3, 8 · height, 8 · width]. */
  readonly hint: Float32Array
}

/** The residuals of one item, by the names of the UNet's inputs. Shapes [1, channels, height, width]. */
export type ItemResiduals = Readonly<Record<string, TensorData>>

export type ControlNet = ReturnType<typeof createControlNet>

/** Whether it adds something to an item. */
export const isControlled = ({ scales }: ControlledItem) => scales.some(scale => scale !== 0)

/** A ControlNet (Zhang et al. 2023) as an ONNX graph: written by us, or exported. */
export function createControlNet(
  session: OnnxSession,
  { name, task, isUnion }: ControlNetRequest & { readonly isUnion: boolean },
) {
  const count = session.outputs.length
  const names = session.outputs.map((_, index) => residualName(index, count))
  const scaling = session.inputs.get('conditioning_scale')
  /** Exports take one factor for all residuals, or none. */
  const scalesInside = scaling?.dims.length === 2
  const addsPrevious = session.inputs.has(previousName(names[0]!))
  /** A hint stays the same in all steps. The session keeps what it made of it. */
  const hints = new WeakMap<Float32Array, TensorData>()
  const hintInput = (data: Float32Array, [height, width]: ControlNetCall['size']) => {
    const input = hints.get(data) ?? { data, dims: [1, 3, 8 * height, 8 * width] }
    hints.set(data, input)
    return input
  }
  const conditionInputs = lastResult((conditions: readonly Conditioning[]): Record<string, TensorData> => {
    const [{ promptEmbeds }] = conditions as [Conditioning]
    const prompts = rows(
      conditions.map(one => one.promptEmbeds.data),
      promptEmbeds.dims.slice(1),
    )
    if (!session.inputs.has('text_embeds')) return { encoder_hidden_states: prompts }
    return {
      encoder_hidden_states: prompts,
      text_embeds: rows(conditions.map(one => one.pooledPromptEmbeds!)),
      time_ids: rows(conditions.map(one => Float32Array.from(one.timeIds!))),
    }
  })
  const inputsOf = (items: readonly ControlledItem[], { timestep, size, hint }: ControlNetCall) => ({
    sample: rows(
      items.map(({ sample }) => sample),
      [items[0]!.sample.length / (size[0] * size[1]), ...size],
    ),
    timestep: filled(session.inputs.get('timestep')!, items.length, timestep),
    ...conditionInputs(items.map(({ condition }) => condition)),
    controlnet_cond: hintInput(hint, size),
  })
  const scaleRows = (items: readonly ControlledItem[]) => rows(items.map(({ scales }) => Float32Array.from(scales)))
  const { runOnDevice } = session

  return {
    name,
    task,
    /** The number of residuals; the last one is for the middle block. */
    count,
    /** It was trained with black under the mask. Items of a batch attend to each other. */
    isUnion,
    /** {@link batchResiduals} takes those of other ControlNets. */
    addsPrevious,

    /**
     * The residuals of a batch as the UNet takes them, to be disposed of. Undefined for exports, which can't scale each residual.
     *
     * @param previous residuals of other ControlNets, which are added; only if {@link addsPrevious}
     * @throws InferenceError
     */
    batchResiduals:
      runOnDevice && scalesInside
        ? async (
            batch: readonly ControlledItem[],
            call: ControlNetCall,
            previous?: Residuals,
          ): Promise<Record<string, DeviceTensor>> => {
            const controlled = batch.filter(isControlled)
            // One item is computed alone. Its residuals get as many rows as there are scales, which are zero for the others.
            const computed = controlled.length === 1 ? controlled : batch
            const added = names.map(own => [previousName(own), previous?.[own] ?? NO_RESIDUAL] as const)
            return runOnDevice({
              ...inputsOf(computed, call),
              conditioning_scale: scaleRows(batch),
              ...(addsPrevious && Object.fromEntries(added)),
            })
          }
        : undefined,

    /** The residuals of each item of a batch. @throws InferenceError */
    async itemResiduals(items: readonly ControlledItem[], call: ControlNetCall): Promise<ItemResiduals[]> {
      const inputs: Record<string, TensorData> = inputsOf(items, call)
      if (scaling) inputs.conditioning_scale = scalesInside ? scaleRows(items) : filled(scaling, 1, 1)
      if (addsPrevious) for (const own of names) inputs[previousName(own)] = NO_RESIDUAL
      const results = await session.run(inputs, session.outputs)
      return items.map(({ scales }, index) => {
        const own = session.outputs.map((output, residual) => {
          const { data, dims } = results[output]!
          const length = data.length / items.length
          const values = data.subarray(index * length, (index + 1) * length)
          if (!scalesInside) multiply(values, scales[residual]!)
          return [names[residual]!, { data: values, dims: [1, ...dims.slice(1)] }] as const
        })
        return Object.fromEntries(own)
      })
    },
  }
}

/** Items of a batch as a tensor. @param sides of each item; default is its length */
function rows(items: readonly Float32Array[], sides: readonly number[] = [items[0]!.length]): TensorData {
  return { data: concatRows(items), dims: [items.length, ...sides] }
}

/** An input that is one number for each item of a batch, or a scalar. */
function filled({ dims }: InputMetadata, count: number, value: number): TensorData {
  const sides = dims.length === 0 ? [] : [count]
  return { data: new Float32Array(sides[0] ?? 1).fill(value), dims: sides }
}

function multiply(values: Float32Array, factor: number): void {
  if (factor === 1) return
  for (let at = 0; at < values.length; at++) values[at]! *= factor
}

/** A batch of the UNet: for each item the sum of what several ControlNets add, zeros for nothing. Undefined if nothing is added at all. */
export function joinResiduals(batch: readonly (readonly ItemResiduals[])[]): Residuals | undefined {
  const [first] = batch.flat()
  if (!first || (batch.length === 1 && batch[0]!.length === 1)) return first
  return Object.fromEntries(
    Object.entries(first).map(
      ([
        name,
        {
          data: { length },
          dims,
        },
      ]) => {
        const data = new Float32Array(batch.length * length)
        for (const [row, found] of batch.entries()) {
          const sum = data.subarray(row * length, (row + 1) * length)
          for (const [index, one] of found.entries()) {
            const values = one[name]!.data
            if (index === 0) sum.set(values)
            else for (let at = 0; at < length; at++) sum[at]! += values[at]!
          }
        }
        return [name, { data, dims: [batch.length, ...dims.slice(1)] }]
      },
    ),
  )
}
