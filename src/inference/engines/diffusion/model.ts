import { join } from 'node:path'
import { ProblemError } from '../../../problem.js'
import { type Network, openNetwork } from '../../onnx/network.js'
import { type ModelFolder, readModelFolder } from './model-folder.js'
import { type Chunk, type PromptReader, readTokenizer } from './prompt/tokens.js'
import { makeSchedule, type Schedule } from './schedule.js'
import type { Family } from './spacing.js'
import { type Encoded, type TextEncoder, textEncoder } from './text-encoder.js'
import { type Condition, type Unet, unet } from './unet.js'
import { type Vae, vae } from './vae.js'

/** A Stable Diffusion model that is loaded. */
export interface Model {
  readonly name: string
  readonly family: Family
  readonly schedule: Schedule
  /** The side of the squares that it was trained at, in latents. */
  readonly trained: number
  readonly unet: Unet
  readonly vae: Vae
  /**
   * What the model is told of prompts, all of the same length: shorter ones are filled up with empty chunks.
   *
   * @param size of the picture in pixels, which SDXL is told
   */
  conditions(prompts: readonly string[], size: { width: number; height: number }): Promise<Condition[]>
  close(): Promise<void>
}

/**
 * Load a model in the layout that Optimum and diffusers write.
 *
 * @param device the execution provider
 * @throws ProblemError `model-incomplete`, `model-unreadable`
 */
export async function loadModel(folder: string, device: string): Promise<Model> {
  const files = await readModelFolder(folder)
  const open: Network[] = []
  const network = async (part: string) => {
    const opened = await openNetwork(join(folder, part, 'model.onnx'), device, part !== 'unet')
    open.push(opened)
    return opened
  }
  try {
    const encoders = await textEncoders(files, network)
    const painter = unet(await network('unet'))
    const auto = vae(await network('vae_encoder'), await network('vae_decoder'), files.scaling)
    return {
      name: files.name,
      family: files.isXl ? 'sdxl' : 'sd',
      schedule: makeSchedule(files.schedule),
      trained: files.trained,
      unet: painter,
      vae: auto,
      conditions: conditionsBy(encoders, files.isXl),
      async close() {
        for (const one of open) await one.close()
      },
    }
  } catch (error) {
    for (const one of open) await one.close()
    const detail = error instanceof Error ? error.message : String(error)
    throw new ProblemError({ code: 'model-unreadable', model: files.name, detail }, { cause: error })
  }
}

type Reading = { readonly reader: PromptReader; readonly encoder: TextEncoder }

async function textEncoders(
  { folder, isXl }: ModelFolder,
  network: (part: string) => Promise<Network>,
): Promise<Reading[]> {
  const reading = async (suffix: string): Promise<Reading> => ({
    reader: await readTokenizer(join(folder, `tokenizer${suffix}`)),
    encoder: textEncoder(await network(`text_encoder${suffix}`), isXl ? 'penultimate' : 'last'),
  })
  return isXl ? [await reading(''), await reading('_2')] : [await reading('')]
}

function conditionsBy(encoders: readonly Reading[], isXl: boolean): Model['conditions'] {
  return async (prompts, { width, height }) => {
    // All prompts of a step have as many tokens for every encoder.
    const chunked = encoders.map(({ reader }) => prompts.map(prompt => reader.chunks(prompt)))
    const most = Math.max(...chunked.flat().map(chunks => chunks.length))
    const conditions: Condition[] = []
    for (const index of prompts.keys()) {
      const encoded: Encoded[] = []
      for (const [which, { reader, encoder }] of encoders.entries()) {
        encoded.push(await encoder.encode(filledUp(chunked[which]![index]!, most, reader)))
      }
      const tokens = beside(encoded)
      // Size of the original, where it was cropped, size that is wanted (Podell et al. 2023, section 2.2).
      const sizes = isXl ? [height, width, 0, 0, height, width] : undefined
      conditions.push({ tokens, pooled: encoded.at(-1)!.pooled, sizes })
    }
    return conditions
  }
}

function filledUp(chunks: readonly Chunk[], count: number, reader: PromptReader): Chunk[] {
  const [empty] = reader.chunks('')
  return [...chunks, ...Array<Chunk>(count - chunks.length).fill(empty!)]
}

/** The rows of several encoders side by side. */
function beside(encoded: readonly Encoded[]): Encoded['tokens'] {
  if (encoded.length === 1) return encoded[0]!.tokens
  const widths = encoded.map(({ tokens }) => tokens.dims[2]!)
  const width = widths.reduce((sum, one) => sum + one, 0)
  const rows = encoded[0]!.tokens.dims[1]!
  const data = new Float32Array(rows * width)
  let from = 0
  for (const [index, { tokens }] of encoded.entries()) {
    const own = widths[index]!
    for (let row = 0; row < rows; row++) data.set(tokens.data.subarray(row * own, (row + 1) * own), row * width + from)
    from += own
  }
  return { data, dims: [1, rows, width] }
}
