import type { StoredTensor } from '../onnx/graph-builder.js'

/**
 * Renames tensors of a single-file checkpoint, in the layout of CompVis' and Stability's code (LDM), to diffusers'
 * names. The mapping is that of diffusers' conversion script.
 */
type Tensors = ReadonlyMap<string, StoredTensor>

/** Prefix of the UNet's tensors in a single file. The moving average, `model_ema`, is for training and not read. */
export const LDM_UNET_PREFIX = 'model.diffusion_model.'

/** The tensors with this prefix, without it. */
export function stripPrefix(tensors: Tensors, prefix: string): Map<string, StoredTensor> {
  const found = new Map<string, StoredTensor>()
  for (const [name, tensor] of tensors) if (name.startsWith(prefix)) found.set(name.slice(prefix.length), tensor)
  return found
}

/** A UNet's blocks have running numbers. Down- and upsamplers mark where a new level starts. */
export function renameUnetTensors(tensors: Tensors): Map<string, StoredTensor> {
  const blocks = new Map<string, string>(UNET_OUTER_LAYERS)
  let [level, index] = [0, 0]
  for (let number = 1; hasPrefix(tensors, `input_blocks.${number}.`); number++) {
    const block = `input_blocks.${number}`
    if (tensors.has(`${block}.0.op.weight`)) {
      blocks.set(`${block}.0.op`, `down_blocks.${level}.downsamplers.0.conv`)
      level++
      index = 0
      continue
    }
    blocks.set(`${block}.0`, `down_blocks.${level}.resnets.${index}`)
    blocks.set(`${block}.1`, `down_blocks.${level}.attentions.${index}`)
    index++
  }
  ;[level, index] = [0, 0]
  for (let number = 0; hasPrefix(tensors, `output_blocks.${number}.`); number++) {
    const block = `output_blocks.${number}`
    blocks.set(`${block}.0`, `up_blocks.${level}.resnets.${index}`)
    const upsampler = ['1', '2'].map(part => `${block}.${part}.conv`).find(name => tensors.has(`${name}.weight`))
    if (upsampler !== `${block}.1.conv`) blocks.set(`${block}.1`, `up_blocks.${level}.attentions.${index}`)
    index++
    if (upsampler) {
      blocks.set(upsampler, `up_blocks.${level}.upsamplers.0.conv`)
      level++
      index = 0
    }
  }
  return renameBlocks(tensors, blocks, RESNET_LAYERS)
}

const UNET_OUTER_LAYERS: readonly [string, string][] = [
  ['input_blocks.0.0', 'conv_in'],
  ['middle_block.0', 'mid_block.resnets.0'],
  ['middle_block.1', 'mid_block.attentions.0'],
  ['middle_block.2', 'mid_block.resnets.1'],
  ['time_embed.0', 'time_embedding.linear_1'],
  ['time_embed.2', 'time_embedding.linear_2'],
  ['time_embed.cond_proj', 'time_embedding.cond_proj'],
  ['label_emb.0.0', 'add_embedding.linear_1'],
  ['label_emb.0.2', 'add_embedding.linear_2'],
  ['out.0', 'conv_norm_out'],
  ['out.2', 'conv_out'],
]

const RESNET_LAYERS: readonly [string, string][] = [
  ['in_layers.0', 'norm1'],
  ['in_layers.2', 'conv1'],
  ['emb_layers.1', 'time_emb_proj'],
  ['out_layers.0', 'norm2'],
  ['out_layers.3', 'conv2'],
  ['skip_connection', 'conv_shortcut'],
]

