import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type GraphBuilder,
  type GraphValue,
  graphBuilder,
  ONNX_DATA_TYPES,
} from '../../src/inference/onnx/graph-builder.js'

// Small graphs whose memory use grows with the square of the number of their inputs' values.

/** A graph that sums the outer product of its input with itself. */
export function outerProductGraph(): Uint8Array {
  const g = graphBuilder('outer', '/')
  g.output('y', squaredSum(g, g.input('x', 'F32', ['count']), 1), 'F32', [])
  return g.bytes()
}

/** @param repeats how often the values are repeated @returns the square of their sum */
function squaredSum(g: GraphBuilder, numbers: GraphValue, repeats: number): GraphValue {
  const shape = (axes: number[]) => g.constant('I64', axes, [axes.length])
  const column = g.node('Tile', [g.node('Reshape', [numbers, shape([-1, 1])]), shape([repeats, 1])])
  const all = g.node('MatMul', [column, g.node('Reshape', [column, shape([1, -1])])])
  return g.node('ReduceSum', [all, shape([0, 1])], { keepdims: 0 })
}

/** Use as much memory as {@link squaredSum} without changing the value. */
function addMemoryUse(g: GraphBuilder, value: GraphValue, by: GraphValue, repeats: number): GraphValue {
  return g.node('Add', [value, g.node('Mul', [squaredSum(g, by, repeats), g.constant('F32', [0], [1])])])
}

/**
 * A model in the layout of Stable Diffusion 1, whose UNet and decoder take 16 · `times`² · area² · 4 bytes of memory,
 * where the area is that of the latents.
 *
 * @param sampleSize side of the painted squares, in latents
 */
export async function writeMemoryHungryModel(
  folder: string,
  sampleSize: number,
  repeats: { unet: number; decoder: number },
) {
  await cp('test/fixtures/diffusion/models/sd1', folder, { recursive: true })
  await writeFile(join(folder, 'unet/config.json'), JSON.stringify({ sample_size: sampleSize }))

  // The other networks are minimal.
  const text = graphBuilder('text_encoder', '/')
  const ids = text.node('Cast', [text.input('input_ids', 'I64', ['rows', 77])], { to: ONNX_DATA_TYPES.F32 })
  const tokens = text.node('Unsqueeze', [ids, text.constant('I64', [2], [1])])
  const states = text.node('Tile', [tokens, text.constant('I64', [1, 1, 16], [3])])
  text.output('last_hidden_state', states, 'F32', ['rows', 77, 16])
  await writeFile(join(folder, 'text_encoder/model.onnx'), text.bytes())

  const encoder = graphBuilder('encoder', '/')
  const small = encoder.node('AveragePool', [encoder.input('sample', 'F32', ['rows', 3, 'down', 'across'])], {
    kernel_shape: [8, 8],
    strides: [8, 8],
  })
  const four = encoder.node('Pad', [small, encoder.constant('I64', [0, 0, 0, 0, 0, 1, 0, 0], [8])])
  encoder.output('latent_sample', four, 'F32', ['rows', 4, 'height', 'width'])
  await writeFile(join(folder, 'vae_encoder/model.onnx'), encoder.bytes())

  const unet = graphBuilder('unet', '/')
  const sample = unet.input('sample', 'F32', ['rows', 4, 'height', 'width'])
  unet.input('timestep', 'F32', [])
  unet.input('encoder_hidden_states', 'F32', ['rows', 'tokens', 16])
  const noise = unet.node('Mul', [sample, unet.constant('F32', [0.9], [1])])
  unet.output('out_sample', addMemoryUse(unet, noise, sample, repeats.unet), 'F32', ['rows', 4, 'height', 'width'])
  await writeFile(join(folder, 'unet/model.onnx'), unet.bytes())

  const decoder = graphBuilder('decoder', '/')
  const latents = decoder.input('latent_sample', 'F32', ['rows', 4, 'height', 'width'])
  const ends = [0, 1, 3].map(channel => decoder.constant('I64', [channel], [1]))
  const colours = decoder.node('Slice', [latents, ends[0]!, ends[2]!, ends[1]!])
  const large = decoder.node('Resize', [colours, undefined, decoder.constant('F32', [1, 1, 8, 8], [4])], {
    mode: 'nearest',
  })
  decoder.output('sample', addMemoryUse(decoder, large, latents, repeats.decoder), 'F32', ['rows', 3, 'down', 'across'])
  await writeFile(join(folder, 'vae_decoder/model.onnx'), decoder.bytes())
}

/** A LaMa network that takes 4 · (64² · `times`)² bytes of memory, and paints grey. */
export async function writeMemoryHungryEraser(path: string, repeats: number): Promise<void> {
  const g = graphBuilder('eraser', '/')
  const image = g.input('image', 'F32', [1, 3, 64, 64])
  const mask = g.input('mask', 'F32', [1, 1, 64, 64])
  const kept = g.node('Mul', [image, g.node('Sub', [g.constant('F32', [1], [1]), mask])])
  const grey = g.node('Add', [kept, g.node('Mul', [mask, g.constant('F32', [0.5], [1])])])
  g.output('output', addMemoryUse(g, grey, mask, repeats), 'F32', [1, 3, 64, 64])
  await writeFile(path, g.bytes())
}
