/**
 * The shapes of the weights of Stable Diffusion's networks, by diffusers' names: as large as the real ones, or smaller.
 */

export type Shape = readonly number[]
export type Tensors = Map<string, Shape>

/** The numbers of a network in diffusers' `unet/config.json`. */
type UnetSize = {
  readonly inputs: number
  readonly widths: readonly number[]
  /** Transformer blocks at each level. */
  readonly depths: readonly number[]
  readonly middleDepth: number
  readonly context: number
  readonly linearProjection: boolean
  /** Length of SDXL's added conditions. */
  readonly added?: number
}

/** The numbers of a text encoder. */
type TextSize = { readonly width: number; readonly layers: number; readonly projection?: true }

/** The numbers of a whole model. */
export type ModelSize = {
  readonly unet: UnetSize
  /** Attention heads of the UNet, or of each of its levels. */
  readonly heads: number | readonly number[]
  /** Channels of the VAE at each level. */
  readonly vaeWidths: readonly number[]
  readonly texts: readonly TextSize[]
  /** Side of the training pictures, in latents. */
  readonly side: number
  /** Of the latents. */
  readonly scaling: number
}

const VAE_WIDTHS = [128, 256, 512, 512]

/** Stable Diffusion 1.5 and 2 for inpainting, and SDXL. */
export const MODEL_SIZES = {
  sd15: {
    unet: {
      inputs: 9,
      widths: [320, 640, 1280, 1280],
      depths: [1, 1, 1, 0],
      middleDepth: 1,
      context: 768,
      linearProjection: false,
    },
    heads: 8,
    vaeWidths: VAE_WIDTHS,
    side: 64,
    scaling: 0.18215,
    texts: [{ width: 768, layers: 12 }],
  },
  sd2: {
    unet: {
      inputs: 9,
      widths: [320, 640, 1280, 1280],
      depths: [1, 1, 1, 0],
      middleDepth: 1,
      context: 1024,
      linearProjection: true,
    },
    heads: [5, 10, 20, 20],
    vaeWidths: VAE_WIDTHS,
    side: 64,
    scaling: 0.18215,
    texts: [{ width: 1024, layers: 23 }],
  },
  sdxl: {
    unet: {
      inputs: 4,
      widths: [320, 640, 1280],
      depths: [0, 2, 10],
      middleDepth: 10,
      context: 2048,
      linearProjection: true,
      added: 2816,
    },
    heads: [5, 10, 20],
    vaeWidths: VAE_WIDTHS,
    side: 128,
    scaling: 0.13025,
    texts: [
      { width: 768, layers: 12 },
      { width: 1280, layers: 32, projection: true },
    ],
  },
} as const satisfies Record<string, ModelSize>

function layer(tensors: Tensors, name: string, weight: Shape, hasBias = true): void {
  tensors.set(`${name}.weight`, weight)
  if (hasBias) tensors.set(`${name}.bias`, [weight[0]!])
}

function resnet(tensors: Tensors, name: string, from: number, to: number, time?: number): void {
  layer(tensors, `${name}.norm1`, [from])
  layer(tensors, `${name}.conv1`, [to, from, 3, 3])
  if (time !== undefined) layer(tensors, `${name}.time_emb_proj`, [to, time])
  layer(tensors, `${name}.norm2`, [to])
  layer(tensors, `${name}.conv2`, [to, to, 3, 3])
  if (from !== to) layer(tensors, `${name}.conv_shortcut`, [to, from, 1, 1])
}

function transformer(tensors: Tensors, name: string, width: number, depth: number, size: UnetSize): void {
  const projection = size.linearProjection ? [width, width] : [width, width, 1, 1]
  layer(tensors, `${name}.norm`, [width])
  layer(tensors, `${name}.proj_in`, projection)
  for (let block = 0; block < depth; block++) {
    const at = `${name}.transformer_blocks.${block}`
    for (const norm of [1, 2, 3]) layer(tensors, `${at}.norm${norm}`, [width])
    for (const [attention, keys] of [
      ['attn1', width],
      ['attn2', size.context],
    ] as const) {
      layer(tensors, `${at}.${attention}.to_q`, [width, width], false)
      for (const part of ['to_k', 'to_v']) layer(tensors, `${at}.${attention}.${part}`, [width, keys], false)
      layer(tensors, `${at}.${attention}.to_out.0`, [width, width])
    }
    layer(tensors, `${at}.ff.net.0.proj`, [width * 8, width])
    layer(tensors, `${at}.ff.net.2`, [width, width * 4])
  }
  layer(tensors, `${name}.proj_out`, projection)
}

