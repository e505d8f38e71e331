import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UserError } from '../../../../user-error.js'
import type { ControlNetRequest } from '../../../checkpoint/controlnet.js'
import type { Distillation } from '../../../checkpoint/distillation.js'
import type { LoraRequest } from '../../../checkpoint/lora.js'
import type { Extent } from '../../../image/geometry.js'
import type { Pixels } from '../../../image/pixels.js'
import { candidateDevices } from '../../../onnx/devices.js'
import { type FreeMemory, freeDeviceMemory } from '../../../onnx/free-memory.js'
import { type GraphSource, type OnnxSession, OutOfMemoryError, openOnnxSession } from '../../../onnx/session.js'
import type { TensorData } from '../../../onnx/tensor-data.js'
import { CPU_PROVIDER, openOnFirstWorkingDevice } from '../../../onnx/verified-session.js'
import { fitPreview, latentPreview } from '../preview.js'
import { CHUNK_TOKENS } from '../prompt/tokenizer.js'
import { gaussianNoise } from '../sampling/noise.js'
import { makeNoiseSchedule, type NoiseSchedule } from '../sampling/noise-schedule.js'
import type { ModelFamily } from '../sampling/timestep-spacing.js'
import { type ControlNet, createControlNet } from './controlnet.js'
import { exposeHiddenStates } from './expose-hidden-states.js'
import { graphsWithoutRoom, vaeBudgets } from './memory-budget.js'
import { planesToPixels } from './planes.js'
import { type EncodePrompts, type PromptEncoder, promptEncoder } from './prompt-encoder.js'
import { readModelFiles } from './read-model-files.js'
import { createTextEncoder, lastHiddenStateOutput } from './text-encoder.js'
import { createUnet, RESIDUAL_INPUT, type Unet } from './unet.js'
import { createVae, createVaeDecoder, LATENT_CHANNELS, VAE_SCALE_FACTOR, type Vae } from './vae.js'

/** A loaded Stable Diffusion model. */
export interface DiffusionModel {
  readonly name: string
  readonly family: ModelFamily
  readonly schedule: NoiseSchedule
  /** Side of the training pictures, in latents. */
  readonly sampleSize: number
  /** Recommended steps and guidance of a distilled model; undefined if nothing is known. */
  readonly distillation?: Distillation | undefined
  /** The device that computes it, and why no faster device does. */
  readonly device: string
  readonly fallbackReasons: readonly string[]
  /** Faster devices that ran out of memory. */
  readonly outOfMemoryDevices: readonly string[]
  /** The device has no room for the whole UNet: its halves are loaded one after the other. */
  readonly isInParts: boolean
  /** SDXL's refiner, which only works on what another model began. */
  readonly isRefiner: boolean
  readonly unet: Unet
  /** The ControlNets that were asked for, in that order. */
  readonly controlNets: readonly ControlNet[]
  readonly vae: Vae
  readonly encodePrompts: EncodePrompts
  /**
   * A preview of latents, at most {@link MAX_PREVIEW_SIDE} pixels on its longer side; by TAESD if it is installed.
   *
   * @param latents of shape [LATENT_CHANNELS, height, width]
   */
  preview(latents: Float32Array, size: { width: number; height: number }): Promise<Pixels>
  close(): Promise<void>
}

/**
 * Batch size of the UNet on a GPU: prompt and negative prompt. On the CPU a batch of two takes as long as two batches
 * of one (measured with `npm run bench -- diffusion`) and 2.5 GB more memory.
 */
const UNET_BATCH_SIZE = 2

export type LoadOptions = {
  readonly loras?: readonly LoraRequest[]
  /** ControlNets in the model folder. */
  readonly controls?: readonly ControlNetRequest[]
  /** Devices that ran out of memory before, with their error messages. They are skipped. */
  readonly excludedDevices?: ReadonlyMap<string, string>
  /** Asks how much memory of a device is free; default is the system. */
  readonly freeMemory?: FreeMemory
  /** SDXL's refiner is accepted too. */
  readonly mayBeRefiner?: boolean
  /** Receives one line for each memory fallback, and for each LoRA of which something is skipped. */
  readonly log?: (line: string) => void
}

/**
 * Load a model.
 *
 * @param path a folder, or a checkpoint in one file
 * @param device an execution provider, or AUTO_DEVICE for the fastest that works and computes correctly
 * @throws UserError those of `readModelFiles`, `model-is-refiner`, `model-unreadable`, `out-of-memory`
 */
