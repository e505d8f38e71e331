import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { diffusionEngine } from '../src/inference/engines/diffusion/engine.js'
import { loadDiffusionModel } from '../src/inference/engines/diffusion/model/diffusion-model.js'
import { readModelFiles } from '../src/inference/engines/diffusion/model/read-model-files.js'
import { createUnet } from '../src/inference/engines/diffusion/model/unet.js'
import { readPicture } from '../src/inference/image/decode.js'
import { openOnnxSession } from '../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../src/inference/onnx/verified-session.js'
import { createCanvas } from '../src/inference/pipeline/canvas.js'
import { layoutCanvas } from '../src/inference/pipeline/layout.js'
import { deviceVariants, partChecks } from './device-variants.js'
import { median } from './median.js'
import { timeInOnnxruntime } from './onnxruntime-time.js'
import { profileJobs } from './profile/profile.js'
import { roundToSignificant, torchSteps } from './torch-steps.js'

const SAMPLE = fileURLToPath(new URL('../examples/lighthouse.png', import.meta.url))

/**
 * Benchmark a model on the CPU or on `device`: a whole job at 512×512, the share of it outside onnxruntime, its memory;
 * the time to load; and seconds per UNet step at batch sizes 1 and 2. If `python` has torch and diffusers and the model
 * has Stable Diffusion 1.5's size, torch with as many threads, or on the same card, runs in turns. On a GPU also every
 * configuration of the device: each graph's difference from the CPU's results, and its time; not if `brief`. With `parts`, what small
 * cards need instead ({@link partChecks}); with `profile`, the parts of a job outside onnxruntime ({@link profileJobs}).
 */
export async function benchDiffusion(options: {
  quick: boolean
  brief?: boolean
  parts?: boolean
  profile?: boolean
  model?: string
  device?: string
  python?: string
}) {
  if (options.profile) return profileJobs(options.quick)
  const { quick, brief = false, model: folder, device = CPU_PROVIDER.name, python } = options
  if (folder === undefined) throw new Error('Say which model: npm run bench -- diffusion --model models/NAME')
  if (options.parts) return partChecks(folder, device, quick ? 1 : 4)
  const isCpu = device === CPU_PROVIDER.name
  const rounds = quick ? 1 : isCpu || brief ? 4 : 20
  const whole = await benchJob(folder, device, quick ? 2 : 20)
  const memory = roundToSignificant(process.resourceUsage().maxRSS / 2 ** 20)
  const start = performance.now()
  const model = await loadDiffusionModel(folder, device)
  const load = (performance.now() - start) / 1000
  const prompts = { positive: ['a lighthouse by the sea'], negative: undefined }
  const { positive } = await model.encodePrompts(prompts, { width: 512, height: 512 })
  const [condition] = positive
  const batchUnet = isCpu
    ? createUnet(await openOnnxSession((await readModelFiles(folder)).unet, CPU_PROVIDER), 2)
    : model.unet
  const step = async (rows: number) => {
    const row = { sample: new Float32Array(model.unet.channels * 64 * 64).fill(0.3), condition: condition! }
    const begun = performance.now()
    await batchUnet.predict(Array(rows).fill(row), 500, { size: [64, 64], guidanceScale: 1 })
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
    if (isCpu) await batchUnet.close()
    await model.close()
  }
  const seconds = Object.fromEntries(
    Object.entries(times).flatMap(([name, all]) => (all.length > 0 ? [[name, roundToSignificant(median(all))]] : [])),
  )
  // On WebGPU four pictures of SDXL take minutes.
  const four = brief && device === 'cuda' ? { 'four pictures': await benchJob(folder, device, quick ? 2 : 20, 4) } : {}
  const figures = { job: whole, ...four, gigabytes: memory, load: roundToSignificant(load), step: seconds }
  return isCpu || brief ? figures : { ...figures, ways: await deviceVariants(folder, device, rounds) }
}

/** A whole job with the sample picture at 512×512: seconds, and the share outside onnxruntime. */
async function benchJob(folder: string, device: string, steps: number, pictures = 1) {
  const engine = diffusionEngine('bench', folder, device)
  const layout = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, { width: 512, height: 512 })
  const { pixels } = await readPicture(await readFile(SAMPLE), { size: layout.old })
  const seeds = Array.from({ length: pictures }, (_, index) => index + 1)
  const task = { seeds, prompt: 'the sea', signal: new AbortController().signal, onProgress: () => {} }
  try {
    const on = createCanvas(layout, pixels)
    // Warm up: loading and the first run's one-time work don't count.
    await engine.paint(on, { ...task, seeds: [0], options: { steps: 1 } })
    const { whole, inside } = await timeInOnnxruntime(() => engine.paint(on, { ...task, options: { steps } }))
    return {
      steps,
      seconds: roundToSignificant(whole / 1000),
      'share outside onnxruntime': roundToSignificant(1 - inside / whole),
    }
  } finally {
    await engine.close()
  }
}
