import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { controlNetGraph } from '../src/inference/checkpoint/controlnet-graph.js'
import { moduleWeights } from '../src/inference/checkpoint/module-weights.js'
import { readSafetensors } from '../src/inference/checkpoint/safetensors.js'
import { unetGraph } from '../src/inference/checkpoint/unet-graph.js'
import { createControlNet } from '../src/inference/engines/diffusion/model/controlnet.js'
import { createUnet } from '../src/inference/engines/diffusion/model/unet.js'
import { openOnnxSession } from '../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../src/inference/onnx/verified-session.js'
import { benchResiduals } from './controlnet-copies.js'
import { controlNetLayers, type Layer, unetLayers } from './controlnet-layers.js'
import { median } from './median.js'
import { roundToSignificant } from './torch-steps.js'

/** Side of the latents: 512 pixels. */
const SIDE = 64
const CONFIG = { heads: () => 8, groups: 32 }
const VARIANT = { precision: 'single', attention: 'fused' } as const

/**
 * Benchmark a step with a ControlNet on the CPU at 512×512: the architecture of Stable Diffusion 1.5 at half its width, with
 * weights that mean nothing. Reports the seconds and the processor seconds of a step with and without, in turns, and how much longer
 * it takes: as measured, and as the floating point operations of both networks say. Then {@link benchResiduals}, which can run on another
 * device; the first part is left out there.
 */
export async function benchControlNet({ quick, device = CPU_PROVIDER.name }: { quick: boolean; device?: string }) {
  const step = device === CPU_PROVIDER.name ? await benchStep(quick) : {}
  return { ...step, 'milliseconds of a step without the networks': await benchResiduals(device, quick) }
}

async function benchStep(quick: boolean) {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-bench-controlnet-'))
  try {
    const [unetParts, controlParts] = [unetLayers(SIDE), controlNetLayers(SIDE)]
    const unetFile = await writeWeights(join(folder, 'unet.safetensors'), unetParts)
    const controlFile = await writeWeights(join(folder, 'controlnet.safetensors'), controlParts)
    const graph = unetGraph(unetFile, { ...CONFIG, acceptsControlNet: true }, VARIANT, () => [], folder)
    const unet = createUnet(await openOnnxSession({ name: 'unet', folder, graph }, CPU_PROVIDER), 1)
    const controlGraph = controlNetGraph(controlFile, CONFIG, VARIANT, folder)
    const session = await openOnnxSession({ name: 'controlnet', folder, graph: controlGraph }, CPU_PROVIDER)
    const net = createControlNet(session, { name: 'bench', task: 'inpaint', isUnion: false })
    const sample = new Float32Array(4 * SIDE * SIDE).fill(0.3)
    const condition = { promptEmbeds: { data: new Float32Array(77 * 768).fill(0.1), dims: [1, 77, 768] } }
    const hint = new Float32Array(3 * 64 * SIDE * SIDE).fill(0.5)
    const size = [SIDE, SIDE] as const
    const scales = Array(net.count).fill(1)
    const step = async (isControlled: boolean) => {
      const [start, before] = [performance.now(), process.cpuUsage()]
      const call = { timestep: 500, size, hint }
      const residualsOf = isControlled ? () => net.batchResiduals!([{ sample, condition, scales }], call) : undefined
      await unet.predict([{ sample, condition }], 500, { size, guidanceScale: 1 }, residualsOf)
      const { user, system } = process.cpuUsage(before)
      return { wall: (performance.now() - start) / 1000, processor: (user + system) / 1e6 }
    }
    const times: Record<'alone' | 'controlled', Awaited<ReturnType<typeof step>>[]> = { alone: [], controlled: [] }
    for (const isControlled of [false, true]) await step(isControlled) // reads the weights
    for (let round = 0; round < (quick ? 3 : 15); round++) {
      times.alone.push(await step(false))
      times.controlled.push(await step(true))
    }
    await unet.close()
    await session.close()
    const [unetFlops, controlFlops] = [totalFlops(unetParts), totalFlops(controlParts)]
    const computed = 1 + controlFlops / unetFlops
    // On a busy machine the processor time is the steadier one.
    const compare = (of: (one: Awaited<ReturnType<typeof step>>) => number) => {
      const [alone, controlled] = [median(times.alone.map(of)), median(times.controlled.map(of))]
      const measured = controlled / alone
      return {
        step: roundToSignificant(alone),
        'with a ControlNet': roundToSignificant(controlled),
        'times as long': measured.toFixed(3),
        'measured / by operations': (measured / computed).toFixed(3),
      }
    }
    return {
      gigaflops: { unet: Math.round(unetFlops / 1e9), controlnet: Math.round(controlFlops / 1e9) },
      'times as long by operations': computed.toFixed(3),
      seconds: compare(({ wall }) => wall),
      'processor seconds': compare(({ processor }) => processor),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function totalFlops(layers: readonly Layer[]): number {
  return layers.reduce((sum, { flops }) => sum + flops, 0)
}

/** A `.safetensors` file in single precision with small numbers. */
async function writeWeights(file: string, layers: readonly Layer[]) {
  const stored = layers.filter(({ name }) => name !== '')
  let offset = 0
  const entries = stored.map(({ name, shape }) => {
    const start = offset
    offset += 4 * shape.reduce((product, length) => product * length, 1)
    return [name, { dtype: 'F32', shape, data_offsets: [start, offset] }] as const
  })
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)))
  const header = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')])
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const values = Float32Array.from({ length: 2 ** 20 }, (_, at) => 0.02 * Math.sin(at * 12.9898))
  const chunk = Buffer.from(values.buffer)
  const handle = await open(file, 'w')
  try {
    await handle.write(Buffer.concat([length, header]))
    for (let left = offset; left > 0; left -= chunk.length)
      await handle.write(chunk.subarray(0, Math.min(left, chunk.length)))
  } finally {
    await handle.close()
  }
  const missing = new Set<string>()
  return moduleWeights((await readSafetensors(file)).tensors, missing)
}
