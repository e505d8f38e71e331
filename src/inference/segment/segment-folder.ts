import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../user-error.js'
import { MAX_NAME_LENGTH } from '../engines/model-folder.js'

/** The graphs of a segment model. The first decoder with the right inputs is used. */
export type SegmentFiles = { readonly encoder: string; readonly decoders: readonly string[] }

/** Where exports keep their graphs: next to each other, or in this folder (transformers.js). */
const GRAPH_FOLDERS = ['', 'onnx'] as const

/** Repositories hold the same graph several times, at other precisions. */
const OTHER_PRECISION = /_(?:fp16|quantized|int8|uint8|bnb4|q4f?(?:16)?|q8)\.onnx$/i

/**
 * The graphs of a segment model, by their names: an image encoder, and at least one decoder of prompts. Which layout they have is
 * known from their inputs when they are opened.
 *
 * @param files paths relative to the model's folder, with `/`
 * @returns undefined if they are no such pair
 */
export function segmentFiles(files: readonly string[]): SegmentFiles | undefined {
  for (const folder of GRAPH_FOLDERS) {
    const prefix = folder === '' ? '' : `${folder}/`
    const graphs = files.filter(file => {
      const name = file.slice(prefix.length)
      return file.startsWith(prefix) && name.endsWith('.onnx') && !name.includes('/') && !OTHER_PRECISION.test(name)
    })
    // `prompt_encoder_mask_decoder` is a decoder.
    const isEncoder = (file: string) => /encoder/i.test(file) && !/decoder/i.test(file)
    const [encoder] = graphs.filter(isEncoder).sort()
    // Exports with all masks go before those that return only the best one.
    const rank = (file: string) => (/multi/i.test(file) ? 0 : /single/i.test(file) ? 2 : 1)
    const decoders = graphs.filter(file => !isEncoder(file)).sort((one, other) => rank(one) - rank(other))
    if (encoder !== undefined && decoders.length > 0) return { encoder, decoders }
  }
  return undefined
}

/** The graphs in a model's folder; undefined if it isn't a segment model. */
export function segmentFilesIn(folder: string): SegmentFiles | undefined {
  if (!existsSync(folder)) return undefined
  const inFolder = (name: string) =>
    existsSync(join(folder, name)) ? readdirSync(join(folder, name)).map(file => (name ? `${name}/${file}` : file)) : []
  try {
    return segmentFiles(GRAPH_FOLDERS.flatMap(inFolder))
  } catch {
    return undefined // a file, or a folder that may not be read
  }
}

/** The names of the segment models in a folder of models, sorted. */
export function listSegmentModelNames(modelFolder: string): string[] {
  if (!existsSync(modelFolder)) return []
  const names = readdirSync(modelFolder).filter(name => !name.startsWith('.') && !/[:\p{Cc}]/u.test(name))
  return names.filter(name => name.length <= MAX_NAME_LENGTH && segmentFilesIn(join(modelFolder, name))).sort()
}

/** The folder of the segment model that is used: the first by name. @throws UserError `segment-model-missing` */
export function segmentModelFolder(modelFolder: string): string {
  const [name] = listSegmentModelNames(modelFolder)
  if (name === undefined) throw new UserError({ code: 'segment-model-missing' })
  return join(modelFolder, name)
}
