import { type Environment, parseEnvVars } from '../../config.js'
import { printLine } from '../print-line.js'
import type { Prompts } from './prompts.js'
import type { SetupOptions } from './setup-options.js'

/** New values of `DATA_FOLDER`, `PAGES_PORT` and `PUBLIC_URL`, where they differ from the present ones. */
export async function chooseDataAndPages(
  { dataFolder, pagesPort, publicUrl }: SetupOptions,
  environment: Environment,
  prompts: Prompts | undefined,
): Promise<Record<string, string>> {
  const { DATA_FOLDER, PAGES_PORT, PUBLIC_URL } = parseEnvVars(environment, ['DATA_FOLDER', 'PAGES_PORT', 'PUBLIC_URL'])
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
  const url = publicUrl ?? (port ? await askForPublicUrl(PUBLIC_URL, prompts) : undefined)
  return {
    ...(url !== undefined && url !== (PUBLIC_URL ?? '') && { PUBLIC_URL: url }),
    ...(folder !== undefined && folder !== DATA_FOLDER && { DATA_FOLDER: folder }),
    ...(port !== undefined && port !== String(PAGES_PORT ?? '') && { PAGES_PORT: port }),
  }
}

async function askForPublicUrl(current: string | undefined, prompts: Prompts | undefined): Promise<string | undefined> {
  if (!prompts) return undefined
  printLine('People open the editor in their own browser. From other machines it needs an address that they can reach,')
  printLine('for example of a reverse proxy or a tunnel to the port. Without one it opens only on this machine.')
  return prompts.text('Public address of the editor (empty: none)', current ?? '', answer =>
    answer === '' || /^https?:\/\/[^\s/]+/.test(answer) ? undefined : 'Enter an address that starts with https://.',
  )
}
