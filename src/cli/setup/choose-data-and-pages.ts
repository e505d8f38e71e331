import { type Environment, parseEnvVars } from '../../config.js'
import type { Prompts } from './prompts.js'
import type { SetupOptions } from './setup-options.js'

/** New values of `DATA_FOLDER` and `PAGES_PORT`, where they differ from the present ones. */
export async function chooseDataAndPages(
  { dataFolder, pagesPort }: SetupOptions,
  environment: Environment,
  prompts: Prompts | undefined,
): Promise<Record<string, string>> {
  const { DATA_FOLDER, PAGES_PORT } = parseEnvVars(environment, ['DATA_FOLDER', 'PAGES_PORT'])
  const folder =
    dataFolder ??
    (await prompts?.text('Folder for settings and the queue', DATA_FOLDER, answer =>
      answer ? undefined : 'Enter a folder.',
    ))
  const port =
    pagesPort ??
    (await prompts?.text('Port of the editor (empty: no editor)', String(PAGES_PORT ?? ''), answer =>
      answer === '' || (/^\d{1,5}$/.test(answer) && Number(answer) >= 1 && Number(answer) <= 65_535)
        ? undefined
        : 'Enter a number from 1 to 65535.',
    ))
  return {
    ...(folder !== undefined && folder !== DATA_FOLDER && { DATA_FOLDER: folder }),
    ...(port !== undefined && port !== String(PAGES_PORT ?? '') && { PAGES_PORT: port }),
  }
}
