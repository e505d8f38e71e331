import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { UserError } from '../../user-error.js'
import type { StoredTensor } from '../onnx/graph-builder.js'
import { CHECKPOINT_EXTENSION, readTensor } from './checkpoint.js'
import type { LoraDelta, LoraDeltas } from './layer-builder.js'
import { ldmUnetNames } from './ldm-names.js'
import { readSafetensors } from './safetensors.js'

/** A LoRA that a prompt asks for, and how much of it: `<lora:name:0.8>`. */
export type LoraRequest = { readonly name: string; readonly weight: number }

/** A model's weights, by diffusers' names, which LoRAs' names are understood by. */
export type LoraTarget = {
  readonly name: string
  readonly unet: WeightShapes
  readonly textEncoders: readonly WeightShapes[]
}
type WeightShapes = ReadonlyMap<string, Pick<StoredTensor, 'shape'>>

/** What LoRAs add to the parts of a model, and the tensors that it takes. */
export type LoadedLoras = {
  readonly unet: LoraDeltas
  readonly textEncoders: readonly LoraDeltas[]
  readonly tensors: readonly ReadonlyMap<string, StoredTensor>[]
}

/**
 * Read LoRAs (Hu et al. 2021) that lie beside the models of a folder, by their files' names without ending. Layers may be called
 * as kohya's scripts or as diffusers and PEFT call them.
 *
 * @throws UserError `lora-unknown`, `lora-incompatible`, those of `readSafetensors`
 */
export async function readLoras(
  modelFolder: string,
  requests: readonly LoraRequest[],
  model: LoraTarget,
): Promise<LoadedLoras> {
  const weights = [model.unet, ...model.textEncoders]
  const layersByName = weights.map((own, index) =>
    layerNames(index === 0 ? UNET_PREFIXES : TEXT_ENCODER_PREFIXES[index - 1]!, [...own.keys()]),
  )
  const deltas = layersByName.map(() => new Map<string, LoraDelta[]>())
  const tensors: ReadonlyMap<string, StoredTensor>[] = []
  for (const { name, weight } of requests) {
    const { tensors: own } = await readSafetensors(loraFile(modelFolder, name))
    tensors.push(own)
    const layers = groupByLayer(own)
    for (const [layer, { down, up, middle, alpha }] of layers) {
      const part = layersByName.findIndex(one => one.has(underscored(layer)))
      if (!down || !up || part < 0) throw new UserError({ code: 'lora-incompatible', lora: name, model: model.name })
      const target = layersByName[part]!.get(underscored(layer))!
      const rank = down.shape[0]!
      if (!hasMatchingShapes(weights[part]!.get(`${target}.weight`)!.shape, down.shape, up.shape)) {
        throw new UserError({ code: 'lora-incompatible', lora: name, model: model.name })
      }
      const own = alpha ? (await readTensor(alpha))[0]! : rank
      const list = deltas[part]!.get(target) ?? []
      list.push({ down, up, middle, scale: (weight * own) / rank })
      deltas[part]!.set(target, list)
    }
    if (layers.size === 0) throw new UserError({ code: 'lora-incompatible', lora: name, model: model.name })
  }
  const [unet, ...texts] = deltas.map(map => (layer: string) => map.get(layer) ?? [])
  return { unet: unet!, textEncoders: texts, tensors }
}

/** Whether a layer's weight has the shape of what is added to it. */
function hasMatchingShapes([to, from]: readonly number[], down: readonly number[], up: readonly number[]): boolean {
  return down[1] === from && up[0] === to && up[1] === down[0]
}

/** The names of the LoRAs that lie beside the models of a folder, in the order of the alphabet. */
export function listLoraNames(modelFolder: string): string[] {
  const folder = join(modelFolder, LORA_FOLDER)
  const files = existsSync(folder) ? readdirSync(folder) : []
  return files
    .filter(file => file.endsWith(CHECKPOINT_EXTENSION))
    .map(file => basename(file, CHECKPOINT_EXTENSION))
    .sort()
}

/** Where they lie, beside the models. */
const LORA_FOLDER = 'lora'

/** One of {@link listLoraNames}, whatever else the name might lead to. */
function loraFile(modelFolder: string, name: string): string {
  const available = listLoraNames(modelFolder)
  if (available.includes(name)) return join(modelFolder, LORA_FOLDER, `${name}${CHECKPOINT_EXTENSION}`)
  throw new UserError({ code: 'lora-unknown', lora: name, known: available.join(', ') })
}

/** What files begin the names of a part's layers with. */
const UNET_PREFIXES = ['lora_unet_', 'unet.'] as const
const TEXT_ENCODER_PREFIXES = [
  ['lora_te_', 'lora_te1_', 'text_encoder.', 'lora_te_text_model_', 'lora_te1_text_model_', 'text_encoder.text_model.'],
  ['lora_te2_', 'text_encoder_2.', 'lora_te2_text_model_', 'text_encoder_2.text_model.'],
] as const

/** Layers of a part, by all names that they may have in a LoRA. */
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

/** Kohya's scripts write names with underscores only. */
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

/** What kinds of tensors a layer may have, by how their names end. */
const TENSOR_SUFFIXES: readonly (readonly [RegExp, keyof LayerTensors])[] = [
  [/\.(?:lora_down|lora_A|lora\.down|lora_linear_layer\.down)(?:\.default)?\.weight$/, 'down'],
  [/\.(?:lora_up|lora_B|lora\.up|lora_linear_layer\.up)(?:\.default)?\.weight$/, 'up'],
  [/\.lora_mid\.weight$/, 'middle'],
  [/\.alpha$/, 'alpha'],
]

/** The older layout of diffusers keeps a LoRA in the attention's processor. */
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
    // Other decompositions (LoHa, LoKr, DoRA) have other parts, which nothing here knows.
    if (suffix) tensorsOf(name.replace(suffix[0], ''))[suffix[1]] = tensor
    else tensorsOf(name).other = tensor
  }
  return layers
}
