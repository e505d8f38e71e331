import { FILL } from '../../inference/engines/default-engine.js'
import { listModelNames } from '../../inference/engines/model-folder.js'
import { UserError } from '../../user-error.js'
import { detectHardware } from '../hardware.js'
import { type DeviceMemory, deviceMemory, fitsInMemory } from '../models/device-memory.js'
import { type CatalogEntry, catalogLines, findInCatalog, MODEL_CATALOG } from '../models/model-catalog.js'
import { printLine } from '../print-line.js'
import { formatBytes, toGigabytes } from '../text-table.js'
import type { Prompts } from './prompts.js'
import type { SetupOptions } from './setup-options.js'

/** The answer for the built-in engine. */
const NO_MODEL = 'none'

/** The answer for the model that fits this machine best. */
const RECOMMENDED = 'recommended'

/** For a GPU, the best first. */
const RECOMMENDATIONS = ['sdxl-inpainting', 'sd15-inpainting', 'migan'] as const

/**
 * The best model that fits.
 *
 * On a CPU a diffusion model takes minutes for each picture, so there it is none. A GPU whose memory is unknown gets a model for 4 GB.
 */
export function recommendedModel(memory: DeviceMemory): string {
  if (memory.kind === 'cpu') return NO_MODEL
  if (memory.bytes === undefined) return 'sd15-inpainting'
  return RECOMMENDATIONS.find(name => fitsInMemory(findInCatalog(name)!, memory) === 'yes') ?? NO_MODEL
}

type ModelChoice = {
  /** Undefined to keep what paints now. */
  readonly engine: string | undefined
  /** To download, unless the model is installed. */
  readonly entry?: CatalogEntry
}

/**
 * The engine that the bot will paint with.
 *
 * @param device returns the device that models will run on
 * @throws UserError `engine-unknown`, `model-too-large`
 */
export async function chooseModel(
  { model }: SetupOptions,
  modelFolder: string,
  device: () => Promise<string>,
  prompts: Prompts | undefined,
): Promise<ModelChoice> {
  const installed = listModelNames(modelFolder)
  if (model === undefined && !prompts) return { engine: undefined }
  if (model === NO_MODEL) return { engine: FILL }
  if (model !== undefined && installed.includes(model)) return { engine: model }
  const deviceName = await device()
  const memory = deviceMemory(deviceName, await detectHardware())
  const asked = model ?? (await askForModel(modelFolder, memory, installed, prompts!))
  const wanted = asked === RECOMMENDED ? recommendedModel(memory) : asked
  if (wanted === NO_MODEL) return { engine: FILL }
  if (installed.includes(wanted)) return { engine: wanted }
  const entry = findInCatalog(wanted)
  if (entry?.use !== 'model') {
    const available = MODEL_CATALOG.filter(({ use }) => use === 'model').map(({ name }) => name)
    throw new UserError({
      code: 'engine-unknown',
      engine: wanted,
      known: [RECOMMENDED, NO_MODEL, ...installed, ...available].join(', '),
    })
  }
  if (fitsInMemory(entry, memory) === 'no') {
    const [needs, has] = [toGigabytes((entry.leastMemory ?? entry.memory)[memory.kind]), toGigabytes(memory.bytes!)]
    throw new UserError({ code: 'model-too-large', model: wanted, needs, has, device: deviceName })
  }
  return { engine: wanted, entry }
}

async function askForModel(
  modelFolder: string,
  memory: DeviceMemory,
  installed: readonly string[],
  prompts: Prompts,
): Promise<string> {
  for (const line of catalogLines(modelFolder, memory)) printLine(line)
  const available = MODEL_CATALOG.filter(({ use, name }) => use === 'model' && !installed.includes(name))
  const recommended = recommendedModel(memory)
  const size = memory.bytes === undefined ? 'memory of an unknown size' : `${formatBytes(memory.bytes)} of memory`
  printLine(
    `The ${memory.kind === 'gpu' ? 'GPU' : 'machine, which has no GPU that works,'} has ${size}. Recommended: ${recommended}.`,
  )
  return prompts.select(
    'Which model paints?',
    [
      { value: NO_MODEL, label: 'none: the built-in model “fill”', hint: 'no download, no GPU' },
      ...installed.map(name => ({ value: name, label: name, hint: 'installed' })),
      ...available.map(entry => {
        const isTooLarge = fitsInMemory(entry, memory) === 'no'
        const hint = isTooLarge
          ? 'doesn’t fit in memory'
          : `${formatBytes(entry.bytes)}, ${entry.licence}, ${entry.speed}`
        const label = entry.name === recommended ? `${entry.name} (recommended)` : entry.name
        return { value: entry.name, label, disabled: isTooLarge, hint }
      }),
    ],
    installed[0] ?? recommended,
  )
}