/** LDM numbers a VAE's decoder levels by resolution, diffusers in order of execution. */
export function renameVaeTensors(tensors: Tensors): Map<string, StoredTensor> {
  const blocks = new Map<string, string>()
  const levels = (half: string) => {
    let count = 0
    while (hasPrefix(tensors, `${half}.${count}.`)) count++
    return count
  }
  const [down, up] = [levels('encoder.down'), levels('decoder.up')]
  for (let level = 0; level < down; level++) {
    blocks.set(`encoder.down.${level}.block`, `encoder.down_blocks.${level}.resnets`)
    blocks.set(`encoder.down.${level}.downsample.conv`, `encoder.down_blocks.${level}.downsamplers.0.conv`)
  }
  for (let level = 0; level < up; level++) {
    blocks.set(`decoder.up.${level}.block`, `decoder.up_blocks.${up - 1 - level}.resnets`)
    blocks.set(`decoder.up.${level}.upsample.conv`, `decoder.up_blocks.${up - 1 - level}.upsamplers.0.conv`)
  }
  for (const half of ['encoder', 'decoder']) {
    blocks.set(`${half}.mid.block_1`, `${half}.mid_block.resnets.0`)
    blocks.set(`${half}.mid.attn_1`, `${half}.mid_block.attentions.0`)
    blocks.set(`${half}.mid.block_2`, `${half}.mid_block.resnets.1`)
    blocks.set(`${half}.norm_out`, `${half}.conv_norm_out`)
  }
  return renameVaeAttention(renameBlocks(tensors, blocks, [['nin_shortcut', 'conv_shortcut'], ...VAE_ATTENTION_LAYERS]))
}

const VAE_ATTENTION_LAYERS: readonly [string, string][] = [
  ['norm', 'group_norm'],
  ['q', 'to_q'],
  ['k', 'to_k'],
  ['v', 'to_v'],
  ['proj_out', 'to_out.0'],
]

/** Renames a VAE's attention from the names of older versions of diffusers. */
export function renameVaeAttention(tensors: Tensors): Map<string, StoredTensor> {
  const old = { query: 'to_q', key: 'to_k', value: 'to_v', proj_attn: 'to_out.0' }
  return new Map(
    [...tensors].map(([name, tensor]) => {
      const [, head, kind, tail] = /^(.*attentions\.0\.)(query|key|value|proj_attn)(\..*)$/.exec(name) ?? []
      return [kind ? `${head}${old[kind as keyof typeof old]}${tail}` : name, tensor]
    }),
  )
}

/** Names without the `text_model.` module of older versions of transformers. */
export function stripTextModelPrefix(tensors: Tensors): Map<string, StoredTensor> {
  return new Map([...tensors].map(([name, tensor]) => [name.replace(/^text_model\./, ''), tensor]))
}

/** OpenCLIP's text encoder. Its queries, keys and values are stacked in one tensor, which is split. */
export function renameOpenClipTensors(tensors: Tensors): Map<string, StoredTensor> {
  const found = new Map<string, StoredTensor>()
  for (const [name, tensor] of tensors) {
    const [, layer, rest] = /^transformer\.resblocks\.(\d+)\.(.*)$/.exec(name) ?? []
    if (rest === undefined) {
      const whole = OPEN_CLIP_TENSORS[name]
      if (whole) found.set(whole, tensor)
      continue
    }
    const at = `encoder.layers.${layer}`
    const [, kind] = /^attn\.in_proj_(weight|bias)$/.exec(rest) ?? []
    if (kind) {
      for (const [index, part] of ['q_proj', 'k_proj', 'v_proj'].entries()) {
        found.set(`${at}.self_attn.${part}.${kind}`, takeThird(tensor, index))
      }
    } else {
      const known = OPEN_CLIP_LAYERS.find(([from]) => rest.startsWith(`${from}.`))
      if (known) found.set(`${at}.${known[1]}${rest.slice(known[0].length)}`, tensor)
    }
  }
  return found
}

const OPEN_CLIP_TENSORS: Readonly<Record<string, string>> = {
  'token_embedding.weight': 'embeddings.token_embedding.weight',
  positional_embedding: 'embeddings.position_embedding.weight',
  'ln_final.weight': 'final_layer_norm.weight',
  'ln_final.bias': 'final_layer_norm.bias',
  // Transposed compared to diffusers: see `text-encoder-graph.ts`.
  text_projection: 'text_projection',
}

