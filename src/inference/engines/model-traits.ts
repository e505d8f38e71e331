import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isRegularFile } from '../onnx/model-file.js'

/** What decides which of the installed models is the best one for an edit. */
export type ModelTraits = {
  /** It was trained with masks: its UNet takes 9 channels. */
  readonly isForInpainting: boolean
  /** It has the size of SDXL. */
  readonly isLarge: boolean
  /** It is SDXL's refiner, which only continues what another model began. */
  readonly isRefiner: boolean
}

/** Longest header of a checkpoint that is read here, in bytes. Those of SDXL have about 400 kB. */
const MAX_HEADER_BYTES = 10_000_000

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
  const channels = readJson(join(folder, 'unet', 'config.json')).in_channels
  const index = readJson(join(folder, 'model_index.json'))
  const pipeline = String(index._class_name ?? '')
  return {
    // ONNX graphs come without a UNet configuration.
    isForInpainting: channels === undefined ? /inpaint/i.test(`${pipeline} ${basename(folder)}`) : channels === 9,
    isLarge: existsSync(join(folder, 'text_encoder_2')),
    isRefiner: index.requires_aesthetics_score === true,
  }
}

function checkpointTraits(file: string): ModelTraits | undefined {
  const header = readHeader(file)
  const input = Object.entries(header).find(([name]) =>
    /^(?:(?:model\.)?diffusion_model\.)?input_blocks\.0\.0\.weight$/.test(name),
  )
  if (!input) return undefined
  const { shape } = input[1] as { shape?: readonly number[] }
  const hasEncoder = (number: number) => `conditioner.embedders.${number}.model.ln_final.weight` in header
  const isRefiner = hasEncoder(0)
  return { isForInpainting: shape?.[1] === 9, isLarge: isRefiner || hasEncoder(1), isRefiner }
}

/** The header of a `.safetensors` file: its length in 8 bytes, then JSON. Empty if it can't be read. */
function readHeader(file: string): Record<string, unknown> {
  const handle = openSync(file, 'r')
  try {
    const prefix = Buffer.alloc(8)
    const length = readSync(handle, prefix, 0, 8, 0) === 8 ? Number(prefix.readBigUInt64LE()) : 0
    if (length === 0 || length > MAX_HEADER_BYTES) return {}
    const json = Buffer.alloc(length)
    readSync(handle, json, 0, length, 8)
    return parseObject(json.toString('utf8'))
  } finally {
    closeSync(handle)
  }
}

function readJson(file: string): Record<string, unknown> {
  return isRegularFile(file) ? parseObject(readFileSync(file, 'utf8')) : {}
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {} // painting with this model reports what is wrong with it
  }
}
