import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alignColumns, formatBytes } from '../../src/cli/text-table.js'
import {
  estimateModelMemory,
  type MemoryScenario,
  totalBytes,
} from '../../src/inference/engines/diffusion/model/estimate-memory.js'
import type { ModelFiles } from '../../src/inference/engines/diffusion/model/model-files.js'
import { readModelFiles } from '../../src/inference/engines/diffusion/model/read-model-files.js'
import { MODEL_SIZES, type ModelSize } from '../../tools/model-shapes.js'
import { writeModel } from '../../tools/write-model.js'
import { type MeasuredGraph, measurePeak } from './measure-peak.js'

/** Sides of square pictures, in pixels. */
const SIDES = [512, 1024, 2048] as const

/** Longest sides of the VAE's tiles, in pixels. */
const TILES = [512, 256] as const

const GPU_HALF = { device: 'gpu', variant: { precision: 'half', attention: 'fused' }, batch: 2 } as const
const GPU_SINGLE_VAE = { ...GPU_HALF, vaePrecision: 'single' } as const
const CPU = { device: 'cpu', variant: { precision: 'single', attention: 'fused' }, batch: 1 } as const

/** What is compared with a measurement: small enough for minutes on two cores, large enough that activations dominate. */
const MEASURED = { ...MODEL_SIZES.sd15, vaeWidths: [32, 64, 128, 128] } as const satisfies ModelSize

/**
 * The memory of Stable Diffusion 1.5 and XL, computed from shapes: of each graph, and of whole models. Then the peaks
 * of some graphs on the CPU, computed and measured; only one of them if `quick`.
 */
export async function benchMemory({ quick }: { quick: boolean }) {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-memory-'))
  try {
    const models = await Promise.all(
      Object.entries(MODEL_SIZES).map(async ([name, size]) => {
        await writeModel(join(folder, name), size, 'zeros')
        return [name, await readModelFiles(join(folder, name))] as const
      }),
    )
    return {
      'activations of a graph': alignColumns([
        ['', 'weights', ...SIDES.map(side => `${side}²`)],
        ...models.flatMap(([name, files]) => graphRows(name, files)),
      ]),
      'a whole model': alignColumns([
        ['', ...SIDES.map(side => `${side}²`)],
        ...models.flatMap(([name, files]) => modelRows(name, files)),
      ]),
      ...(process.platform === 'linux' && { 'peaks on the CPU': await measuredRows(join(folder, 'measured'), quick) }),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function graphRows(model: string, files: ModelFiles): string[][] {
  const scenarios = [
    ['GPU, half precision', GPU_HALF],
    ['GPU, VAE in single precision', GPU_SINGLE_VAE],
    ['GPU, half precision, plain attention', { ...GPU_HALF, variant: { precision: 'half', attention: 'primitive' } }],
    ['CPU', CPU],
    ['CPU, plain attention', { ...CPU, variant: { precision: 'single', attention: 'primitive' } }],
  ] as const
  return scenarios.flatMap(([description, scenario]) => {
    const bySide = SIDES.map(side => estimateModelMemory(files, { ...scenario, size: square(side) })!)
    return (['unet', 'vaeEncoder', 'vaeDecoder', 'textEncoders'] as const).map(graph => {
      const parts = bySide.map(one => one[graph]).map(one => ('activations' in one ? [one] : one))
      const sum = (of: 'weights' | 'activations', part: (typeof parts)[number]) =>
        part.reduce((bytes, one) => bytes + one[of], 0)
      const cells = parts.map(part => formatBytes(sum('activations', part)))
      return [`${model} ${graph}, ${description}`, formatBytes(sum('weights', parts[0]!)), ...cells]
    })
  })
}

function modelRows(model: string, files: ModelFiles): string[][] {
  const row = (description: string, scenario: Omit<MemoryScenario, 'size'>) => [
    `${model}, ${description}`,
    ...SIDES.map(side => {
      const estimate = estimateModelMemory(files, { ...scenario, size: square(side) })!
      return formatBytes(totalBytes(estimate, scenario.device))
    }),
  ]
  const scenarios = [
    ['GPU, half precision', GPU_HALF],
    ['GPU, VAE in single precision', GPU_SINGLE_VAE],
    ['CPU', CPU],
  ] as const
  return scenarios.flatMap(([device, scenario]) => {
    const tiled = TILES.map(side => row(`${device}, VAE in tiles of ${side}`, { ...scenario, vaeTile: side }))
    return [row(device, scenario), ...tiled]
  })
}

/** For each measured graph: computed and measured activations. */
async function measuredRows(folder: string, quick: boolean): Promise<string[]> {
  await writeModel(folder, MEASURED, 'zeros')
  const files = await readModelFiles(folder)
  const all: readonly (readonly [MeasuredGraph, number])[] = [
    ['vaeDecoder', 512],
    ['vaeEncoder', 768],
    ['vaeDecoder', 768],
    ['unet', 1024],
  ]
  const rows = [['graph', 'size', 'computed', 'measured', 'measured / computed']]
  for (const [graph, side] of quick ? all.slice(0, 1) : all) {
    const estimate = estimateModelMemory(files, { ...CPU, size: square(side) })![graph].activations
    const measured = await measurePeak(folder, graph, side)
    rows.push([graph, `${side}²`, megabytes(estimate), megabytes(measured), (measured / estimate).toFixed(2)])
  }
  return alignColumns(rows)
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`

const square = (side: number) => ({ width: side, height: side })
