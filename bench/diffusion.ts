import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { InferenceSession } from 'onnxruntime-node'
import { diffusionEngine } from '../src/inference/engines/diffusion/engine.js'
import { loadDiffusionModel, syntheticInputs } from '../src/inference/engines/diffusion/model/diffusion-model.js'
import { readModelFiles } from '../src/inference/engines/diffusion/model/read-model-files.js'
import { createUnet } from '../src/inference/engines/diffusion/model/unet.js'
import { readPicture } from '../src/inference/image/decode.js'
import { type OnnxSession, openOnnxSession } from '../src/inference/onnx/session.js'
import {
  CPU_PROVIDER,
  describeProvider,
  providerVariants,
  relativeDifference,
} from '../src/inference/onnx/verified-session.js'
import { createCanvas, layoutCanvas } from '../src/inference/pipeline/canvas.js'
import { median } from './median.js'
import { roundToSignificant, torchSteps } from './torch-steps.js'

const SAMPLE = fileURLToPath(new URL('../examples/lighthouse.png', import.meta.url))

/**
 * A model on the processor, or on `device`: a whole job at 512×512, how much of it is not spent in onnxruntime, and the memory it
 * takes; how long it takes to load; and seconds for a step of its UNet, alone and two together, beside torch with as many threads,
 * or on the same card, in turns, where `python` is one that has torch and diffusers and the model is of Stable Diffusion 1.5's size.
 * On another device also every way to use it: by how much each graph differs from what the processor computes, and how long it takes.
 */
export async function benchDiffusion(options: { quick: boolean; model?: string; device?: string; python?: string }) {
  const { quick, model: folder, device = CPU_PROVIDER.name, python } = options
  if (folder === undefined) throw new Error('Say which model: npm run bench -- diffusion --model models/NAME')
  const isCpu = device === CPU_PROVIDER.name
  const rounds = quick ? 1 : isCpu ? 4 : 20
  const whole = await job(folder, device, quick ? 2 : 20)
  const memory = roundToSignificant(process.resourceUsage().maxRSS / 2 ** 20)
  const start = performance.now()
  const model = await loadDiffusionModel(folder, device)
  const load = (performance.now() - start) / 1000
  const [condition] = await model.encodePrompts(['a lighthouse by the sea'], { width: 512, height: 512 })
  const together = isCpu
    ? createUnet(await openOnnxSession((await readModelFiles(folder)).unet, CPU_PROVIDER), 2)
    : model.unet
  const step = async (rows: number) => {
    const row = { sample: new Float32Array(model.unet.channels * 64 * 64).fill(0.3), condition: condition! }
    const begun = performance.now()
    await together.predict(Array(rows).fill(row), 500, { size: [64, 64], guidanceScale: 1 })
    return (performance.now() - begun) / 1000
  }
  const peer = python === undefined ? undefined : await torchSteps(python, model.unet.channels, isCpu ? 'cpu' : 'cuda')
  const times: Record<string, number[]> = { one: [], 'batch of two': [], torch: [] }
  try {
    for (const rows of [1, 2]) await step(rows)
    for (let round = 0; round < rounds; round++) {
      times.one!.push(await step(1))
      times['batch of two']!.push(await step(2))
      if (peer) times.torch!.push(await peer.step())
    }
  } finally {
    peer?.end()
    if (isCpu) await together.close()
    await model.close()
  }
  const seconds = Object.fromEntries(
    Object.entries(times).flatMap(([name, all]) => (all.length > 0 ? [[name, roundToSignificant(median(all))]] : [])),
  )
  const figures = { job: whole, gigabytes: memory, load: roundToSignificant(load), step: seconds }
  return isCpu ? figures : { ...figures, ways: await ways(folder, device, rounds) }
}

/** Sides in latents. */
const [SMALL, LARGE] = [8, 64]

/** For each graph and each way to use a device: the difference to what the processor computes, and seconds at 512×512. */
async function ways(folder: string, device: string, rounds: number) {
  const { unet, vaeEncoder, vaeDecoder, textEncoders: texts, precision } = await readModelFiles(folder)
  const told: Record<string, Record<string, unknown>> = {}
  for (const source of [unet, vaeEncoder, vaeDecoder, ...texts.map(text => text.source)]) {
    const processor = await openOnnxSession(source, CPU_PROVIDER, true)
    const [output] = processor.outputs
    const run = async (network: OnnxSession, latents: number) =>
      (await network.run(syntheticInputs(network, latents), [output!]))[output!]!
    const expected = await run(processor, SMALL).finally(() => processor.close())
    const of: Record<string, unknown> = {}
    told[source.name] = of
    for (const way of providerVariants(device, 'writeGraph' in source, precision)) {
      const name = describeProvider(device, way)
      try {
        const network = await openOnnxSession(source, way)
        try {
          const off = roundToSignificant(relativeDifference(expected, await run(network, SMALL)))
          await run(network, LARGE)
          const times: number[] = []
          for (let round = 0; round < rounds; round++) {
            const begun = performance.now()
            await run(network, LARGE)
            times.push((performance.now() - begun) / 1000)
          }
          of[name] = { off, seconds: roundToSignificant(median(times)) }
        } finally {
          await network.close()
        }
      } catch (error) {
        of[name] = (error as Error).message.split('\n')[0]
      }
    }
  }
  return told
}

/** A whole job of the sample at 512×512: how long, and how much of it was not in onnxruntime. */
async function job(folder: string, device: string, steps: number) {
  const engine = diffusionEngine('bench', folder, device)
  const laid = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, { width: 512, height: 512 })
  const { pixels } = await readPicture(await readFile(SAMPLE), { size: laid.old })
  const task = { seeds: [1], prompt: 'the sea', signal: new AbortController().signal, onProgress: () => {} }
  let inside = 0
  // Its type leaves out that it is a class.
  const { prototype } = InferenceSession as unknown as { prototype: InferenceSession }
  const { run } = prototype
  async function timed(this: InferenceSession, ...given: Parameters<typeof run>) {
    const begun = performance.now()
    const results = await run.apply(this, given)
    inside += performance.now() - begun
    return results
  }
  prototype.run = timed as typeof run
  try {
    const on = createCanvas(laid, pixels)
    // Loading, and what a first run does once, are no part of it.
    await engine.paint(on, { ...task, options: { steps: 1 } })
    inside = 0
    const begun = performance.now()
    await engine.paint(on, { ...task, options: { steps } })
    const whole = performance.now() - begun
    return {
      steps,
      seconds: roundToSignificant(whole / 1000),
      'share outside onnxruntime': roundToSignificant(1 - inside / whole),
    }
  } finally {
    prototype.run = run
    await engine.close()
  }
}
