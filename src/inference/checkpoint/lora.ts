import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { UserError } from '../../user-error.js'
import type { StoredTensor } from '../onnx/graph-builder.js'
import { CHECKPOINT_EXTENSION } from './checkpoint.js'
import { ldmUnetNames } from './ldm-names.js'
import { type AdapterConfig, readAdapterConfig } from './lora-metadata.js'
import { groupByLayer, kindOfTensor, type LayerTensors } from './lora-tensors.js'
import { deltaOf, type RankedDelta } from './lora-update.js'
import { rotationOf } from './rotation.js'
import { readSafetensors, readTensor } from './safetensors.js'
import type { WeightUpdate, WeightUpdates } from './weight-update.js'

/** A LoRA in a prompt, with its weight: `<lora:name:0.8>`. Text encoders may have another one. */
export type LoraRequest = { readonly name: string; readonly weight: number; readonly textWeight?: number }

/** The model that LoRAs are applied to: its weights by diffusers' names. */
export type LoraTarget = {
  readonly name: string
  readonly unet: WeightShapes
  readonly textEncoders: readonly WeightShapes[]
}
type WeightShapes = ReadonlyMap<string, Pick<StoredTensor, 'shape'>>

/** The updates of a model's layers, and all tensors of the LoRA files. */
export type LoadedLoras = {
  readonly unet: WeightUpdates
  readonly textEncoders: readonly WeightUpdates[]
  readonly tensors: readonly ReadonlyMap<string, StoredTensor>[]
}

/**
 * Read LoRAs and their relatives (see `weight-update.ts`) from the `lora` folder inside the model folder. Layers may be
 * named as by kohya's scripts, diffusers, PEFT or ComfyUI.
 *
 * Layers that the model lacks are skipped, as in A1111's web UI, unless they are all of the UNet's.
 *
 * @param modelFolder the folder of the models
 * @param log receives one line for each LoRA of which something is skipped
 * @throws UserError `lora-unknown`, `lora-incompatible`, `lora-kind-unsupported`, those of `readSafetensors`
 */
export async function readLoras(
  modelFolder: string,
  requests: readonly LoraRequest[],
  model: LoraTarget,
  log: (line: string) => void = () => {},
): Promise<LoadedLoras> {
  const networks = [model.unet, ...model.textEncoders]
  const layersByName = networks.map((weights, index) =>
    layerNames(index === 0 ? UNET_PREFIXES : TEXT_ENCODER_PREFIXES[index - 1]!, [...weights.keys()]),
  )
  const updates = layersByName.map(() => new Map<string, WeightUpdate[]>())
  const tensors: ReadonlyMap<string, StoredTensor>[] = []
  for (const { name, weight, textWeight = weight } of requests) {
    const incompatible = () => new UserError({ code: 'lora-incompatible', lora: name, model: model.name })
    const file = await readSafetensors(loraFile(modelFolder, name))
    tensors.push(file.tensors)
    const { layers, unknown } = groupByLayer(file)
    if (unknown !== undefined) {
      throw new UserError({ code: 'lora-kind-unsupported', lora: name, kind: kindOfTensor(unknown) })
    }
    const adapterConfig = readAdapterConfig(file)
    const skipped: string[] = []
    const networksWithLayers = new Set<number>()
    for (const [layer, parts] of layers) {
      const network = layersByName.findIndex(names => names.has(underscored(layer)))
      if (network < 0) {
        skipped.push(layer)
        continue
      }
      const target = layersByName[network]!.get(underscored(layer))!
      const { shape } = networks[network]!.get(`${target}.weight`)!
      const strength = network === 0 ? weight : textWeight
      const update = await readUpdate(parts, shape, strength, adapterConfig(target, network))
      if (!update) throw incompatible()
      updates[network]!.set(target, [...(updates[network]!.get(target) ?? []), update])
      networksWithLayers.add(network)
    }
    const isForAnotherUnet = !networksWithLayers.has(0) && skipped.some(isUnetLayer)
    if (networksWithLayers.size === 0 || isForAnotherUnet) throw incompatible()
    if (skipped.length > 0) log(`LoRA ${name}: ${skipped.length} layers are not in ${model.name}, e.g. ${skipped[0]}`)
  }
  const [unet, ...textEncoders] = updates.map(map => (layer: string) => map.get(layer) ?? [])
  return { unet: unet!, textEncoders, tensors }
}

