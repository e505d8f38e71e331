import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { floatToHalf } from '../src/inference/onnx/half-precision.js'
import { type ModelSize, type Shape, type Tensors, textTensors, unetTensors, vaeTensors } from './model-shapes.js'

/** Values of the block that all tensors repeat. */
const BLOCK = 2 ** 20

/** Uniform from −1 to 1, the same in each run. */
const noise = (() => {
  let state = 1
  return Float32Array.from({ length: BLOCK }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return state / 2 ** 31
  })
})()

const blocks = new Map<number, Buffer>()

/** A block of half-precision values, uniform from −scale to scale. */
function block(scale: number): Buffer {
  const made = blocks.get(scale) ?? Buffer.from(floatToHalf(noise.map(value => value * scale)).buffer)
  blocks.set(scale, made)
  return made
}

/** The bytes of a tensor: 1 for norms, 0 for biases, and random values that keep the variance for other weights. */
function* tensorBytes(name: string, shape: Shape): Generator<Buffer> {
  const length = shape.reduce((product, side) => product * side, 1)
  if (shape.length === 1) {
    yield Buffer.from(floatToHalf(new Float32Array(length).fill(name.endsWith('.bias') ? 0 : 1)).buffer)
    return
  }
  const inputs = name.includes('embedding.weight') ? 1000 : length / shape[0]!
  const scale = 2 ** Math.round(Math.log2(Math.sqrt(3 / inputs)))
  for (let left = length; left > 0; left -= BLOCK) yield block(scale).subarray(0, Math.min(left, BLOCK) * 2)
}

/** Weights that keep the variance of what goes through a network; or zeros, which take no time and no space on most disks. */
type Values = 'random' | 'zeros'

async function writeWeights(path: string, tensors: Tensors, values: Values): Promise<void> {
  let at = 0
  const header: Record<string, unknown> = {}
  for (const [name, shape] of tensors) {
    const bytes = shape.reduce((product, side) => product * side, 2)
    header[name] = { dtype: 'F16', shape, data_offsets: [at, at + bytes] }
    at += bytes
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  const file = await open(path, 'w')
  try {
    await file.write(length)
    await file.write(text)
    if (values === 'zeros') await file.truncate(8 + text.length + at)
    else for (const [name, shape] of tensors) for (const bytes of tensorBytes(name, shape)) await file.write(bytes)
  } finally {
    await file.close()
  }
}

const DIFFUSION_FILE = 'diffusion_pytorch_model.safetensors'

/** Write a model in diffusers' layout and half precision. */
export async function writeModel(folder: string, size: ModelSize, values: Values): Promise<void> {
  const { unet, heads, side, scaling, texts, vaeWidths } = size
  const writePart = async (part: string, file: string, tensors: Tensors, config: unknown) => {
    await mkdir(join(folder, part), { recursive: true })
    await writeWeights(join(folder, part, file), tensors, values)
    await writeFile(join(folder, part, 'config.json'), JSON.stringify(config))
  }
  const unetConfig = { attention_head_dim: heads, norm_num_groups: 32, sample_size: side, in_channels: unet.inputs }
  await writePart('unet', DIFFUSION_FILE, unetTensors(unet), unetConfig)
  await writePart('vae', DIFFUSION_FILE, vaeTensors(vaeWidths), { norm_num_groups: 32, scaling_factor: scaling })
  for (const [index, text] of texts.entries()) {
    const config = {
      hidden_act: index === 0 ? 'quick_gelu' : 'gelu',
      num_attention_heads: text.width / 64,
      num_hidden_layers: text.layers,
    }
    await writePart(`text_encoder${index === 0 ? '' : '_2'}`, 'model.safetensors', textTensors(text), config)
  }
  await mkdir(join(folder, 'scheduler'), { recursive: true })
  const schedule = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear', steps_offset: 1 }
  await writeFile(
    join(folder, 'scheduler', 'scheduler_config.json'),
    JSON.stringify({
      _class_name: 'EulerDiscreteScheduler',
      num_train_timesteps: 1000,
      prediction_type: 'epsilon',
      ...schedule,
    }),
  )
  await writeFile(join(folder, 'model_index.json'), '{}')
}
