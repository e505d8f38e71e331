import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type GraphBuilder,
  type GraphValue,
  graphBuilder,
  ONNX_DATA_TYPES,
} from '../../src/inference/onnx/graph-builder.js'

// Small graphs that take much memory: as much as the square of how many numbers they are given.

/** A graph of the sum of all products of its numbers with each other. */
export function outerProductGraph(): Uint8Array {
  const g = graphBuilder('outer', '/')
  g.output('y', summed(g, g.input('x', 'F32', ['count']), 1), 'F32', [])
  return g.bytes()
}

/** @param times over again the numbers are taken @returns their sum, squared */
function summed(g: GraphBuilder, numbers: GraphValue, times: number): GraphValue {
  const shape = (axes: number[]) => g.constant('I64', axes, [axes.length])
  const column = g.node('Tile', [g.node('Reshape', [numbers, shape([-1, 1])]), shape([times, 1])])
  const all = g.node('MatMul', [column, g.node('Reshape', [column, shape([1, -1])])])
  return g.node('ReduceSum', [all, shape([0, 1])], { keepdims: 0 })
}

/** As much as {@link summed} takes, to no effect on a value. */
function burdened(g: GraphBuilder, value: GraphValue, by: GraphValue, times: number): GraphValue {
  return g.node('Add', [value, g.node('Mul', [summed(g, by, times), g.constant('F32', [0], [1])])])
}

/**
 * A model in the layout of Stable Diffusion 1, whose UNet and decoder take 16 · `times`² · area² · 4 bytes of memory, where the area
 * is that of the latents.
 *
 * @param trained side of the squares that it paints, in latents
 */
export async function writeMemoryHungryModel(
  folder: string,
  trained: number,
  times: { unet: number; decoder: number },
) {
  await cp('test/fixtures/diffusion/models/sd1', folder, { recursive: true })
  await writeFile(join(folder, 'unet/config.json'), JSON.stringify({ sample_size: trained }))

  // What takes no part in this is no more than it has to be.
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
  unet.output('out_sample', burdened(unet, noise, sample, times.unet), 'F32', ['rows', 4, 'height', 'width'])
  await writeFile(join(folder, 'unet/model.onnx'), unet.bytes())

  const decoder = graphBuilder('decoder', '/')
  const latents = decoder.input('latent_sample', 'F32', ['rows', 4, 'height', 'width'])
  const ends = [0, 1, 3].map(channel => decoder.constant('I64', [channel], [1]))
  const colours = decoder.node('Slice', [latents, ends[0]!, ends[2]!, ends[1]!])
  const large = decoder.node('Resize', [colours, undefined, decoder.constant('F32', [1, 1, 8, 8], [4])], {
    mode: 'nearest',
  })
  decoder.output('sample', burdened(decoder, large, latents, times.decoder), 'F32', ['rows', 3, 'down', 'across'])
  await writeFile(join(folder, 'vae_decoder/model.onnx'), decoder.bytes())
}

/** A network of LaMa's kind that takes 4 · (64² · `times`)² bytes of memory, and paints grey. */
export async function writeMemoryHungryEraser(path: string, times: number): Promise<void> {
  const g = graphBuilder('eraser', '/')
  const image = g.input('image', 'F32', [1, 3, 64, 64])
  const mask = g.input('mask', 'F32', [1, 1, 64, 64])
  const kept = g.node('Mul', [image, g.node('Sub', [g.constant('F32', [1], [1]), mask])])
  const grey = g.node('Add', [kept, g.node('Mul', [mask, g.constant('F32', [0.5], [1])])])
  g.output('output', burdened(g, grey, mask, times), 'F32', [1, 3, 64, 64])
  await writeFile(path, g.bytes())
}
