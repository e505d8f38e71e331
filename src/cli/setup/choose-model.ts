import { listModelNames } from '../../inference/engines/model-folder.js'
import { DEFAULT_ENGINE } from '../../inference/engines/registry.js'
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

type ModelChoice = {
  readonly engine: string
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
  if (model === NO_MODEL || (model === undefined && !prompts)) return { engine: DEFAULT_ENGINE }
  if (model !== undefined && installed.includes(model)) return { engine: model }
  const deviceName = await device()
  const memory = deviceMemory(deviceName, await detectHardware())
  const wanted = model ?? (await askForModel(modelFolder, memory, installed, prompts!))
  if (wanted === NO_MODEL) return { engine: DEFAULT_ENGINE }
  if (installed.includes(wanted)) return { engine: wanted }
  const entry = findInCatalog(wanted)
  if (entry?.use !== 'model') {
    const available = MODEL_CATALOG.filter(({ use }) => use === 'model').map(({ name }) => name)
    throw new UserError({
      code: 'engine-unknown',
      engine: wanted,
      known: [NO_MODEL, ...installed, ...available].join(', '),
    })
  }
  if (fitsInMemory(entry, memory) === 'no') {
    const [needs, has] = [toGigabytes(entry.memory[memory.kind]), toGigabytes(memory.bytes!)]
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
        return { value: entry.name, label: entry.name, disabled: isTooLarge, hint }
      }),
    ],
    installed[0] ?? NO_MODEL,
  )
}
