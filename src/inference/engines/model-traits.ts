import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readGraphInterface } from '../onnx/graph-interface.js'
import { isRegularFile } from '../onnx/model-file.js'
import { readJsonObject, readTensorHeader, readTensorHeaders, shapeIn } from './tensor-header.js'

/** What decides which of the installed models is the best one for an edit. */
export type ModelTraits = {
  /** It was trained with masks: its UNet takes 9 channels. */
  readonly isForInpainting: boolean
  /** It has the size of SDXL. */
  readonly isLarge: boolean
  /** It is SDXL's refiner, which only continues what another model began. */
  readonly isRefiner: boolean
}

/** Latents, mask and masked image. */
const INPAINTING_CHANNELS = 9

/**
 * The traits of a diffusion model, from its headers and names, without loading it.
 *
 * @param path of a model's folder or a `.safetensors` file
 * @returns undefined if the files are no model that can be read
 */
export function readModelTraits(path: string): ModelTraits | undefined {
  return isRegularFile(path) ? checkpointTraits(path) : folderTraits(path)
}

function folderTraits(folder: string): ModelTraits | undefined {
  if (!existsSync(join(folder, 'unet'))) return undefined
  const index = readJsonObject(join(folder, 'model_index.json'))
  return {
    isForInpainting: unetChannels(folder) === INPAINTING_CHANNELS,
    isLarge: existsSync(join(folder, 'text_encoder_2')),
    isRefiner: index.requires_aesthetics_score === true,
  }
}

/** The input channels of a folder's UNet; undefined if nothing says so. */
function unetChannels(folder: string): number | string | undefined {
  const stated = readJsonObject(join(folder, 'unet', 'config.json')).in_channels
  if (typeof stated === 'number') return stated
  // ONNX graphs may come without a configuration.
  const graph = readGraphInterface(join(folder, 'unet', 'model.onnx'))
  if (graph) return graph.inputs.get('sample')?.dims[1]
  return readTensorHeaders(folder, 'unet').flatMap(header => shapeIn(header['conv_in.weight'])?.[1] ?? [])[0]
}

function checkpointTraits(file: string): ModelTraits | undefined {
  const header = readTensorHeader(file)
  const input = Object.entries(header).find(([name]) =>
    /^(?:(?:model\.)?diffusion_model\.)?input_blocks\.0\.0\.weight$/.test(name),
  )
  if (!input) return undefined
  const shape = shapeIn(input[1])
  const hasEncoder = (number: number) => `conditioner.embedders.${number}.model.ln_final.weight` in header
  const isRefiner = hasEncoder(0)
  return { isForInpainting: shape?.[1] === INPAINTING_CHANNELS, isLarge: isRefiner || hasEncoder(1), isRefiner }
}
