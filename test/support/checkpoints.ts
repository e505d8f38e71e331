import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { floatToHalf } from '../../src/inference/onnx/half-precision.js'

/** Written by `tools/reference/checkpoints.py`. */
const FIXTURES = 'test/fixtures/diffusion/checkpoints'

export const TINY_CHECKPOINTS = ['sd1', 'sd1-inpaint', 'sd2-v', 'sdxl'] as const

type Shape = readonly number[]
type CheckpointFixture = {
  readonly parts: Readonly<Record<string, Readonly<Record<string, readonly [Shape, number | null]>>>>
  readonly single: Readonly<Record<string, readonly [part: string, sources: readonly string[], shape: Shape]>>
  readonly configs: Readonly<Record<string, unknown>>
  readonly schedule: unknown
  /** The content of `model_index.json`. */
  readonly index?: unknown
}

export type Tensor = { readonly shape: Shape; readonly values: Float32Array }

export type Precision = 'F32' | 'F16' | 'BF16'

/** Millions of values take a second, and many tests of a process write the same models. */
const madeValues = new Map<string, Float32Array>()

/** The values of a tensor, a hash of its name, as in `tools/reference/checkpoints.py`. They are not to be changed. */
export function tensorValues(name: string, shape: Shape, exponent: number | null): Float32Array {
  const key = `${name} ${shape} ${exponent}`
  const values = madeValues.get(key) ?? makeValues(name, shape, exponent)
  madeValues.set(key, values)
  return values
}

function makeValues(name: string, shape: Shape, exponent: number | null): Float32Array {
  const seed = crc32(name)
  // A plain loop: there are millions of values.
  const values = new Float32Array(shape.reduce((product, side) => product * side, 1))
  const scale = exponent === null ? 0 : 2 ** -exponent
  for (let index = 0; index < values.length; index++) {
    let h = (Math.imul(index, 2654435761) + seed) | 0
    h = Math.imul(h ^ (h >>> 15), 2246822519)
    h = Math.imul(h ^ (h >>> 13), 3266489917)
    h ^= h >>> 16
    values[index] = exponent === null ? 1 + ((h & 63) - 32) / 256 : ((h & 1023) * 2 - 1023) * scale
  }
  return values
}

function concatenate(arrays: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const array of arrays) {
    whole.set(array, at)
    at += array.length
  }
  return whole
}

async function readFixture(name: string): Promise<CheckpointFixture> {
  return JSON.parse(await readFile(join(FIXTURES, `${name}.json`), 'utf8'))
}

function fixtureTensor({ parts }: CheckpointFixture, part: string, name: string): Tensor {
  const [shape, exponent] = parts[part]![name]!
  return { shape, values: tensorValues(`${part}/${name}`, shape, exponent) }
}

/** The tensors of a model's single file. */
export async function singleFileTensors(name: string): Promise<Map<string, Tensor>> {
  const model = await readFixture(name)
  return new Map(
    Object.entries(model.single).map(([key, [part, sources, shape]]) => {
      const sourceTensors = sources.map(source => fixtureTensor(model, part, source))
      const values = concatenate(sourceTensors.map(piece => piece.values))
      return [
        key,
        { shape, values: key.endsWith('.text_projection') ? transpose(values, sourceTensors[0]!.shape) : values },
      ]
    }),
  )
}

function transpose(values: Float32Array, [rows, columns]: Shape): Float32Array {
  return values.map((_, at) => values[(at % rows!) * columns! + Math.floor(at / rows!)]!)
}

/** Write a model's single file. */
export async function writeSingleFile(name: string, path: string, precision: Precision = 'F32'): Promise<void> {
  await writeFile(path, encodeSafetensors(await singleFileTensors(name), precision))
}

/** Write a model in diffusers' layout. */
export async function writeDiffusersFolder(name: string, folder: string, precision: Precision = 'F32'): Promise<void> {
  const model = await readFixture(name)
  for (const [part, tensors] of Object.entries(model.parts)) {
    const file = part.startsWith('text') ? 'model.safetensors' : 'diffusion_pytorch_model.safetensors'
    // Older versions of transformers wrap a text encoder in a module.
    const moduleName = (own: string) =>
      part === 'text_encoder_2' && own !== 'text_projection.weight' ? `text_model.${own}` : own
    const all = new Map(Object.keys(tensors).map(own => [moduleName(own), fixtureTensor(model, part, own)]))
    await mkdir(join(folder, part), { recursive: true })
    await writeFile(join(folder, part, file), encodeSafetensors(all, precision))
    const channels = part === 'unet' ? { in_channels: tensors['conv_in.weight']![0][1] } : {}
    await writeFile(join(folder, part, 'config.json'), JSON.stringify(Object.assign(channels, model.configs[part])))
  }
  await mkdir(join(folder, 'scheduler'))
  await writeFile(join(folder, 'scheduler', 'scheduler_config.json'), JSON.stringify(model.schedule))
  await writeFile(join(folder, 'model_index.json'), JSON.stringify(model.index ?? {}))
}

