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
  printLine(`The token is valid. The bot’s name is ${account.name}.`)
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
    printLine(registered.done === 'registered' ? 'Registered the commands.' : 'The commands are already registered.')
  }
  if (options.test) {
    const { modelFolder } = modelSources(environment)
    const { output } = options
    await paintTestPicture({ engine, modelFolder, device: configuredDevice(environment), output, signal })
  }

  printLine('')
  if (servers === 0 || servers === undefined) {
    printLine(`Add the bot to a server, with only the permissions that it needs: ${inviteLink(account.id)}`)
    printLine(`Or install it for yourself, to use it in any chat: ${userInstallLink(account.id)}`)
  } else {
    const count = `${servers} ${servers === 1 ? 'server' : 'servers'}`
    printLine(`The bot is in ${count}. To add it to another one: ${inviteLink(account.id)}`)
  }
  if (engine !== DEFAULT_ENGINE)
    printLine(`To make ${engine} the default model of a server, run /settings defaults there.`)
  printLine('Start the bot with “overscan bot”.')
}

async function downloadModel(entry: CatalogEntry, sources: ModelSources, signal: AbortSignal): Promise<void> {
  printLine(`Downloading ${entry.name}: ${formatBytes(entry.bytes)}, ${entry.licence}.`)
  const bar = createProgressBar(process.stderr, 'downloading')
  const onProgress = (done: number) => bar.show(done)
  const added = await addFromCatalog(entry, sources, { signal, onProgress }).finally(() => bar.end())
  printLine(`Added ${describeModel(added)}.`)
}
