import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isRegularFile } from '../onnx/model-file.js'
import { readJsonObject, readTensorHeader, shapeIn } from './tensor-header.js'

/** What decides which of the installed models is the best one for an edit. */
export type ModelTraits = {
  /** It was trained with masks: its UNet takes 9 channels. */
  readonly isForInpainting: boolean
  /** It has the size of SDXL. */
  readonly isLarge: boolean
  /** It is SDXL's refiner, which only continues what another model began. */
  readonly isRefiner: boolean
}

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
  const channels = readJsonObject(join(folder, 'unet', 'config.json')).in_channels
  const index = readJsonObject(join(folder, 'model_index.json'))
  const pipeline = String(index._class_name ?? '')
  return {
    // ONNX graphs come without a UNet configuration.
    isForInpainting: channels === undefined ? /inpaint/i.test(`${pipeline} ${basename(folder)}`) : channels === 9,
    isLarge: existsSync(join(folder, 'text_encoder_2')),
    isRefiner: index.requires_aesthetics_score === true,
  }
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
  return { isForInpainting: shape?.[1] === 9, isLarge: isRefiner || hasEncoder(1), isRefiner }
}
