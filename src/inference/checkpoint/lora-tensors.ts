import type { StoredTensor } from '../onnx/graph-builder.js'
import type { Safetensors } from './safetensors.js'

/** What a tensor of a fine-tuning file is for its layer. */
type Role =
  | 'down'
  | 'up'
  | 'middle'
  | 'alpha'
  | 'magnitude'
  | 'difference'
  | 'biasDifference'
  | 'rescaling'
  | 'multiplier'
  | 'isOnInput'
  | 'skewBlocks'
  | 'rotationBlocks'
  | 'skewTriangles'
  | 'rescale'
  | `${'w1' | 'w2'}${'' | 'a' | 'b' | 'core'}`
  | `${'k1' | 'k2'}${'' | 'a' | 'b' | 'core'}`

/** The tensors of a layer, by their roles. */
export type LayerTensors = Partial<Record<Role, StoredTensor>>

/** Suffixes of tensor names, as kohya's scripts, LyCORIS, diffusers and PEFT write them. The first that matches counts. */
const SUFFIXES: readonly (readonly [RegExp, Role])[] = [
  [/\.(?:lora_down|lora_A|lora\.down|lora_linear_layer\.down)(?:\.default)?\.weight$/, 'down'],
  [/\.(?:lora_up|lora_B|lora\.up|lora_linear_layer\.up)(?:\.default)?\.weight$/, 'up'],
  [/\.lora_mid\.weight$/, 'middle'],
  [/\.alpha$/, 'alpha'],
  [/\.(?:dora_scale|lora_magnitude_vector)(?:\.default)?(?:\.weight)?$/, 'magnitude'],
  [/\.hada_w1_a(?:\.default)?$/, 'w1a'],
  [/\.hada_w1_b(?:\.default)?$/, 'w1b'],
  [/\.hada_t1(?:\.default)?$/, 'w1core'],
  [/\.hada_w2_a(?:\.default)?$/, 'w2a'],
  [/\.hada_w2_b(?:\.default)?$/, 'w2b'],
  [/\.hada_t2(?:\.default)?$/, 'w2core'],
  [/\.lokr_w1(?:\.default)?$/, 'k1'],
  [/\.lokr_w1_a(?:\.default)?$/, 'k1a'],
  [/\.lokr_w1_b(?:\.default)?$/, 'k1b'],
  [/\.lokr_t1(?:\.default)?$/, 'k1core'],
  [/\.lokr_w2(?:\.default)?$/, 'k2'],
  [/\.lokr_w2_a(?:\.default)?$/, 'k2a'],
  [/\.lokr_w2_b(?:\.default)?$/, 'k2b'],
  [/\.lokr_t2(?:\.default)?$/, 'k2core'],
  [/\.(?:diff|w_norm)$/, 'difference'],
  [/\.(?:diff_b|b_norm)$/, 'biasDifference'],
  [/\.on_input$/, 'isOnInput'],
  [/\.ia3_l(?:\.default)?$/, 'multiplier'],
  [/\.oft_blocks$/, 'skewBlocks'],
  [/\.oft_diag$/, 'rotationBlocks'],
  [/\.oft_R(?:\.default)?\.weight$/, 'skewTriangles'],
  [/\.rescale$/, 'rescale'],
]

/** Names in diffusers' older layout, where a LoRA is part of the attention processor. */
const ATTENTION_PROCESSOR = /\.processor\.(to_[qkv]|to_out)_lora\.(down|up)\.weight$/

/** Textual inversion embeddings that some LoRA files contain. */
export const BUNDLED_EMBEDDING = /^bundle_emb\.(.+?)\.(?:string_to_param\.)?([^.]+)$/

/** Kinds of fine-tuning that are not computed, by the names of their tensors. */
const UNSUPPORTED_KINDS: readonly (readonly [RegExp, string])[] = [
  [/\.boft_/, 'PEFT’s BOFT'],
  [/\.oft_|(?:^|\.)oft/, 'an old form of OFT'],
  [/\.[ab][12]\.weight$/, 'GLoRA'],
  [/^emb_params$|string_to_param/, 'textual inversion'],
]

/** The layers of a file with their tensors, and the first tensor name that nothing is known of. */
export function groupByLayer({ tensors }: Safetensors): { layers: Map<string, LayerTensors>; unknown?: string } {
  const layers = new Map<string, LayerTensors>()
  const tensorsOf = (layer: string) => {
    const found = layers.get(layer) ?? {}
    layers.set(layer, found)
    return found
  }
  const others: [string, StoredTensor][] = []
  for (const [name, tensor] of tensors) {
    const [old, target, direction] = ATTENTION_PROCESSOR.exec(name) ?? []
    const suffix = SUFFIXES.find(([pattern]) => pattern.test(name))
    if (old !== undefined) {
      const layer = `${name.slice(0, -old.length)}.${target === 'to_out' ? 'to_out.0' : target}`
      tensorsOf(layer)[direction as 'down' | 'up'] = tensor
    } else if (suffix) tensorsOf(name.replace(suffix[0], ''))[suffix[1]] = tensor
    else if (!BUNDLED_EMBEDDING.test(name)) others.push([name, tensor])
  }
  const unknown = others.find(([name, tensor]) => {
    // LyCORIS calls an IA3 vector `weight`.
    const layer = name.endsWith('.weight') ? layers.get(name.slice(0, -'.weight'.length)) : undefined
    if (layer?.isOnInput) layer.rescaling = tensor
    return !layer?.isOnInput
  })
  return { layers, ...(unknown && { unknown: unknown[0] }) }
}

/** The name of the kind of fine-tuning that a tensor belongs to, or the tensor's name in quotes. */
export function kindOfTensor(name: string): string {
  return UNSUPPORTED_KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? `“${name.slice(0, 100)}”`
}
