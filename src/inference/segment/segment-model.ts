import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../../user-error.js'
import { resizePixels } from '../image/decode.js'
import type { Extent } from '../image/geometry.js'
import type { Pixels } from '../image/pixels.js'
import { parseGraph, pruneGraph } from '../onnx/edit-graph.js'
import { InferenceError, type OnnxSession, openOnnxSession } from '../onnx/session.js'
import type { TensorData } from '../onnx/tensor-data.js'
import { CPU_PROVIDER } from '../onnx/verified-session.js'
import { ALL_MASKS, exposeAllMasks } from './all-masks.js'
import { ambiguousMasks, type Candidate, type Selection, selectionOf } from './candidate.js'
import { decoderLayout, encoderInput, encoderLayout, frameFor, promptInputs } from './layouts.js'
import type { SegmentPrompt } from './prompt.js'
import { segmentFilesIn } from './segment-folder.js'

/** What an encoder computes of a picture, once: several megabytes of numbers. */
export type Embedding = {
  /** Of the picture, in pixels. */
  readonly picture: Extent
  /** The size that the picture was scaled to. */
  readonly frame: Extent
  /** By the decoder's names of its inputs. */
  readonly tensors: Readonly<Record<string, TensorData>>
}

/** A loaded encoder and decoder of SAM's family: from points or a box to the mask of an object. */
export interface SegmentModel {
  readonly precision: 'fp32' | 'fp16'
  /** Takes a second or more. */
  encode(pixels: Pixels): Promise<Embedding>
  /** Takes a fraction of a second. @param prompt checked by `checkPrompt` */
  decode(embedding: Embedding, prompt: SegmentPrompt): Promise<Selection>
  /** All masks that a prompt may mean, as the decoder returns them. @param prompt as for `decode` */
  candidates(embedding: Embedding, prompt: SegmentPrompt): Promise<readonly Candidate[]>
  close(): Promise<void>
}

/**
 * Load a segment model. It runs on the CPU: the networks that people use for this are small, and the GPU belongs to what paints.
 *
 * @param folder of the model
 * @throws UserError `model-incomplete`, `model-unreadable`
 */
export async function loadSegmentModel(folder: string): Promise<SegmentModel> {
  const model = basename(folder)
  const files = segmentFilesIn(folder)
  if (!files) throw new UserError({ code: 'model-incomplete', model, missing: 'encoder.onnx, decoder.onnx' })
  const unreadable = (detail: string, cause?: unknown) =>
    new UserError({ code: 'model-unreadable', model, detail }, { cause })
  const open = (work: Promise<OnnxSession>) =>
    work.catch((cause: Error) => {
      throw unreadable(cause.message.split('\n')[0]!, cause)
    })
  const file = join(folder, files.encoder)
  const encoder = await open(openOnnxSession({ name: files.encoder, file }, CPU_PROVIDER, true))
  const opened = [encoder]
  try {
    const layout = encoderLayout(encoder)
    if (!layout) throw unreadable(`${files.encoder} does not take a picture`)
    let decoder: OnnxSession | undefined
    for (const name of files.decoders) {
      const session = await open(openDecoder(join(folder, name)))
      opened.push(session)
      if (decoderLayout(session)) {
        decoder = session
        break
      }
    }
    if (!decoder) throw unreadable(`${files.decoders.join(', ')} does not take points`)
    const run = async (session: OnnxSession, feeds: Record<string, TensorData>, names: readonly string[]) =>
      session.run(feeds, names).catch((cause: Error) => {
        throw cause instanceof InferenceError ? unreadable(cause.message, cause) : cause
      })
    const network = decoder
    const runDecoder = async ({ picture, frame, tensors }: Embedding, prompt: SegmentPrompt) => {
      const scale = { x: frame.width / picture.width, y: frame.height / picture.height }
      const { feeds, coordinates } = promptInputs(network, prompt, scale, frame)
      const names = outputNames(network.inputs, new Set(network.outputs))
      if (!names) throw unreadable('the decoder returns no masks')
      const results = await run(network, { ...tensors, ...feeds }, [names.masks, names.scores])
      const isWhole = names.isCropped || layout.kind === 'stretched'
      const share = { width: frame.width / layout.side, height: frame.height / layout.side }
      const covered = isWhole ? { width: 1, height: 1 } : share
      return { candidates: candidatesIn(results[names.masks]!, results[names.scores]!, covered), coordinates }
    }
    return {
      precision: encoder.inputs.get(layout.input)!.type === 'float16' ? 'fp16' : 'fp32',
      async encode(pixels) {
        const frame = frameFor(layout, pixels)
        const scaled = await resizePixels(pixels, frame)
        const results = await run(encoder, { [layout.input]: encoderInput(layout, scaled) }, encoder.outputs)
        const tensors = embeddingsFor(network, results)
        if (!tensors) throw unreadable('the encoder and the decoder don’t belong together')
        if (!Object.values(tensors).every(({ data }) => data.every(Number.isFinite))) {
          throw new UserError({ code: 'model-overflowed', model })
        }
        return { picture: { width: pixels.width, height: pixels.height }, frame, tensors }
      },
      async decode(embedding, prompt) {
        const { candidates, coordinates } = await runDecoder(embedding, prompt)
        return selectionOf(candidates, coordinates)
      },
      candidates: async (embedding, prompt) => ambiguousMasks((await runDecoder(embedding, prompt)).candidates),
      async close() {
        for (const session of opened) await session.close()
      },
    }
  } catch (error) {
    for (const session of opened) await session.close()
    throw error
  }
}