/** The authors' code has other names, with a prefix that some files lack. */
export const CONTROLNET_LAYOUTS = ['diffusers', 'authors', 'authors without prefix'] as const

/** Write a ControlNet of `tools/reference/controlnets.py`. */
export async function writeControlNet(
  name: string,
  path: string,
  layout: (typeof CONTROLNET_LAYOUTS)[number] = 'diffusers',
  precision: Precision = 'F32',
): Promise<void> {
  const tensors = await controlNetTensors(name, layout)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, encodeSafetensors(tensors, precision))
}

/** The tensors of a ControlNet of `tools/reference/controlnets.py`. */
export async function controlNetTensors(
  name: string,
  layout: (typeof CONTROLNET_LAYOUTS)[number] = 'diffusers',
): Promise<Map<string, Tensor>> {
  const text = await readFile(join(FIXTURES, '..', 'controlnets', `${name}.json`), 'utf8')
  const { part, original }: ControlNetFixture = JSON.parse(text)
  const tensors = Object.entries(part).map(([own, [shape, exponent]]): [string, Tensor] => {
    const theirs = layout === 'authors' ? original[own] : original[own]?.replace('control_model.', '')
    return [layout === 'diffusers' ? own : theirs!, { shape, values: tensorValues(`${name}/${own}`, shape, exponent) }]
  })
  return new Map(tensors)
}

type ControlNetFixture = {
  readonly part: Readonly<Record<string, readonly [Shape, number | null]>>
  readonly original: Readonly<Record<string, string>>
}

/** Write the LoRA that goes with `sd1`. */
export async function writeLora(path: string, precision: Precision = 'F16'): Promise<void> {
  const shapes: Record<string, [Shape, number]> = JSON.parse(await readFile(join(FIXTURES, 'lora.json'), 'utf8'))
  const tensors = Object.entries(shapes).map(([name, [shape, exponent]]): [string, Tensor] => {
    return [name, { shape, values: name.endsWith('.alpha') ? Float32Array.of(2) : tensorValues(name, shape, exponent) }]
  })
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, encodeSafetensors(new Map(tensors), precision))
}

/** The names of the UNet's tensors in a single file, by diffusers' names. */
export async function singleFileNames(name: string): Promise<Map<string, string>> {
  const { single } = await readFixture(name)
  const own = Object.entries(single).filter(([, [part]]) => part === 'unet')
  return new Map(own.map(([theirs, [, sources]]) => [sources[0]!, theirs.replace('model.diffusion_model.', '')]))
}

/** Copy a parity case and set its model's path, and that of its refiner. */
export async function writeParityCase(name: string, folder: string, model: string, refiner?: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  await cp(join(FIXTURES, 'cases', name), folder, { recursive: true })
  const at = join(folder, 'case.json')
  await writeFile(at, JSON.stringify({ ...JSON.parse(await readFile(at, 'utf8')), model, refiner }))
}

/** The bytes of a `.safetensors` file. */
export function encodeSafetensors(tensors: ReadonlyMap<string, Tensor>, precision: Precision): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  const data: Buffer[] = []
  let at = 0
  for (const [name, { shape, values }] of tensors) {
    const bytes = encodeValues(values, precision)
    header[name] = { dtype: precision, shape, data_offsets: [at, at + bytes.length] }
    data.push(bytes)
    at += bytes.length
  }
  return prependHeader(JSON.stringify(header), Buffer.concat(data))
}

/** A `.safetensors` file of this header and data. */
export function prependHeader(text: string, data: Uint8Array = new Uint8Array()): Buffer {
  const header = Buffer.from(text)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, data])
}

function encodeValues(values: Float32Array, precision: Precision): Buffer {
  if (precision === 'F16') return Buffer.from(floatToHalf(values).buffer)
  if (precision === 'F32') return Buffer.from(values.buffer)
  // Round to nearest, ties to even.
  const bits = new Uint32Array(values.buffer)
  return Buffer.from(Uint16Array.from(bits, one => (one + 0x7fff + ((one >>> 16) & 1)) >>> 16).buffer)
}