export function unetTensors(size: UnetSize): Tensors {
  const { widths, depths } = size
  const tensors: Tensors = new Map()
  const time = widths[0]! * 4
  layer(tensors, 'conv_in', [widths[0]!, size.inputs, 3, 3])
  layer(tensors, 'time_embedding.linear_1', [time, widths[0]!])
  layer(tensors, 'time_embedding.linear_2', [time, time])
  if (size.added !== undefined) {
    layer(tensors, 'add_embedding.linear_1', [time, size.added])
    layer(tensors, 'add_embedding.linear_2', [time, time])
  }
  const skips = [widths[0]!]
  let width = widths[0]!
  for (const [level, next] of widths.entries()) {
    for (const index of [0, 1]) {
      resnet(tensors, `down_blocks.${level}.resnets.${index}`, width, next, time)
      if (depths[level]) transformer(tensors, `down_blocks.${level}.attentions.${index}`, next, depths[level], size)
      width = next
      skips.push(width)
    }
    if (level === widths.length - 1) continue
    layer(tensors, `down_blocks.${level}.downsamplers.0.conv`, [width, width, 3, 3])
    skips.push(width)
  }
  for (const index of [0, 1]) resnet(tensors, `mid_block.resnets.${index}`, width, width, time)
  transformer(tensors, 'mid_block.attentions.0', width, size.middleDepth, size)
  for (const [block, next] of widths.toReversed().entries()) {
    const depth = depths[widths.length - 1 - block]!
    for (const index of [0, 1, 2]) {
      resnet(tensors, `up_blocks.${block}.resnets.${index}`, width + skips.pop()!, next, time)
      if (depth) transformer(tensors, `up_blocks.${block}.attentions.${index}`, next, depth, size)
      width = next
    }
    if (block < widths.length - 1) layer(tensors, `up_blocks.${block}.upsamplers.0.conv`, [width, width, 3, 3])
  }
  layer(tensors, 'conv_norm_out', [width])
  layer(tensors, 'conv_out', [4, width, 3, 3])
  return tensors
}

export function vaeTensors(widths: readonly number[]): Tensors {
  const tensors: Tensors = new Map()
  const middle = (part: string, width: number) => {
    for (const index of [0, 1]) resnet(tensors, `${part}.mid_block.resnets.${index}`, width, width)
    const at = `${part}.mid_block.attentions.0`
    layer(tensors, `${at}.group_norm`, [width])
    for (const one of ['to_q', 'to_k', 'to_v', 'to_out.0']) layer(tensors, `${at}.${one}`, [width, width])
  }
  layer(tensors, 'encoder.conv_in', [widths[0]!, 3, 3, 3])
  let width = widths[0]!
  for (const [level, next] of widths.entries()) {
    for (const index of [0, 1]) {
      resnet(tensors, `encoder.down_blocks.${level}.resnets.${index}`, width, next)
      width = next
    }
    if (level < 3) layer(tensors, `encoder.down_blocks.${level}.downsamplers.0.conv`, [width, width, 3, 3])
  }
  middle('encoder', width)
  layer(tensors, 'encoder.conv_norm_out', [width])
  layer(tensors, 'encoder.conv_out', [8, width, 3, 3])
  layer(tensors, 'quant_conv', [8, 8, 1, 1])
  layer(tensors, 'post_quant_conv', [4, 4, 1, 1])
  layer(tensors, 'decoder.conv_in', [width, 4, 3, 3])
  middle('decoder', width)
  for (const [block, next] of widths.toReversed().entries()) {
    for (const index of [0, 1, 2]) {
      resnet(tensors, `decoder.up_blocks.${block}.resnets.${index}`, width, next)
      width = next
    }
    if (block < 3) layer(tensors, `decoder.up_blocks.${block}.upsamplers.0.conv`, [width, width, 3, 3])
  }
  layer(tensors, 'decoder.conv_norm_out', [width])
  layer(tensors, 'decoder.conv_out', [3, width, 3, 3])
  return tensors
}

export function textTensors({ width, layers, projection }: TextSize): Tensors {
  const tensors: Tensors = new Map()
  tensors.set('text_model.embeddings.token_embedding.weight', [49_408, width])
  tensors.set('text_model.embeddings.position_embedding.weight', [77, width])
  for (let index = 0; index < layers; index++) {
    const at = `text_model.encoder.layers.${index}`
    for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj'])
      layer(tensors, `${at}.self_attn.${part}`, [width, width])
    for (const norm of [1, 2]) layer(tensors, `${at}.layer_norm${norm}`, [width])
    layer(tensors, `${at}.mlp.fc1`, [width * 4, width])
    layer(tensors, `${at}.mlp.fc2`, [width, width * 4])
  }
  layer(tensors, 'text_model.final_layer_norm', [width])
  if (projection) tensors.set('text_projection.weight', [width, width])
  return tensors
}
