import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
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
import { type Part, partTimes, type Wait } from './parts.js'
import { type ShellModel, writeShellModel } from './shell-model.js'

const SAMPLE = fileURLToPath(new URL('../../examples/lighthouse.png', import.meta.url))
const STEPS = 20

/** Between two samples of the stack, in microseconds. */
const SAMPLING_INTERVAL_US = 250

const MODELS: readonly (Omit<ShellModel, 'side'> & { readonly name: string })[] = [
  { name: 'SD 1.5 inpainting', kind: 'sd1', channels: 9, precision: 'single' },
  { name: 'SD 1.5', kind: 'sd1', channels: 4, precision: 'single' },
  { name: 'SDXL', kind: 'sdxl', channels: 4, precision: 'single' },
  { name: 'SDXL inpainting, exported in half precision', kind: 'sdxl', channels: 9, precision: 'half' },
]

/**
 * Profile a whole job by part, in milliseconds: zooming out with 20 steps, with models whose graphs compute next to nothing, so that
 * what is left is the time outside `session.run`. They run as on a GPU: two rows in a batch, and `fill` works ahead.
 */
export async function profileJobs(quick: boolean) {
  const found: Record<string, unknown> = {}
  for (const side of quick ? [1024] : [1024, 2048]) {
    for (const model of MODELS) {
      found[`${model.name}, ${side}²`] = await profileJob({ ...model, side }, 1, quick ? 1 : 3)
    }
  }
  const [, , sdxl] = MODELS
  if (!quick) found[`${sdxl!.name}, 1024², four pictures`] = await profileJob({ ...sdxl!, side: 1024 }, 4, 3)
  return found
}

async function profileJob(shell: ShellModel, pictures: number, rounds: number) {
  const modelFolder = await mkdtemp(join(tmpdir(), 'overscan-profile-'))
  const fill = fillEngine('fill')
  try {
    await writeShellModel(join(modelFolder, 'shell'), shell)
    const request = await zoomRequest(shell.side, pictures)
    const { engine, waits, close } = await shellEngine(join(modelFolder, 'shell'), fill)
    const context = { engines: createEngineRegistry({ modelFolder }), signal: new AbortController().signal }
    const job = () => paint(request, engine, { ...context, onProgress: () => {} })
    await job() // compiles, loads and starts threads
    const runs: Map<Part, number>[] = []
    for (let round = 0; round < rounds; round++) runs.push(await profiled(job, waits))
    await close()
    return summary(runs, await ipcMilliseconds(modelFolder, request))
  } finally {
    await fill.close()
    await rm(modelFolder, { recursive: true })
  }
}

async function zoomRequest(side: number, pictures: number): Promise<PaintRequest> {
  const { pixels } = await readPicture(await readFile(SAMPLE), { size: { width: side, height: side } })
  return {
    edit: { kind: 'zoom', factor: 1.5, grow: false },
    source: await encodePng(pixels),
    prompt: 'a lighthouse by the sea',
    seeds: Array.from({ length: pictures }, (_, index) => index + 1),
    engine: 'shell',
    options: { steps: STEPS, guidance: 7 },
  }
}

/** The engine of a model on the CPU, which paints as it would on a GPU, and says when it waits for what. */
async function shellEngine(path: string, fill: Engine) {
  const onCpu = await loadDiffusionModel(path, CPU_PROVIDER.name)
  const { unet: source } = await readModelFiles(path)
  const unet = createUnet(await openOnnxSession(source, CPU_PROVIDER), 2)
  const model = { ...onCpu, device: 'stand-in for a GPU', unet }
  const waits: Wait[] = []
  const waitFor = async <T>(part: Part, work: Promise<T>): Promise<T> => {
    const start = clock()
    return work.finally(() => waits.push({ part, start, end: clock() }))
  }
  const timedFill: Engine = { ...fill, paint: (...given) => waitFor('fill', fill.paint(...given)) }
  const engine: Engine = {
    name: 'shell',
    paint: async (canvas, task) => {
      const painted = await waitFor('resizing', paintPictures(model, canvas, task, timedFill))
      waits.push({ part: 'PNG', start: clock(), end: Number.POSITIVE_INFINITY })
      return painted
    },
    close: async () => {},
  }
  const close = async () => {
    await unet.close()
    await onCpu.close()
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