const OPEN_CLIP_LAYERS: readonly [string, string][] = [
  ['ln_1', 'layer_norm1'],
  ['ln_2', 'layer_norm2'],
  ['attn.out_proj', 'self_attn.out_proj'],
  ['mlp.c_fc', 'mlp.fc1'],
  ['mlp.c_proj', 'mlp.fc2'],
]

/** A third of a tensor's rows. @param index 0 to 2 */
export function takeThird(tensor: StoredTensor, index: number): StoredTensor {
  const [rows, ...rest] = tensor.shape
  const length = tensor.length / 3
  return { ...tensor, shape: [rows! / 3, ...rest], offset: tensor.offset + index * length, length }
}

export function hasPrefix(tensors: Tensors, prefix: string): boolean {
  for (const name of tensors.keys()) if (name.startsWith(prefix)) return true
  return false
}

/** Replace the longest block name that matches, and then the name of the layer inside a resnet or attention block. */
function renameBlocks(
  tensors: Tensors,
  blocks: ReadonlyMap<string, string>,
  parts: readonly (readonly [string, string])[],
): Map<string, StoredTensor> {
  const found = new Map<string, StoredTensor>()
  for (const [name, tensor] of tensors) {
    const steps = name.split('.')
    let [head, tail] = ['', name]
    for (let length = steps.length - 1; length > 0; length--) {
      const to = blocks.get(steps.slice(0, length).join('.'))
      if (to === undefined) continue
      head = to
      tail = steps.slice(length).join('.')
      break
    }
    if (head !== '') {
      const own = /(?:^|\.)(?:resnets|attentions)(?:$|\.)/.test(head)
      const inner = /^\d+\./.exec(tail)?.[0] ?? ''
      const rest = tail.slice(inner.length)
      const part = own ? parts.find(([from]) => rest.startsWith(`${from}.`)) : undefined
      found.set(`${head}.${inner}${part ? part[1] + rest.slice(part[0].length) : rest}`, tensor)
    } else found.set(name, tensor)
  }
  return found
}

/** The inverse of {@link renameUnetTensors}: names of layers in single files by diffusers' names. */
export function ldmUnetNames(layers: readonly string[]): Map<string, string> {
  const has = (prefix: string) => layers.some(name => name.startsWith(prefix))
  const blocks = new Map<string, string>(UNET_OUTER_LAYERS.map(([own, theirs]) => [theirs, own]))
  const walk = (kind: 'down' | 'up', first: number) => {
    let number = first
    for (let level = 0; has(`${kind}_blocks.${level}.`); level++) {
      const at = `${kind}_blocks.${level}`
      const block = () => `${kind === 'down' ? 'input' : 'output'}_blocks.${number}`
      for (let index = 0; has(`${at}.resnets.${index}.`); index++) {
        blocks.set(`${at}.resnets.${index}`, `${block()}.0`)
        blocks.set(`${at}.attentions.${index}`, `${block()}.1`)
        number++
      }
      if (kind === 'down' && has(`${at}.downsamplers.`)) {
        blocks.set(`${at}.downsamplers.0.conv`, `${block()}.0.op`)
        number++
      }
      if (kind === 'up' && has(`${at}.upsamplers.`)) {
        number--
        blocks.set(`${at}.upsamplers.0.conv`, `${block()}.${has(`${at}.attentions.`) ? 2 : 1}.conv`)
        number++
      }
    }
  }
  walk('down', 1)
  walk('up', 0)
  const parts = RESNET_LAYERS.map(([own, theirs]) => [theirs, own] as const)
  return new Map(
    layers.map(layer => {
      const steps = layer.split('.')
      for (let length = steps.length; length > 0; length--) {
        const to = blocks.get(steps.slice(0, length).join('.'))
        if (to === undefined) continue
        const rest = steps.slice(length).join('.')
        const part = layer.includes('.resnets.') ? parts.find(([theirs]) => theirs === rest)?.[1] : undefined
        return [layer, [to, part ?? rest].filter(Boolean).join('.')]
      }
      return [layer, layer]
    }),
  )
}
