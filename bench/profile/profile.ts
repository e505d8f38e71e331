import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PostProcess } from '../../src/inference/engines/diffusion/inpaint/post-process.js'
import { postProcessingThread } from '../../src/inference/engines/diffusion/inpaint/post-processing-thread.js'
import { loadDiffusionModel } from '../../src/inference/engines/diffusion/model/diffusion-model.js'
import { readModelFiles } from '../../src/inference/engines/diffusion/model/read-model-files.js'
import { createUnet } from '../../src/inference/engines/diffusion/model/unet.js'
import { paintPictures } from '../../src/inference/engines/diffusion/paint-pictures.js'
import { fillEngine } from '../../src/inference/engines/fill/engine.js'
import { createEngineRegistry } from '../../src/inference/engines/registry.js'
import { readPicture } from '../../src/inference/image/decode.js'
import { encodePng } from '../../src/inference/image/png.js'
import { openOnnxSession } from '../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../src/inference/onnx/verified-session.js'
import type { Engine } from '../../src/inference/pipeline/engine.js'
import { paint } from '../../src/inference/pipeline/paint.js'
import type { PaintRequest } from '../../src/inference/pipeline/paint-request.js'
import { painter } from '../../src/inference/runtime/painter.js'
import { median } from '../median.js'
import { asSlowAsGpu, vaeAsSlowAsGpu } from './gpu-stand-in.js'
import { type Part, partTimes, type Wait } from './parts.js'
import { type ShellModel, writeShellModel } from './shell-model.js'

const SAMPLE = fileURLToPath(new URL('../../examples/lighthouse.png', import.meta.url))

/** Between two samples of the stack, in microseconds. */
const SAMPLING_INTERVAL_US = 250

const SD_INPAINTING = { name: 'SD 1.5 inpainting', kind: 'sd1', channels: 9, precision: 'single' } as const
const SD = { name: 'SD 1.5', kind: 'sd1', channels: 4, precision: 'single' } as const
const SDXL = { name: 'SDXL', kind: 'sdxl', channels: 4, precision: 'single' } as const
const SDXL_INPAINTING = {
  name: 'SDXL inpainting, exported in half precision',
  kind: 'sdxl',
  channels: 9,
  precision: 'half',
} as const

/** A job: what it paints, and how long a GPU takes for a step. */
type Job = Omit<ShellModel, 'side'> & {
  readonly name: string
  readonly side: number
  readonly pictures: number
  readonly steps: number
  readonly stepMs: number
}

/**
 * How long the halves of the autoencoder take, in steps with guidance, by their floating-point operations: a row of a step has 0.80 · 10¹² of
 * them for SD 1.5 at 512² and 6.0 · 10¹² for SDXL at 1024², encoding 1.1 and 4.5, decoding 2.5 and 10.
 */
const VAE_STEPS = { sd1: { encode: 0.7, decode: 1.6 }, sdxl: { encode: 0.37, decode: 0.84 } } as const

/** Nothing is hidden behind a GPU: all work of the processor shows. */
const BARE = { pictures: 1, steps: 20, stepMs: 0 } as const

/** About the times of an RTX 3060 (docs/benchmarks.md), and the default number of pictures. */
const FOUR = { pictures: 4, steps: 20 } as const
const SD_STEP_MS = 100
const SDXL_STEP_MS = 500

const QUICK_JOBS: readonly Job[] = [SD_INPAINTING, SD, SDXL, SDXL_INPAINTING].map(one => ({
  ...one,
  ...BARE,
  side: 1024,
}))

const FURTHER_JOBS: readonly Job[] = [
  ...[SD_INPAINTING, SD].map(one => ({ ...one, ...BARE, side: 512 })),
  ...[SD_INPAINTING, SDXL].map(one => ({ ...one, ...BARE, side: 2048 })),
  ...[SD_INPAINTING, SD].map(one => ({ ...one, ...FOUR, side: 512, stepMs: SD_STEP_MS })),
  ...[SDXL, SDXL_INPAINTING].map(one => ({ ...one, ...FOUR, side: 1024, steps: 30, stepMs: SDXL_STEP_MS })),
]

/**
 * Profile whole jobs by part, in milliseconds: zooming out with models whose graphs compute next to nothing, so that what is left is the
 * time outside `session.run`. They run as on a GPU: two rows in a batch, `fill` works ahead, and of four pictures two are under way; a
 * step then takes as long as on a GPU.
 */
export async function profileJobs(quick: boolean) {
  const found: Record<string, unknown> = {}
  for (const job of quick ? QUICK_JOBS : [...QUICK_JOBS, ...FURTHER_JOBS]) {
    const { name, side, pictures, steps, stepMs } = job
    const key = `${name}, ${side}²${pictures > 1 ? `, ${pictures} pictures of ${steps} steps of ${stepMs} ms` : ''}`
    found[key] = await profileJob(job, quick ? 1 : 3)
  }
  return found
}