export async function loadDiffusionModel(
  path: string,
  device: string,
  options: LoadOptions = {},
): Promise<DiffusionModel> {
  const { loras = [], excludedDevices, log, freeMemory = freeDeviceMemory } = options
  const files = await readModelFiles(path, loras, log, options.controls)
  if (files.isRefiner && !options.mayBeRefiner) throw new UserError({ code: 'model-is-refiner', model: files.name })
  const { unet: unetSource, vaeEncoder, vaeDecoder, previewDecoder, textEncoders } = files
  const textSources = textEncoders.map(({ source }) => source)
  const sources = [unetSource, vaeEncoder, vaeDecoder, ...textSources, ...files.controlNets.map(({ source }) => source)]
  if (previewDecoder) sources.push(previewDecoder)
  let sessions: readonly OnnxSession[] = []
  try {
    const devices = await candidateDevices(device, excludedDevices)
    const opened = await openOnFirstWorkingDevice(
      sources,
      devices,
      syntheticInputs,
      new Set(sources.slice(1)),
      files.precision,
      name => graphsWithoutRoom(name, files, freeMemory),
    )
    sessions = opened.sessions
    const textSessions = sessions.slice(3, 3 + textSources.length)
    if (opened.suspended.size > 0) log?.('not enough memory for all parts, text encoders are closed while it paints')
    const isInParts = opened.suspended.has(unetSource)
    if (isInParts) log?.('not enough memory for the UNet, its halves are loaded one after the other in each step')
    const isXl = files.family === 'sdxl'
    const encoders: PromptEncoder[] = []
    for (const [index, { source, openTokenizer }] of textEncoders.entries()) {
      const session = sessions[3 + index]!
      const openAllLayers = isXl ? undefined : openWithHiddenStates(source, session)
      const encoder = createTextEncoder(session, isXl ? 2 : 1, openAllLayers)
      encoders.push({ tokenizer: await openTokenizer(), encoder })
    }
    return {
      name: files.name,
      family: files.family,
      schedule: makeNoiseSchedule(files.schedulerConfig),
      sampleSize: files.sampleSize,
      distillation: files.distillation,
      device: opened.device,
      fallbackReasons: opened.fallbackReasons,
      outOfMemoryDevices: opened.outOfMemoryDevices,
      isInParts,
      unet: createUnet(sessions[0]!, opened.device === 'cpu' ? 1 : UNET_BATCH_SIZE, log),
      controlNets: files.controlNets.map((one, index) =>
        createControlNet(sessions[3 + textSources.length + index]!, one),
      ),
      vae: createVae(
        sessions[1]!,
        sessions[2]!,
        files.latentScale,
        log,
        vaeBudgets(files, [sessions[1]!, sessions[2]!], opened.device, freeMemory),
      ),
      isRefiner: files.isRefiner,
      encodePrompts: promptEncoder(files, encoders, async () => {
        if (opened.suspended.size > 0) for (const one of textSessions) await one.suspend()
      }),
      preview: previewDecoder
        ? await decoderPreview(sessions.at(-1)!)
        : async (latents, size) => latentPreview(latents, size, files.family),
      async close() {
        for (const one of sessions) await one.close()
        for (const { encoder } of encoders) await encoder.close()
      },
    }
  } catch (error) {
    for (const one of sessions) await one.close()
    const detail = error instanceof Error ? error.message : String(error)
    const code = error instanceof OutOfMemoryError ? 'out-of-memory' : 'model-unreadable'
    throw new UserError({ code, model: files.name, detail }, { cause: error })
  }
}

/**
 * Small inputs to verify a graph with: pseudorandom values of fixed shape.
 *
 * @param latents side of the input, in latents
 */
export function syntheticInputs({ inputs }: OnnxSession, latents = TRIAL_LATENT_SIDE): Record<string, TensorData> {
  const made: Record<string, TensorData> = {}
  for (const [name, { dims, type }] of inputs) {
    // A free axis is a side (of pixels or latents), the number of tokens, or the batch size.
    const isPicture = (name === 'sample' && dims[1] === 3) || name === 'controlnet_cond'
    const side = isPicture ? latents * VAE_SCALE_FACTOR : latents
    const defaultLength = (axis: number) => (isResidual ? 1 : axis >= 2 ? side : axis === 1 ? CHUNK_TOKENS + 2 : 1)
    const isResidual = name.includes(RESIDUAL_INPUT)
    const sizes = dims.map((length, axis) => (typeof length === 'number' ? length : defaultLength(axis)))
    const count = sizes.reduce((product, length) => product * length, 1)
    const isWhole = type === 'int32' || type === 'int64'
    // Latents as the decoder gets them have a deviation of about 5: too large values must show.
    const scale = name === 'latent_sample' ? 7 : 1
    const values = Float32Array.from({ length: count }, (_, at) => scale * Math.sin(at * 12.9898))
    const isOne = isWhole || name === 'timestep' || name === 'conditioning_scale'
    made[name] = { data: isOne ? values.fill(1) : values, dims: sizes }
  }
  return made
}

/** Side of the inputs that a graph is verified with, in latents. */
const TRIAL_LATENT_SIDE = 8

/** Previews by TAESD, a small decoder that takes latents without a scaling factor. */
async function decoderPreview(decoder: OnnxSession): Promise<DiffusionModel['preview']> {
  const { decode } = createVaeDecoder(decoder, { factor: 1 })
  const trialSize = { width: TRIAL_LATENT_SIDE, height: TRIAL_LATENT_SIDE }
  const pixelSize = ({ width, height }: Extent) => ({
    width: width * VAE_SCALE_FACTOR,
    height: height * VAE_SCALE_FACTOR,
  })
  // Some exports return −1 to 1, others 0 to 1. Decoded noise has dark pixels, so negative values tell them apart.
  const decoded = await decode(
    gaussianNoise(1)(LATENT_CHANNELS * TRIAL_LATENT_SIDE * TRIAL_LATENT_SIDE),
    pixelSize(trialSize),
  )
  const isSigned = decoded.filter(value => value < -0.25).length > 0.01 * decoded.length
  return async (latents, size) => {
    const planes = await decode(latents, pixelSize(size))
    return fitPreview(planesToPixels(isSigned ? planes : planes.map(value => 2 * value - 1), pixelSize(size)))
  }
}

/** Opens a text encoder's graph with all hidden states as outputs, on the CPU because it runs once for a prompt. */
const openWithHiddenStates = (source: GraphSource, session: OnnxSession) => async () => {
  if (!('file' in source)) return undefined
  const graph = exposeHiddenStates(await readFile(source.file), lastHiddenStateOutput(session))
  return graph && openOnnxSession({ name: source.name, folder: dirname(source.file), graph }, CPU_PROVIDER, true)
}
