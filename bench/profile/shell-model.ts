import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type GraphValue, graphBuilder, type TensorDataType } from '../../src/inference/onnx/graph-builder.js'

const FIXTURES = fileURLToPath(new URL('../../test/fixtures/diffusion/models', import.meta.url))

/** A model whose inputs and outputs have the shapes of a real one, and whose graphs compute next to nothing. */
export type ShellModel = {
  readonly kind: 'sd1' | 'sdxl'
  readonly channels: 4 | 9
  /** Of the inputs and outputs: graphs that Overscan writes have single precision there, exports often half. */
  readonly precision: 'single' | 'half'
  /** Side of the pictures that it paints at. */
  readonly side: number
}

const CONTEXT = { sd1: [768], sdxl: [768, 1280] } as const

/** Write a shell model as a folder of ONNX graphs. */
export async function writeShellModel(folder: string, { kind, channels, precision, side }: ShellModel): Promise<void> {
  const type = precision === 'half' ? 'F16' : 'F32'
  const source = join(FIXTURES, kind)
  for (const part of ['scheduler', 'tokenizer', 'model_index.json', ...(kind === 'sdxl' ? ['tokenizer_2'] : [])]) {
    await cp(join(source, part), join(folder, part), { recursive: true })
  }
  const write = async (part: string, graph: Uint8Array) => {
    await mkdir(join(folder, part), { recursive: true })
    await writeFile(join(folder, part, 'model.onnx'), graph)
  }
  const widths = CONTEXT[kind]
  await write('unet', unetGraph(type, channels, sum(widths), kind === 'sdxl' ? widths.at(-1) : undefined))
  await write('vae_encoder', encoderGraph(type))
  await write('vae_decoder', decoderGraph(type))
  for (const [index, width] of widths.entries()) {
    await write(`text_encoder${index === 0 ? '' : '_2'}`, textGraph(width, kind === 'sdxl' && index === 1))
  }
  await writeFile(join(folder, 'unet', 'config.json'), JSON.stringify({ sample_size: side / 8 }))
}

const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0)

type Graph = ReturnType<typeof graphBuilder>

/** Small numbers that don't cancel out. */
function weight(g: Graph, shape: readonly number[]): GraphValue {
  const count = shape.reduce((product, length) => product * length, 1)
  return g.constant(
    'F32',
    Float32Array.from({ length: count }, (_, at) => 0.3 * Math.sin(at * 12.9898)),
    shape,
  )
}

const single = (g: Graph, value: GraphValue, type: TensorDataType) =>
  type === 'F32' ? value : g.node('Cast', [value], { to: 1 })
const toType = (g: Graph, value: GraphValue, type: TensorDataType) =>
  type === 'F32' ? value : g.node('Cast', [value], { to: 10 })

function unetGraph(type: TensorDataType, channels: number, width: number, pooled: number | undefined): Uint8Array {
  const g = graphBuilder('unet', '/')
  const sample = g.input('sample', type, ['batch', channels, 'height', 'width'])
  const further = [
    g.input('timestep', type, ['timesteps']),
    g.input('encoder_hidden_states', type, ['batch', 'tokens', width]),
    ...(pooled ? [g.input('text_embeds', type, ['batch', pooled]), g.input('time_ids', type, ['batch', 6])] : []),
  ]
  // Read once each, so that they are inputs of the graph.
  const read = further.map(value => g.node('ReduceMean', [single(g, value, type)], { keepdims: 0 }))
  const total = read.reduce((one, other) => g.node('Add', [one, other]))
  const mixed = g.node('Conv', [single(g, sample, type), weight(g, [4, channels, 1, 1])])
  const out = g.node('Add', [mixed, g.node('Mul', [total, g.constant('F32', [1e-9], [])])])
  g.output('out_sample', toType(g, out, type), type, ['batch', 4, 'height', 'width'])
  return g.bytes()
}

function encoderGraph(type: TensorDataType): Uint8Array {
  const g = graphBuilder('vae_encoder', '/')
  const sample = g.input('sample', type, ['batch', 3, 'height', 'width'])
  const latents = g.node('Conv', [single(g, sample, type), weight(g, [4, 3, 8, 8])], { strides: [8, 8] })
  g.output('latent_sample', toType(g, latents, type), type, ['batch', 4, 'latent_height', 'latent_width'])
  return g.bytes()
}

function decoderGraph(type: TensorDataType): Uint8Array {
  const g = graphBuilder('vae_decoder', '/')
  const latents = g.input('latent_sample', type, ['batch', 4, 'latent_height', 'latent_width'])
  const colors = g.node('Tanh', [g.node('Conv', [single(g, latents, type), weight(g, [3, 4, 1, 1])])])
  const scales = g.constant('F32', [1, 1, 8, 8], [4])
  const picture = g.node('Resize', [colors, undefined, scales], { mode: 'nearest' })
  g.output('sample', toType(g, picture, type), type, ['batch', 3, 'height', 'width'])
  return g.bytes()
}

function textGraph(width: number, hasPooled: boolean): Uint8Array {
  const g = graphBuilder('text_encoder', '/')
  const ids = g.node('Cast', [g.input('input_ids', 'I32', ['batch', 'tokens'])], { to: 1 })
  const rows = g.node('Unsqueeze', [ids, g.constant('I64', [2], [1])])
  const states = g.node('Sin', [g.node('Mul', [rows, weight(g, [1, 1, width])])])
  if (hasPooled) {
    const pooled = g.node('ReduceMean', [states, g.constant('I64', [1], [1])], { keepdims: 0 })
    g.output('text_embeds', pooled, 'F32', ['batch', width])
  }
  g.output('last_hidden_state', states, 'F32', ['batch', 'tokens', width])
  return g.bytes()
}
