import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UserError } from '../../../../user-error.js'
import type { LoraRequest } from '../../../checkpoint/lora.js'
import type { Extent } from '../../../image/geometry.js'
import type { Pixels } from '../../../image/pixels.js'
import { candidateDevices } from '../../../onnx/devices.js'
import {
  type GraphSource,
  type OnnxSession,
  OutOfMemoryError,
  openOnnxSession,
  type TensorData,
} from '../../../onnx/network.js'
import { CPU_PROVIDER, openOnFirstWorkingDevice } from '../../../onnx/verified-session.js'
import { fitPreview, latentPreview } from '../preview.js'
import { CHUNK_TOKENS, type PromptTokenizer, type TokenChunk } from '../prompt/tokenizer.js'
import { gaussianNoise } from '../sampling/noise.js'
import { makeNoiseSchedule, type NoiseSchedule } from '../sampling/noise-schedule.js'
import type { ModelFamily } from '../sampling/timestep-spacing.js'
import { exposeHiddenStates } from './hidden-states.js'
import { readModelFiles } from './read-model.js'
import { type ClipTextEncoder, createTextEncoder, lastHiddenStateOutput, type PromptEmbedding } from './text-encoder.js'
import { type Conditioning, createUnet, type Unet } from './unet.js'
import { createVae, createVaeDecoder, LATENT_CHANNELS, planesToPixels, VAE_SCALE_FACTOR, type Vae } from './vae.js'

/** A Stable Diffusion model that is loaded. */
export interface DiffusionModel {
  readonly name: string
  readonly family: ModelFamily
  readonly schedule: NoiseSchedule
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
  encodePrompts(
    prompts: readonly string[],
    size: { width: number; height: number },
    clipSkip?: number,
  ): Promise<Conditioning[]>
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
  readonly loras?: readonly LoraRequest[]
  /** Devices that ran out of memory with it before, and what they said: they are passed over. */
  readonly spent?: ReadonlyMap<string, string>
  /** Told, in a line, what was done because memory was short. */
  readonly log?: (line: string) => void
}

/**
 * Load a model.
 *
 * @param path a folder, or a checkpoint in one file
 * @param device the execution provider, or AUTO for the fastest that works and computes it right
 * @throws ProblemError those of `readModel`, `model-unreadable`, `out-of-memory`
 */
export async function loadDiffusionModel(
  path: string,
  device: string,
  options: LoadOptions = {},
): Promise<DiffusionModel> {
  const { loras = [], spent, log } = options
  const files = await readModelFiles(path, loras)
  const { unet: painter, vaeEncoder, vaeDecoder, previewDecoder, texts } = files
  const sources = [painter, vaeEncoder, vaeDecoder, ...texts.map(({ source }) => source)]
  if (previewDecoder) sources.push(previewDecoder)
  let open: readonly OnnxSession[] = []
  try {
    const devices = await candidateDevices(device, spent)
    const found = await openOnFirstWorkingDevice(
      sources,
      devices,
      syntheticInputs,
      new Set(sources.slice(1)),
      files.precision,
    )
    open = found.networks
    const isXl = files.family === 'sdxl'
    const encoders: Reading[] = []
    for (const [index, { reader }] of texts.entries()) {
      const network = open[3 + index]!
      const encoder = createTextEncoder(
        network,
        isXl ? 2 : 1,
        isXl ? undefined : layersOf(texts[index]!.source, network),
      )
      encoders.push({ reader: await reader(), encoder })
    }
    return {
      name: files.name,
      family: files.family,
      schedule: makeNoiseSchedule(files.schedule),
      trained: files.trained,
      device: found.device,
      reasons: found.reasons,
      short: found.short,
      unet: createUnet(open[0]!, found.device === 'cpu' ? 1 : TOGETHER, log),
      vae: createVae(open[1]!, open[2]!, files.scaling, log),
      encodePrompts: conditionsBy(files.name, encoders, isXl),
      preview: previewDecoder
        ? await previewBy(open.at(-1)!)
        : async (latents, size) => latentPreview(latents, size, files.family),
      async close() {
        for (const one of open) await one.close()
        for (const { encoder } of encoders) await encoder.close()
      },
    }
  } catch (error) {
    for (const one of open) await one.close()
    const detail = error instanceof Error ? error.message : String(error)
    const code = error instanceof OutOfMemoryError ? 'out-of-memory' : 'model-unreadable'
    throw new UserError({ code, model: files.name, detail }, { cause: error })
  }
}