/**
 * Exports return more than the coarse masks, and onnxruntime computes all that a graph returns: scaling the masks to the picture's
 * size takes longer than the network. So the decoder is opened with only what is taken; where it computes all masks and returns the
 * best one, with all of them.
 */
async function openDecoder(file: string): Promise<OnnxSession> {
  const name = basename(file)
  const original = await readFile(file)
  const complete = exposeAllMasks(original, 'low_res_masks', 'iou_predictions') ?? original
  const { inputs, outputs } = parseGraph(complete)
  const names = outputNames(inputs, new Set(outputs.keys()))
  if (names) {
    const graph = pruneGraph(complete, [names.masks, names.scores])
    const session = await openOnnxSession({ name, folder: dirname(file), graph }, CPU_PROVIDER).catch(() => undefined)
    if (session) return session
  }
  return openOnnxSession({ name, file }, CPU_PROVIDER)
}

/** The encoder's results by the decoder's names; undefined if they don't fit. */
function embeddingsFor(
  { inputs }: OnnxSession,
  results: Readonly<Record<string, TensorData>>,
): Readonly<Record<string, TensorData>> | undefined {
  const names = [...inputs.keys()].filter(name => /^(?:image_|high_res_feats)/.test(name))
  const values = Object.values(results)
  // A single result has whatever name its export gave it.
  if (names.length === 1 && values.length === 1) return { [names[0]!]: values[0]! }
  if (names.length === 0 || !names.every(name => name in results)) return undefined
  return Object.fromEntries(names.map(name => [name, results[name]!]))
}

/** @returns `isCropped`: without the padding */
function outputNames(
  inputs: { has(name: string): boolean },
  outputs: { has(name: string): boolean },
): { masks: string; scores: string; isCropped: boolean } | undefined {
  const pairs = [
    [ALL_MASKS.masks, ALL_MASKS.scores, false],
    ['low_res_masks', 'iou_predictions', false],
    ['pred_masks', 'iou_scores', false],
    ['masks', 'iou_predictions', inputs.has('orig_im_size')],
  ] as const
  const found = pairs.find(([masks, scores]) => outputs.has(masks) && outputs.has(scores))
  return found && { masks: found[0], scores: found[1], isCropped: found[2] }
}

/** @param share of the grid that the picture covers */
function candidatesIn(masks: TensorData, scores: TensorData, share: Extent): Candidate[] {
  const count = scores.data.length
  const size = masks.data.length / count
  const [height, width] = [masks.dims.at(-2)!, masks.dims.at(-1)!]
  return Array.from({ length: count }, (_, index) => ({
    iou: scores.data[index]!,
    logits: {
      width,
      height,
      data: masks.data.slice(index * size, (index + 1) * size),
      content: { width: width * share.width, height: height * share.height },
    },
  }))
}
