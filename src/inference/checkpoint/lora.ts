import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../user-error.js'
import type { StoredTensor } from '../onnx/graph-builder.js'
import { CHECKPOINT_EXTENSION } from './checkpoint.js'
import type { LoraDelta, LoraDeltas } from './layer-builder.js'
import { ldmUnetNames } from './ldm-names.js'
import { parsePythonJson } from './python-json.js'
import { readSafetensors, readTensor, type Safetensors } from './safetensors.js'

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
  const deltas = layersByName.map(() => new Map<string, LoraDelta[]>())
  const tensors: ReadonlyMap<string, StoredTensor>[] = []
  for (const { name, weight, textWeight = weight } of requests) {
    const incompatible = () => new UserError({ code: 'lora-incompatible', lora: name, model: model.name })
    const file = await readSafetensors(loraFile(modelFolder, name))
    tensors.push(file.tensors)
    const adapterConfig = readAdapterConfig(file)
    const unsupported = unsupportedKind(file) ?? (adapterConfig('').usesDora ? 'DoRA' : undefined)
    if (unsupported !== undefined) throw new UserError({ code: 'lora-kind-unsupported', lora: name, kind: unsupported })
    const layers = groupByLayer(file.tensors)
    const skipped: string[] = []
    const networksWithLayers = new Set<number>()
    for (const [layer, { down, up, middle, alpha }] of layers) {
      const network = layersByName.findIndex(names => names.has(underscored(layer)))
      if (network < 0) {
        skipped.push(layer)
        continue
      }
      if (!down || !up) throw incompatible()
      const target = layersByName[network]!.get(underscored(layer))!
      const rank = down.shape[0]!
      if (!hasMatchingShapes(networks[network]!.get(`${target}.weight`)!.shape, down.shape, up.shape)) {
        throw incompatible()
      }
      const config = adapterConfig(target, network)
      const loraAlpha = alpha ? (await readTensor(alpha))[0]! : (config.alpha ?? rank)
      const divisor = config.isRankStabilized ? Math.sqrt(rank) : rank
      const layerDeltas = deltas[network]!.get(target) ?? []
      const networkWeight = network === 0 ? weight : textWeight
      layerDeltas.push({ down, up, middle, scale: (networkWeight * loraAlpha) / divisor })
      deltas[network]!.set(target, layerDeltas)
      networksWithLayers.add(network)
    }
    const isForAnotherUnet = !networksWithLayers.has(0) && skipped.some(isUnetLayer)
    if (networksWithLayers.size === 0 || isForAnotherUnet) throw incompatible()
    if (skipped.length > 0) log(`LoRA ${name}: ${skipped.length} layers are not in ${model.name}, e.g. ${skipped[0]}`)
    if ([...file.tensors.keys()].some(isBundledEmbedding)) log(`LoRA ${name}: the embeddings in its file are not used`)
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
const UNET_PREFIXES = [
  'lora_unet_',
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

type LayerTensors = {
  down?: StoredTensor
  up?: StoredTensor
  middle?: StoredTensor
  alpha?: StoredTensor
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

/** Textual inversion embeddings that some LoRA files contain. */
const isBundledEmbedding = (name: string) => name.startsWith('bundle_emb.')

/** Other kinds of fine-tuning in LoRA files, by the names of their tensors. */
const UNSUPPORTED_KINDS: readonly (readonly [RegExp, string])[] = [
  [/\.hada_|\.lora_hada/, 'LoHa'],
  [/\.lokr_/, 'LoKr'],
  [/\.dora_scale$|\.lora_magnitude_vector/, 'DoRA'],
  [/\.on_input$|\.ia3_|(?:^|\.)ia3/, 'IA3'],
  [/\.oft_|\.boft_|(?:^|\.)oft/, 'OFT'],
  [/\.diff(?:_b)?$/, 'full weights (“diff”)'],
  [/\.(?:w|b)_norm$/, 'norm layers'],
  [/\.[ab][12]\.weight$/, 'GLoRA'],
  [/^emb_params$|string_to_param/, 'textual inversion'],
]

/** What a file has in addition to low-rank updates, or instead of them; undefined for a plain LoRA. */
function unsupportedKind({ tensors }: Safetensors): string | undefined {
  const others = [...tensors.keys()].filter(name => !isLoraTensor(name) && !isBundledEmbedding(name))
  if (others.length === 0) return undefined
  for (const [pattern, kind] of UNSUPPORTED_KINDS) if (others.some(name => pattern.test(name))) return kind
  return `“${others[0]!.slice(0, 100)}”`
}

function isLoraTensor(name: string): boolean {
  return ATTENTION_PROCESSOR.test(name) || TENSOR_SUFFIXES.some(([pattern]) => pattern.test(name))
}

type AdapterConfig = {
  readonly alpha?: number | undefined
  readonly isRankStabilized: boolean
  readonly usesDora: boolean
}

const adapterSchema = z.record(z.string(), z.unknown()).catch({})
const alphaPatternSchema = z.record(z.string(), z.number()).catch({})

/**
 * PEFT's configuration of a LoRA's layers, which diffusers writes into the file's metadata (`lora_adapter_metadata`):
 * alpha, exceptions by layer, and whether updates are scaled by 1 / √rank (Kalajdzievski 2023, "rsLoRA").
 *
 * @returns for a layer of network 0 (the UNet), 1 or 2 (text encoders)
 */
function readAdapterConfig({ metadata }: Safetensors): (layer: string, network?: number) => AdapterConfig {
  let fields: Record<string, unknown> = {}
  try {
    fields = adapterSchema.parse(parsePythonJson(metadata.lora_adapter_metadata ?? '{}'))
  } catch {
    // Metadata is free text.
  }
  return (layer, network = 0) => {
    const prefix = ['unet.', 'text_encoder.', 'text_encoder_2.'][network]!
    const field = (name: string) => fields[prefix + name] ?? (network === 0 ? fields[name] : undefined)
    const patterns = alphaPatternSchema.parse(field('alpha_pattern') ?? {})
    const pattern = Object.keys(patterns).find(one => `.${layer}`.endsWith(`.${one}`))
    const alpha = pattern === undefined ? field('lora_alpha') : patterns[pattern]
    return {
      alpha: typeof alpha === 'number' ? alpha : undefined,
      isRankStabilized: field('use_rslora') === true,
      usesDora: field('use_dora') === true,
    }
  }
}

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
    if (suffix) tensorsOf(name.replace(suffix[0], ''))[suffix[1]] = tensor
  }
  return layers
}
