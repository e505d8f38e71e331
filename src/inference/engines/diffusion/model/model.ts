import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ProblemError } from '../../../../user-error.js'
import type { WantedLora } from '../../../checkpoint/lora.js'
import type { Extent } from '../../../image/geometry.js'
import type { Pixels } from '../../../image/pixels.js'
import { devicesFor } from '../../../onnx/devices.js'
import { type Network, OutOfMemory, openNetwork, type Source, type Values } from '../../../onnx/network.js'
import { CPU, openOnFirst } from '../../../onnx/verified-session.js'
import { previewOf, smallEnough } from '../preview.js'
import { CHUNK, type Chunk, type PromptReader } from '../prompt/tokenizer.js'
import { noiseFrom } from '../sampling/noise.js'
import { makeSchedule, type Schedule } from '../sampling/noise-schedule.js'
import type { Family } from '../sampling/timestep-spacing.js'
import { withLayers } from './hidden-states.js'
import { readModel } from './read-model.js'
import { type Encoded, lastOf, type TextEncoder, textEncoder } from './text-encoder.js'
import { type Condition, type Unet, unet } from './unet.js'
import { CHANNELS, LATENT, pixelsOf, type Vae, vae, vaeDecoder } from './vae.js'

/** A Stable Diffusion model that is loaded. */
export interface Model {
  readonly name: string
  readonly family: Family
  readonly schedule: Schedule
  /** The side of the squares that it was trained at, in latents. */
  readonly trained: number
  /** What computes it, and why nothing faster does. */
  readonly device: string
  readonly reasons: readonly string[]
  /** Faster devices that had too little memory for it. */
  readonly short: readonly string[]
  readonly unet: Unet
  readonly vae: Vae
  /**
   * What the model is told of prompts, all of the same length: shorter ones are filled up with empty chunks.
   *
   * @param size of the picture in pixels, which SDXL is told
   * @param clipSkip which of the text encoder's layers is taken, counted from the end; the usual one if left out
   * @throws ProblemError `clip-skip`
   */
  conditions(
    prompts: readonly string[],
    size: { width: number; height: number },
    clipSkip?: number,
  ): Promise<Condition[]>
  /**
   * About what latents will look like, at most {@link PREVIEW} pixels across: by a small decoder if the model has one.
   *
   * @param latents of shape [CHANNELS, height, width]
   */
  preview(latents: Float32Array, size: { width: number; height: number }): Promise<Pixels>
  close(): Promise<void>
}

/**
 * So many rows go through the UNet together where the device is wider than one: prompt and negative prompt. On a processor two
 * take as long as one after the other (measured: `npm run bench -- diffusion`), and 2.5 GB more.
 */
const TOGETHER = 2

export type LoadOptions = {
  readonly loras?: readonly WantedLora[]
  /** Devices that ran out of memory with it before, and what they said: they are passed over. */
  readonly spent?: ReadonlyMap<string, string>
  /** Told, in a line, what was done because memory was short. */
  readonly tell?: (line: string) => void
}

/**
 * Load a model.
 *
 * @param path a folder, or a checkpoint in one file
 * @param device the execution provider, or AUTO for the fastest that works and computes it right
 * @throws ProblemError those of `readModel`, `model-unreadable`, `out-of-memory`
 */
export async function loadModel(path: string, device: string, options: LoadOptions = {}): Promise<Model> {
  const { loras = [], spent, tell } = options
  const files = await readModel(path, loras)
  const { unet: painter, encoder, decoder, smallDecoder, texts } = files
  const sources = [painter, encoder, decoder, ...texts.map(({ source }) => source)]
  if (smallDecoder) sources.push(smallDecoder)
  let open: readonly Network[] = []
  try {
    const devices = await devicesFor(device, spent)
    const found = await openOnFirst(sources, devices, smallInputs, new Set(sources.slice(1)), files.precision)
    open = found.networks
    const isXl = files.family === 'sdxl'
    const encoders: Reading[] = []
    for (const [index, { reader }] of texts.entries()) {
      const network = open[3 + index]!
      const encoder = textEncoder(network, isXl ? 2 : 1, isXl ? undefined : layersOf(texts[index]!.source, network))
      encoders.push({ reader: await reader(), encoder })
    }
    return {
      name: files.name,
      family: files.family,
      schedule: makeSchedule(files.schedule),
      trained: files.trained,
      device: found.device,
      reasons: found.reasons,
      short: found.short,
      unet: unet(open[0]!, found.device === 'cpu' ? 1 : TOGETHER, tell),
      vae: vae(open[1]!, open[2]!, files.scaling, tell),
      conditions: conditionsBy(files.name, encoders, isXl),
      preview: smallDecoder
        ? await previewBy(open.at(-1)!)
        : async (latents, size) => previewOf(latents, size, files.family),
      async close() {
        for (const one of open) await one.close()
        for (const { encoder } of encoders) await encoder.close()
      },
    }
  } catch (error) {
    for (const one of open) await one.close()
    const detail = error instanceof Error ? error.message : String(error)
    const code = error instanceof OutOfMemory ? 'out-of-memory' : 'model-unreadable'
    throw new ProblemError({ code, model: files.name, detail }, { cause: error })
  }
}