/** @returns undefined if the tensors don't fit the layer */
async function readUpdate(
  parts: LayerTensors,
  shape: readonly number[],
  strength: number,
  config: AdapterConfig,
): Promise<WeightUpdate | undefined> {
  const isOnInput = parts.isOnInput !== undefined && (await readTensor(parts.isOnInput))[0] !== 0
  const rotation = await rotationOf(parts, shape)
  const found: RankedDelta | undefined = rotation
    ? { delta: { kind: 'rotation', ...rotation }, rank: undefined }
    : deltaOf(parts, shape, isOnInput)
  const { magnitude, biasDifference: bias, alpha } = parts
  const hasOtherTensors = Object.keys(parts).some(role => role !== 'biasDifference' && role !== 'alpha')
  if ((!found && (hasOtherTensors || !bias)) || (bias && bias.shape[0] !== shape[0])) return undefined
  const norms = magnitude && magnitudeOf(magnitude, shape)
  if (magnitude && !norms) return undefined
  const rank = found?.rank
  const divisor = rank === undefined ? 1 : config.isRankStabilized ? Math.sqrt(rank) : rank
  const ownAlpha = alpha ? (await readTensor(alpha))[0]! : config.alpha
  const ownScale = rank === undefined ? 1 : (ownAlpha ?? rank) / divisor
  // By column, DoRA interpolates between the weights with its strength; by row, its strength is in the update.
  const isByColumn = norms !== undefined && norms.shape[0] === 1
  return { delta: found?.delta, scale: isByColumn ? ownScale : strength * ownScale, strength, magnitude: norms, bias }
}

/** The norms of a weight's rows, or of its columns; undefined if there are other numbers of them. */
function magnitudeOf(norms: StoredTensor, [to, from]: readonly number[]): WeightUpdate['magnitude'] {
  const count = norms.shape.reduce((product, side) => product * side, 1)
  const isByColumn = norms.shape[0] === 1 && count === from
  if (isByColumn) return { norms, shape: [1, from] }
  return count === to ? { norms, shape: [to, 1] } : undefined
}

/** The names of the LoRAs in a model folder, without extension, sorted. */
export function listLoraNames(modelFolder: string): string[] {
  const folder = join(modelFolder, LORA_FOLDER)
  const files = existsSync(folder) ? readdirSync(folder) : []
  return files
    .filter(file => file.endsWith(CHECKPOINT_EXTENSION))
    .map(file => basename(file, CHECKPOINT_EXTENSION))
    .sort()
}

/** The folder of LoRAs inside the model folder. */
const LORA_FOLDER = 'lora'

/**
 * The path of a LoRA; only names of {@link listLoraNames}, so a name can't point outside the folder.
 *
 * @throws UserError `lora-unknown`
 */
function loraFile(modelFolder: string, name: string): string {
  const available = listLoraNames(modelFolder)
  if (available.includes(name)) return join(modelFolder, LORA_FOLDER, `${name}${CHECKPOINT_EXTENSION}`)
  throw new UserError({ code: 'lora-unknown', lora: name, known: available.join(', ') })
}

/** Prefixes of layer names in LoRA files, by network. */
const UNET_PREFIXES = [
  'lora_unet_',
  'oft_unet_',
  'unet.',
  // PEFT's own, ComfyUI's, and none.
  'base_model.model.',
  'unet.base_model.model.',
  'diffusion_model.',
  '',
] as const
const TEXT_ENCODER_PREFIXES = [
  [
    ...withTextModel(['lora_te_', 'lora_te1_', 'text_encoder.', 'text_encoder.base_model.model.']),
    ...withTextModel(['text_encoders.clip_l.transformer.', 'clip_l.transformer.']),
    'base_model.model.text_model.',
  ],
  [
    ...withTextModel(['lora_te2_', 'text_encoder_2.', 'text_encoder_2.base_model.model.']),
    ...withTextModel(['text_encoders.clip_g.transformer.', 'clip_g.transformer.']),
  ],
] as const

/** Prefixes without and with the `text_model` module of older versions of transformers. */
function withTextModel(prefixes: readonly string[]): string[] {
  return prefixes.flatMap(prefix => [prefix, `${prefix}text_model${prefix.endsWith('_') ? '_' : '.'}`])
}

/** Whether a layer that the model lacks looks like a UNet's. */
function isUnetLayer(layer: string): boolean {
  return /unet|diffusion_model|down_blocks|up_blocks|mid_block|input_blocks|output_blocks|middle_block/.test(layer)
}

/** The layers of a network by all names that they may have in a LoRA, underscored. */
function layerNames(prefixes: readonly string[], weights: readonly string[]): Map<string, string> {
  const layers = weights.flatMap(name => (name.endsWith('.weight') ? [name.slice(0, -'.weight'.length)] : []))
  const names = new Map<string, string>()
  const aliases = prefixes[0] === UNET_PREFIXES[0] ? ldmUnetNames(layers) : new Map<string, string>()
  for (const prefix of prefixes) {
    for (const layer of layers) {
      names.set(underscored(prefix + layer), layer)
      const alias = aliases.get(layer)
      if (alias !== undefined) names.set(underscored(prefix + alias), layer)
    }
  }
  return names
}

/** Kohya's scripts write underscores instead of dots. */
function underscored(name: string): string {
  return name.replaceAll('.', '_')
}
