import { inviteLink, userInstallLink } from '../../bot/discord/invite.js'
import { type Environment, parseEnvVars } from '../../config.js'
import { DEFAULT_ENGINE } from '../../inference/engines/registry.js'
import { cancelOnInterrupt } from '../cancel-on-interrupt.js'
import { readEnvFile, withEnvFile } from '../env/env-file.js'
import { ENV_FILE } from '../env/read-config.js'
import { addFromCatalog, describeModel } from '../models/add-model.js'
import type { CatalogEntry } from '../models/model-catalog.js'
import { type ModelSources, modelSources } from '../models/model-sources.js'
import { printLine } from '../print-line.js'
import { createProgressBar } from '../progress-bar.js'
import { formatBytes } from '../text-table.js'
import { chooseDataAndPages } from './choose-data-and-pages.js'
import { chooseDevice, configuredDevice, firstWorkingDevice } from './choose-device.js'
import { chooseModel } from './choose-model.js'
import { chooseToken } from './choose-token.js'
import { registerOnDiscord } from './discord-account.js'
import { paintTestPicture } from './paint-test-picture.js'
import type { Prompts } from './prompts.js'
import { saveSettings } from './save-settings.js'
import type { SetupOptions } from './setup-options.js'

/**
 * `overscan setup`: prepare everything that a bot needs to start. All questions come first, then the settings are written, the model is
 * downloaded, the commands are registered and a test picture is painted. Each step can be repeated.
 *
 * @param prompts undefined to ask nothing
 * @param startEnvironment includes the values of `.env`
 * @throws UserError those of the steps; `cancelled`
 */
export async function runSetup(
  options: SetupOptions,
  prompts: Prompts | undefined,
  startEnvironment: Environment,
): Promise<void> {
  const signal = cancelOnInterrupt()
  const text = await readEnvFile(options.env)
  const before = withEnvFile(startEnvironment, await readEnvFile(ENV_FILE), text)

  const { token, account } = await chooseToken(options, before, prompts)
  printLine(`Discord knows the bot as ${account.name}.`)
  const device = await chooseDevice(options, before, prompts)
  const modelDevice = async () =>
    (device === undefined ? configuredDevice(before) : device.split(',')[0]) || (await firstWorkingDevice())
  const { engine, entry } = await chooseModel(options, modelSources(before).modelFolder, modelDevice, prompts)
  const dataAndPages = await chooseDataAndPages(options, before, prompts)

  const values = { DISCORD_TOKEN: token, ...(device !== undefined && { DEVICE: device }), ...dataAndPages }
  signal.throwIfAborted()
  const environment = { ...before, ...(await saveSettings(options.env, text, values, before, prompts)) }

  if (entry) await downloadModel(entry, modelSources(environment), signal)
  signal.throwIfAborted()
  let servers: number | undefined
  if (options.register) {
    const registered = await registerOnDiscord(token, parseEnvVars(environment, ['DISCORD_API']).DISCORD_API)
    servers = registered.servers
    printLine(registered.done === 'registered' ? 'The commands are registered.' : 'Discord knows the commands already.')
  }
  if (options.test) {
    const { modelFolder } = modelSources(environment)
    const { output } = options
    await paintTestPicture({ engine, modelFolder, device: configuredDevice(environment), output, signal })
  }

  printLine('')
  if (servers === 0 || servers === undefined) {
    printLine(`Add it to a server, with what it needs and no more: ${inviteLink(account.id)}`)
    printLine(`Or take it along to wherever you write: ${userInstallLink(account.id)}`)
  } else {
    const count = `${servers} ${servers === 1 ? 'server' : 'servers'}`
    printLine(`It is in ${count}. To add it to another: ${inviteLink(account.id)}`)
  }
  if (engine !== DEFAULT_ENGINE) printLine(`In Discord, /settings defaults makes ${engine} what paints there.`)
  printLine('Start it with “overscan bot”.')
}

async function downloadModel(entry: CatalogEntry, sources: ModelSources, signal: AbortSignal): Promise<void> {
  printLine(`Downloading ${entry.name}: ${formatBytes(entry.bytes)}, ${entry.licence}.`)
  const bar = createProgressBar(process.stderr, 'downloading')
  const onProgress = (done: number) => bar.show(done)
  const added = await addFromCatalog(entry, sources, { signal, onProgress }).finally(() => bar.end())
  printLine(describeModel(added))
}
