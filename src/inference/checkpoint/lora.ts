import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { UserError } from '../../user-error.js'
import type { StoredTensor } from '../onnx/graph-builder.js'
import { CHECKPOINT_EXTENSION } from './checkpoint.js'
import type { LoraDelta, LoraDeltas } from './layer-builder.js'
import { ldmUnetNames } from './ldm-names.js'
import { readSafetensors, readTensor } from './safetensors.js'

/** A LoRA in a prompt, with its weight: `<lora:name:0.8>`. Text encoders may have another one. */
export type LoraRequest = { readonly name: string; readonly weight: number; readonly textWeight?: number }

/** The model that LoRAs are applied to: its weights by diffusers' names. */
export type LoraTarget = {
  readonly name: string
  readonly unet: WeightShapes
  readonly textEncoders: readonly WeightShapes[]
}
type WeightShapes = ReadonlyMap<string, Pick<StoredTensor, 'shape'>>

/** The deltas that LoRAs add to a model's layers, and all tensors of the LoRA files. */
export type LoadedLoras = {
  readonly unet: LoraDeltas
  readonly textEncoders: readonly LoraDeltas[]
  readonly tensors: readonly ReadonlyMap<string, StoredTensor>[]
}

/**
 * Read LoRAs (Hu et al. 2021) from the `lora` folder inside the model folder. Layers may be named as by kohya's
 * scripts, diffusers or PEFT.
 *
 * @param modelFolder the folder of the models
 * @throws UserError `lora-unknown`, `lora-incompatible`, those of `readSafetensors`
 */
export async function readLoras(
  modelFolder: string,
  requests: readonly LoraRequest[],
  model: LoraTarget,
): Promise<LoadedLoras> {
  const networks = [model.unet, ...model.textEncoders]
  const layersByName = networks.map((weights, index) =>
    layerNames(index === 0 ? UNET_PREFIXES : TEXT_ENCODER_PREFIXES[index - 1]!, [...weights.keys()]),
  )
  const deltas = layersByName.map(() => new Map<string, LoraDelta[]>())
  const tensors: ReadonlyMap<string, StoredTensor>[] = []
  for (const { name, weight, textWeight = weight } of requests) {
    const incompatible = () => new UserError({ code: 'lora-incompatible', lora: name, model: model.name })
    const file = await readSafetensors(loraFile(modelFolder, name))
    tensors.push(file.tensors)
    const layers = groupByLayer(file.tensors)
    for (const [layer, { down, up, middle, alpha }] of layers) {
      const network = layersByName.findIndex(names => names.has(underscored(layer)))
      if (!down || !up || network < 0) throw incompatible()
      const target = layersByName[network]!.get(underscored(layer))!
      const rank = down.shape[0]!
      if (!hasMatchingShapes(networks[network]!.get(`${target}.weight`)!.shape, down.shape, up.shape)) {
        throw incompatible()
      }
      const loraAlpha = alpha ? (await readTensor(alpha))[0]! : rank
      const layerDeltas = deltas[network]!.get(target) ?? []
      layerDeltas.push({ down, up, middle, scale: ((network === 0 ? weight : textWeight) * loraAlpha) / rank })
      deltas[network]!.set(target, layerDeltas)
    }
    if (layers.size === 0) throw incompatible()
  }
  const [unet, ...textEncoders] = deltas.map(map => (layer: string) => map.get(layer) ?? [])
  return { unet: unet!, textEncoders, tensors }
}

/** Whether up · down has the shape of the layer's weight. */
function hasMatchingShapes([to, from]: readonly number[], down: readonly number[], up: readonly number[]): boolean {
  return down[1] === from && up[0] === to && up[1] === down[0]
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
const UNET_PREFIXES = ['lora_unet_', 'unet.'] as const
const TEXT_ENCODER_PREFIXES = [
  ['lora_te_', 'lora_te1_', 'text_encoder.', 'lora_te_text_model_', 'lora_te1_text_model_', 'text_encoder.text_model.'],
  ['lora_te2_', 'text_encoder_2.', 'lora_te2_text_model_', 'text_encoder_2.text_model.'],
] as const

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

type LayerTensors = {
  down?: StoredTensor
  up?: StoredTensor
  middle?: StoredTensor
  alpha?: StoredTensor
  other?: StoredTensor
}

/** Suffixes of tensor names in LoRA files. */
const TENSOR_SUFFIXES: readonly (readonly [RegExp, keyof LayerTensors])[] = [
  [/\.(?:lora_down|lora_A|lora\.down|lora_linear_layer\.down)(?:\.default)?\.weight$/, 'down'],
  [/\.(?:lora_up|lora_B|lora\.up|lora_linear_layer\.up)(?:\.default)?\.weight$/, 'up'],
  [/\.lora_mid\.weight$/, 'middle'],
  [/\.alpha$/, 'alpha'],
]

/** Names in diffusers' older layout, where a LoRA is part of the attention processor. */
const ATTENTION_PROCESSOR = /\.processor\.(to_[qkv]|to_out)_lora\.(down|up)\.weight$/

function groupByLayer(tensors: ReadonlyMap<string, StoredTensor>): Map<string, LayerTensors> {
  const layers = new Map<string, LayerTensors>()
  const tensorsOf = (layer: string) => {
    const found = layers.get(layer) ?? {}
    layers.set(layer, found)
    return found
  }
  for (const [name, tensor] of tensors) {
    const [old, target, direction] = ATTENTION_PROCESSOR.exec(name) ?? []
    if (old !== undefined) {
      const layer = `${name.slice(0, -old.length)}.${target === 'to_out' ? 'to_out.0' : target}`
      tensorsOf(layer)[direction as 'down' | 'up'] = tensor
      continue
    }
    const suffix = TENSOR_SUFFIXES.find(([pattern]) => pattern.test(name))
    // Other decompositions (LoHa, LoKr, DoRA) have other tensors and are not supported.
    if (suffix) tensorsOf(name.replace(suffix[0], ''))[suffix[1]] = tensor
    else tensorsOf(name).other = tensor
  }
  return layers
}