/** Something for a graph of a model to compute that is over soon. @param latents to a side */
export function smallInputs({ inputs }: Network, latents = SMALL): Record<string, Values> {
  const made: Record<string, Values> = {}
  for (const [name, { dims, type }] of inputs) {
    // Sides of a picture, or of latents; tokens; rows.
    const side = name === 'sample' && dims[1] === 3 ? latents * LATENT : latents
    const free = (axis: number) => (axis >= 2 ? side : axis === 1 ? CHUNK + 2 : 1)
    const sizes = dims.map((length, axis) => (typeof length === 'number' ? length : free(axis)))
    const count = sizes.reduce((product, length) => product * length, 1)
    const isWhole = type === 'int32' || type === 'int64'
    const values = Float32Array.from({ length: count }, (_, at) => Math.sin(at * 12.9898))
    made[name] = { data: isWhole || name === 'timestep' ? values.fill(1) : values, dims: sizes }
  }
  return made
}

/** Latents to a side of what a model is tried with. */
const SMALL = 8

type Reading = { readonly reader: PromptReader; readonly encoder: TextEncoder }

/** By a decoder of few weights, which takes latents as they are (TAESD). */
async function previewBy(decoder: Network): Promise<Model['preview']> {
  const { decode } = vaeDecoder(decoder, 1)
  const trial = { width: SMALL, height: SMALL }
  const large = ({ width, height }: Extent) => ({ width: width * LATENT, height: height * LATENT })
  // Some were saved to give −1 to 1, others 0 to 1: of noise they make something dark in any case.
  const made = await decode(noiseFrom(1)(CHANNELS * SMALL * SMALL), large(trial))
  const isSigned = made.filter(value => value < -0.25).length > 0.01 * made.length
  return async (latents, size) => {
    const planes = await decode(latents, large(size))
    return smallEnough(pixelsOf(isSigned ? planes : planes.map(value => 2 * value - 1), large(size)))
  }
}

function conditionsBy(model: string, encoders: readonly Reading[], isXl: boolean): Model['conditions'] {
  return async (prompts, { width, height }, clipSkip) => {
    for (const { encoder } of encoders) {
      if (clipSkip !== undefined && !(await encoder.tells(clipSkip))) {
        throw new ProblemError({ code: 'clip-skip', model, clipSkip })
      }
    }
    // All prompts of a step have as many tokens for every encoder.
    const chunked = encoders.map(({ reader }) => prompts.map(prompt => reader.chunks(prompt)))
    const most = Math.max(...chunked.flat().map(chunks => chunks.length))
    const conditions: Condition[] = []
    for (const index of prompts.keys()) {
      const encoded: Encoded[] = []
      for (const [which, { reader, encoder }] of encoders.entries()) {
        encoded.push(await encoder.encode(filledUp(chunked[which]![index]!, most, reader), clipSkip))
      }
      const tokens = beside(encoded)
      // Size of the original, where it was cropped, size that is wanted (Podell et al. 2023, section 2.2).
      const sizes = isXl ? [height, width, 0, 0, height, width] : undefined
      conditions.push({ tokens, pooled: encoded.at(-1)!.pooled, sizes })
    }
    return conditions
  }
}

/** A text encoder's graph with every layer, on the processor: it runs once for a prompt. */
const layersOf = (source: Source, network: Network) => async () => {
  if (!('file' in source)) return undefined
  const graph = withLayers(await readFile(source.file), lastOf(network))
  return graph && openNetwork({ name: source.name, folder: dirname(source.file), graph }, CPU, true)
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
