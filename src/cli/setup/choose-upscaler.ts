import { listUpscalerNames } from '../../inference/engines/model-folder.js'
import { UserError } from '../../user-error.js'
import { type CatalogEntry, findInCatalog, MODEL_CATALOG } from '../models/model-catalog.js'
import { formatBytes } from '../text-table.js'
import type { Prompts } from './prompts.js'
import type { SetupOptions } from './setup-options.js'

/** The answer for resampling, which is built in. */
const NO_UPSCALER = 'none'

/**
 * The upscaler to download. It is asked for where none is installed: with one, that is used.
 *
 * @returns undefined to download nothing
 * @throws UserError `engine-unknown`
 */
export async function chooseUpscaler(
  { upscaler }: SetupOptions,
  modelFolder: string,
  prompts: Prompts | undefined,
): Promise<CatalogEntry | undefined> {
  const installed = listUpscalerNames(modelFolder)
  if (upscaler === undefined && (!prompts || installed.length > 0)) return undefined
  const wanted = upscaler ?? (await askForUpscaler(prompts!))
  if (wanted === NO_UPSCALER || installed.includes(wanted)) return undefined
  const entry = findInCatalog(wanted)
  if (entry?.use === 'upscaler') return entry
  const available = upscalersInCatalog().map(({ name }) => name)
  const known = [NO_UPSCALER, ...new Set([...installed, ...available])].join(', ')
  throw new UserError({ code: 'engine-unknown', engine: wanted, known })
}

function upscalersInCatalog(): CatalogEntry[] {
  return MODEL_CATALOG.filter(({ use }) => use === 'upscaler')
}

function askForUpscaler(prompts: Prompts): Promise<string> {
  return prompts.select(
    'Which upscaler enlarges pictures?',
    [
      { value: NO_UPSCALER, label: 'none: Lanczos resampling', hint: 'no download, no new detail' },
      ...upscalersInCatalog().map(({ name, bytes, licence, description }) => ({
        value: name,
        label: `${name}: ${formatBytes(bytes)}, ${licence}`,
        hint: description,
      })),
    ],
    NO_UPSCALER,
  )
}