/** Something for a graph of a model to compute that is over soon. @param latents to a side */
export function syntheticInputs({ inputs }: OnnxSession, latents = SMALL): Record<string, TensorData> {
  const made: Record<string, TensorData> = {}
  for (const [name, { dims, type }] of inputs) {
    // Sides of a picture, or of latents; tokens; rows.
    const side = name === 'sample' && dims[1] === 3 ? latents * VAE_SCALE_FACTOR : latents
    const free = (axis: number) => (axis >= 2 ? side : axis === 1 ? CHUNK_TOKENS + 2 : 1)
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

type Reading = { readonly reader: PromptTokenizer; readonly encoder: ClipTextEncoder }

/** By a decoder of few weights, which takes latents as they are (TAESD). */
async function previewBy(decoder: OnnxSession): Promise<DiffusionModel['preview']> {
  const { decode } = createVaeDecoder(decoder, 1)
  const trial = { width: SMALL, height: SMALL }
  const large = ({ width, height }: Extent) => ({ width: width * VAE_SCALE_FACTOR, height: height * VAE_SCALE_FACTOR })
  // Some were saved to give −1 to 1, others 0 to 1: of noise they make something dark in any case.
  const made = await decode(gaussianNoise(1)(LATENT_CHANNELS * SMALL * SMALL), large(trial))
  const isSigned = made.filter(value => value < -0.25).length > 0.01 * made.length
  return async (latents, size) => {
    const planes = await decode(latents, large(size))
    return fitPreview(planesToPixels(isSigned ? planes : planes.map(value => 2 * value - 1), large(size)))
  }
}

function conditionsBy(model: string, encoders: readonly Reading[], isXl: boolean): DiffusionModel['encodePrompts'] {
  return async (prompts, { width, height }, clipSkip) => {
    for (const { encoder } of encoders) {
      if (clipSkip !== undefined && !(await encoder.hasLayer(clipSkip))) {
        throw new UserError({ code: 'clip-skip', model, clipSkip })
      }
    }
    // All prompts of a step have as many tokens for every encoder.
    const chunked = encoders.map(({ reader }) => prompts.map(prompt => reader.chunks(prompt)))
    const most = Math.max(...chunked.flat().map(chunks => chunks.length))
    const conditions: Conditioning[] = []
    for (const index of prompts.keys()) {
      const encoded: PromptEmbedding[] = []
      for (const [which, { reader, encoder }] of encoders.entries()) {
        encoded.push(await encoder.encode(filledUp(chunked[which]![index]!, most, reader), clipSkip))
      }
      const tokens = beside(encoded)
      // Size of the original, where it was cropped, size that is wanted (Podell et al. 2023, section 2.2).
      const sizes = isXl ? [height, width, 0, 0, height, width] : undefined
      conditions.push({ tokens, pooledPromptEmbeds: encoded.at(-1)!.pooled, sizes })
    }
    return conditions
  }
}

/** A text encoder's graph with every layer, on the processor: it runs once for a prompt. */
const layersOf = (source: GraphSource, network: OnnxSession) => async () => {
  if (!('file' in source)) return undefined
  const graph = exposeHiddenStates(await readFile(source.file), lastHiddenStateOutput(network))
  return graph && openOnnxSession({ name: source.name, folder: dirname(source.file), graph }, CPU_PROVIDER, true)
}

function filledUp(chunks: readonly TokenChunk[], count: number, reader: PromptTokenizer): TokenChunk[] {
  const [empty] = reader.chunks('')
  return [...chunks, ...Array<TokenChunk>(count - chunks.length).fill(empty!)]
}

/** The rows of several encoders side by side. */
function beside(encoded: readonly PromptEmbedding[]): PromptEmbedding['tokens'] {
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
