/** A layer of a network: its weights by name, and what it computes, in floating point operations. */
export type Layer = { readonly name: string; readonly shape: readonly number[]; readonly flops: number }

/** Stable Diffusion 1.5 has 320, 640, 1280 and 1280 channels; this is half of it, so that a step takes seconds on two cores. */
const WIDTHS = [160, 320, 640, 640] as const
const TIME_WIDTH = 4 * WIDTHS[0]
const CONTEXT = { width: 768, tokens: 77 } as const
const RESNETS = 2

/** The encoder of hints, with the stride of each convolution. */
const HINT_LAYERS = [
  ['conv_in', 3, 16, 1],
  ['blocks.0', 16, 16, 1],
  ['blocks.1', 16, 32, 2],
  ['blocks.2', 32, 32, 1],
  ['blocks.3', 32, 96, 2],
  ['blocks.4', 96, 96, 1],
  ['blocks.5', 96, 256, 2],
  ['conv_out', 256, WIDTHS[0], 1],
] as const

/** Each multiplication comes with an addition. */
const OPERATIONS = 2

/** The layers of Stable Diffusion 1.5's UNet at half its width, by diffusers' names. @param side of the latents */
export function unetLayers(side: number): Layer[] {
  const last = WIDTHS.length - 1
  const skips = [WIDTHS[0] as number]
  for (const [level, width] of WIDTHS.entries())
    skips.push(...Array(RESNETS).fill(width), ...(level < last ? [width] : []))
  let current = WIDTHS[last] as number
  const up = WIDTHS.toReversed().flatMap((width, index) => {
    const positions = (side >> (last - index)) ** 2
    const layers: Layer[] = []
    for (let at = 0; at <= RESNETS; at++) {
      layers.push(...resnet(`up_blocks.${index}.resnets.${at}`, current + skips.pop()!, width, positions))
      if (index > 0) layers.push(...transformer(`up_blocks.${index}.attentions.${at}`, width, positions))
      current = width
    }
    return index < last
      ? [...layers, ...conv(`up_blocks.${index}.upsamplers.0.conv`, width, width, 3, positions * 4)]
      : layers
  })
  const end = [...norm('conv_norm_out', WIDTHS[0]), ...conv('conv_out', WIDTHS[0], 4, 3, side ** 2)]
  return [...encoderLayers(side), ...up, ...end]
}

/** The layers of a ControlNet for it. */
export function controlNetLayers(side: number): Layer[] {
  let hintSide = 8 * side
  const hint = HINT_LAYERS.flatMap(([name, from, to, stride]) => {
    hintSide /= stride
    return conv(`controlnet_cond_embedding.${name}`, from, to, 3, hintSide ** 2)
  })
  let index = 0
  const zero = (width: number, level: number) =>
    conv(`controlnet_down_blocks.${index++}`, width, width, 1, (side >> level) ** 2)
  const zeros = [
    ...zero(WIDTHS[0], 0),
    ...WIDTHS.flatMap((width, level) => [
      ...Array.from({ length: RESNETS }, () => zero(width, level)).flat(),
      ...(level < WIDTHS.length - 1 ? zero(width, level + 1) : []),
    ]),
  ]
  const middle = conv('controlnet_mid_block', WIDTHS.at(-1)!, WIDTHS.at(-1)!, 1, (side >> (WIDTHS.length - 1)) ** 2)
  return [...encoderLayers(side), ...hint, ...zeros, ...middle]
}

/** What both networks begin with. */
function encoderLayers(side: number): Layer[] {
  const last = WIDTHS.length - 1
  let current = WIDTHS[0] as number
  const down = WIDTHS.flatMap((width, level) => {
    const positions = (side >> level) ** 2
    const layers: Layer[] = []
    for (let at = 0; at < RESNETS; at++) {
      layers.push(...resnet(`down_blocks.${level}.resnets.${at}`, current, width, positions))
      if (level < last) layers.push(...transformer(`down_blocks.${level}.attentions.${at}`, width, positions))
      current = width
    }
    return level < last
      ? [...layers, ...conv(`down_blocks.${level}.downsamplers.0.conv`, width, width, 3, positions / 4)]
      : layers
  })
  const positions = (side >> last) ** 2
  return [
    ...conv('conv_in', 4, WIDTHS[0], 3, side ** 2),
    ...linear('time_embedding.linear_1', WIDTHS[0], TIME_WIDTH, 1),
    ...linear('time_embedding.linear_2', TIME_WIDTH, TIME_WIDTH, 1),
    ...down,
    ...resnet('mid_block.resnets.0', current, current, positions),
    ...transformer('mid_block.attentions.0', current, positions),
    ...resnet('mid_block.resnets.1', current, current, positions),
  ]
}

function resnet(name: string, from: number, to: number, positions: number): Layer[] {
  return [
    ...norm(`${name}.norm1`, from),
    ...conv(`${name}.conv1`, from, to, 3, positions),
    ...linear(`${name}.time_emb_proj`, TIME_WIDTH, to, 1),
    ...norm(`${name}.norm2`, to),
    ...conv(`${name}.conv2`, to, to, 3, positions),
    ...(from === to ? [] : conv(`${name}.conv_shortcut`, from, to, 1, positions)),
  ]
}

function transformer(name: string, width: number, positions: number): Layer[] {
  const block = `${name}.transformer_blocks.0`
  const attention = (own: string, contextWidth: number, tokens: number) => [
    matrix(`${block}.${own}.to_q`, width, width, positions),
    matrix(`${block}.${own}.to_k`, contextWidth, width, tokens),
    matrix(`${block}.${own}.to_v`, contextWidth, width, tokens),
    ...linear(`${block}.${own}.to_out.0`, width, width, positions),
    // Scores, and their weighted sums: no weights.
    { name: '', shape: [], flops: OPERATIONS * 2 * positions * tokens * width },
  ]
  return [
    ...norm(`${name}.norm`, width),
    ...conv(`${name}.proj_in`, width, width, 1, positions),
    ...[1, 2, 3].flatMap(index => norm(`${block}.norm${index}`, width)),
    ...attention('attn1', width, positions),
    ...attention('attn2', CONTEXT.width, CONTEXT.tokens),
    ...linear(`${block}.ff.net.0.proj`, width, 8 * width, positions),
    ...linear(`${block}.ff.net.2`, 4 * width, width, positions),
    ...conv(`${name}.proj_out`, width, width, 1, positions),
  ]
}

function conv(name: string, from: number, to: number, kernel: number, positions: number): Layer[] {
  const shape = [to, from, kernel, kernel]
  return [
    { name: `${name}.weight`, shape, flops: OPERATIONS * to * from * kernel ** 2 * positions },
    { name: `${name}.bias`, shape: [to], flops: 0 },
  ]
}

function linear(name: string, from: number, to: number, positions: number): Layer[] {
  return [matrix(name, from, to, positions), { name: `${name}.bias`, shape: [to], flops: 0 }]
}

function matrix(name: string, from: number, to: number, positions: number): Layer {
  return { name: `${name}.weight`, shape: [to, from], flops: OPERATIONS * to * from * positions }
}

function norm(name: string, width: number): Layer[] {
  return ['weight', 'bias'].map(part => ({ name: `${name}.${part}`, shape: [width], flops: 0 }))
}