async function profileJob(job: Job, rounds: number) {
  const modelFolder = await mkdtemp(join(tmpdir(), 'overscan-profile-'))
  const fill = fillEngine('fill')
  try {
    await writeShellModel(join(modelFolder, 'shell'), job)
    const request = await zoomRequest(job)
    const { engine, waits, close } = await shellEngine(join(modelFolder, 'shell'), fill, job)
    const context = { engines: createEngineRegistry({ modelFolder }), signal: new AbortController().signal }
    const run = (steps = job.steps) =>
      paint({ ...request, options: { ...request.options, steps } }, engine, { ...context, onProgress: () => {} })
    await run(2) // compiles, loads and starts threads
    const runs: Map<Part, number>[] = []
    for (let round = 0; round < rounds; round++) runs.push(await profiled(run, waits))
    await close()
    return summary(runs, await ipcMilliseconds(modelFolder, request))
  } finally {
    await fill.close()
    await rm(modelFolder, { recursive: true })
  }
}

async function zoomRequest({ side, pictures, steps }: Job): Promise<PaintRequest> {
  const { pixels } = await readPicture(await readFile(SAMPLE), { size: { width: side, height: side } })
  return {
    edit: { kind: 'zoom', factor: 1.5, grow: false },
    source: await encodePng(pixels),
    prompt: 'a lighthouse by the sea',
    seeds: Array.from({ length: pictures }, (_, index) => index + 1),
    engine: 'shell',
    options: { steps, guidance: 7 },
  }
}

/** The engine of a model on the CPU, which paints as it would on a GPU, and says when it waits for what. */
async function shellEngine(path: string, fill: Engine, { kind, stepMs }: Job) {
  const onCpu = await loadDiffusionModel(path, CPU_PROVIDER.name)
  const { unet: source } = await readModelFiles(path)
  const unet = createUnet(asSlowAsGpu(await openOnnxSession(source, CPU_PROVIDER), stepMs), 2)
  const postProcessing = postProcessingThread()
  const { encode, decode } = VAE_STEPS[kind]
  const vae = vaeAsSlowAsGpu(onCpu.vae, { encode: encode * stepMs, decode: decode * stepMs })
  const model = { ...onCpu, device: 'stand-in for a GPU', unet, vae }
  const waits: Wait[] = []
  const waitFor = async <T>(part: Part, work: Promise<T>): Promise<T> => {
    const start = clock()
    return work.finally(() => waits.push({ part, start, end: clock() }))
  }
  const { toPlanes, toPixels, matchColors, seamMask, blendSeam } = postProcessing.postProcess
  const postProcess: PostProcess = {
    toPlanes: pixels => waitFor('waiting for the thread', toPlanes(pixels)),
    toPixels: decoded => waitFor('waiting for the thread', toPixels(decoded)),
    matchColors: task => waitFor('waiting for the thread', matchColors(task)),
    seamMask: task => waitFor('waiting for the thread', seamMask(task)),
    blendSeam: task => waitFor('waiting for the thread', blendSeam(task)),
  }
  const timedFill: Engine = { ...fill, paint: (...given) => waitFor('fill', fill.paint(...given)) }
  const engine: Engine = {
    name: 'shell',
    paint: async (canvas, task) => {
      const painted = await waitFor('resizing', paintPictures(model, canvas, task, timedFill, undefined, postProcess))
      waits.push({ part: 'PNG', start: clock(), end: Number.POSITIVE_INFINITY })
      return painted
    },
    close: async () => {},
  }
  const close = async () => {
    await unet.close()
    await onCpu.close()
    await postProcessing.close()
  }
  return { engine, waits, close }
}

/** Microseconds of the clock that profiles use. */
function clock(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

async function profiled(job: () => Promise<unknown>, waits: Wait[]): Promise<Map<Part, number>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US })
  waits.length = 0
  await session.post('Profiler.start')
  const from = clock()
  await job()
  const to = clock()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  waits.sort((one, other) => one.start - other.start)
  return partTimes(profile, [{ part: 'read', start: from, end: to }, ...waits], from, to)
}

/** What the way to the painting process and back adds. */
async function ipcMilliseconds(modelFolder: string, request: PaintRequest): Promise<number> {
  const own = painter({ modelFolder, device: CPU_PROVIDER.name })
  try {
    const short = { ...request, options: { ...request.options, steps: 1 } }
    const { signal } = new AbortController()
    await own.paint(short, { signal, onProgress: () => {} })
    const start = performance.now()
    const { timings } = await own.paint(short, { signal, onProgress: () => {} })
    return performance.now() - start - timings.total
  } finally {
    await own.close()
  }
}

/** Medians of all runs; the share is that of what is outside `session.run`. */
function summary(runs: readonly Map<Part, number>[], ipc: number) {
  const parts = new Set(runs.flatMap(run => [...run.keys()]))
  const times = new Map([...parts].map(part => [part, median(runs.map(run => run.get(part) ?? 0))]))
  const inside = times.get('session.run') ?? 0
  times.delete('session.run')
  times.set('IPC', ipc)
  const outside = [...times.values()].reduce((total, one) => total + one, 0)
  const rows = [...times].filter(([, one]) => one >= 0.1).sort(([, one], [, other]) => other - one)
  return {
    'milliseconds outside session.run': Math.round(outside),
    'inside it': Math.round(inside),
    parts: Object.fromEntries(
      rows.map(([part, one]) => [part, `${one.toFixed(1)} (${((100 * one) / outside).toFixed(0)}%)`]),
    ),
  }
}
