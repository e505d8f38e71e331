import { inviteLink, userInstallLink } from '../../bot/discord/invite.js'
import { type Environment, parseEnvVars } from '../../config.js'
import { createEngineRegistry } from '../../inference/engines/registry.js'
import { cancelOnInterrupt } from '../cancel-on-interrupt.js'
import { cudaRootOf } from '../cuda-root.js'
import { readEnvFile, withEnvFile } from '../env/env-file.js'
import { ENV_FILE } from '../env/read-config.js'
import { addFromCatalog, describeModel } from '../models/add-model.js'
import { describeDefaults } from '../models/describe-defaults.js'
import type { CatalogEntry } from '../models/model-catalog.js'
import { describePlan, type ModelPlan } from '../models/model-plan.js'
import { type ModelSources, modelSources } from '../models/model-sources.js'
import { printLine } from '../print-line.js'
import { startCommand } from '../program-command.js'
import { createProgressBar } from '../progress-bar.js'
import { chooseCuda, downloadCuda } from './choose-cuda.js'
import { chooseDataAndPages } from './choose-data-and-pages.js'
import { chooseDevice, configuredDevice, firstWorkingDevice } from './choose-device.js'
import { chooseModel } from './choose-model.js'
import { chooseToken } from './choose-token.js'
import { chooseUpscaler } from './choose-upscaler.js'
import type { CudaSource } from './cuda/setup-cuda.js'
import { registerOnDiscord } from './discord-account.js'
import { paintTestPicture } from './paint-test-picture.js'
import type { Prompts } from './prompts.js'
import { saveSettings } from './save-settings.js'
import type { SetupOptions } from './setup-options.js'

/**
 * `overscan setup`: prepare everything that a bot needs to start. All questions come first, then the settings are written, CUDA and the model
 * are downloaded, the commands are registered and a test picture is painted. Each step can be repeated.
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
  const dataAndPages = await chooseDataAndPages(options, before, prompts)
  const cudaSource = cudaSourceOf({ ...before, ...dataAndPages }, signal)
  const cuda = await chooseCuda(options, before, cudaSource, prompts)
  const cudaComes = cuda !== undefined
  const device = await chooseDevice(options, before, prompts, cudaComes)
  const modelDevice = async () =>
    (device === undefined ? configuredDevice(before) : device.split(',')[0]) || (await firstWorkingDevice(cudaComes))
  const { engine, entry } = await chooseModel(options, modelSources(before).modelFolder, modelDevice, prompts)
  const upscaler = await chooseUpscaler(options, modelSources(before).modelFolder, prompts)

  const values = { DISCORD_TOKEN: token, ...(device !== undefined && { DEVICE: device }), ...dataAndPages }
  signal.throwIfAborted()
  if (options.dryRun) {
    printLine(`${options.env} would get: ${Object.keys(values).join(', ')}.`)
    for (const one of [entry, upscaler]) if (one) await downloadModel(one, modelSources(before), signal, true)
    return
  }
  const environment = { ...before, ...(await saveSettings(options.env, text, values, before, prompts)) }

  if (cuda) await downloadCuda(cuda, cudaSourceOf(environment, signal))
  for (const one of [entry, upscaler]) if (one) await downloadModel(one, modelSources(environment), signal, false)
  signal.throwIfAborted()
  let servers: number | undefined
  if (options.register) {
    const registered = await registerOnDiscord(token, parseEnvVars(environment, ['DISCORD_API']).DISCORD_API)
    servers = registered.servers
    printLine(registered.done === 'registered' ? 'Registered the commands.' : 'The commands are already registered.')
  }
  const { modelFolder } = modelSources(environment)
  const model = engine === undefined ? parseEnvVars(environment, ['MODEL']).MODEL : modelSetting(engine, modelFolder)
  if (engine !== undefined && (model ?? '') !== (environment.MODEL ?? '')) {
    await saveSettings(options.env, await readEnvFile(options.env), { MODEL: model ?? '' }, environment, prompts)
  }
  if (options.test) {
    const device = configuredDevice(environment)
    await paintTestPicture({ engine, defaultEngine: model, modelFolder, device, output: options.output, signal })
  }

  printLine('')
  if (servers === 0 || servers === undefined) {
    printLine(`Add the bot to a server, with only the permissions that it needs: ${inviteLink(account.id)}`)
    printLine(`Or install it for yourself, to use it in any chat: ${userInstallLink(account.id)}`)
  } else {
    const count = `${servers} ${servers === 1 ? 'server' : 'servers'}`
    printLine(`The bot is in ${count}. To add it to another one: ${inviteLink(account.id)}`)
  }
  for (const line of describeDefaults(modelFolder, model)) printLine(line)
  printLine(`Start the bot: ${startCommand(process.argv[1] ?? '', startEnvironment, process.cwd())}`)
}

function cudaSourceOf(environment: Environment, signal: AbortSignal): CudaSource {
  const { PYPI_ENDPOINT: index } = parseEnvVars(environment, ['PYPI_ENDPOINT'])
  return { root: cudaRootOf(environment), index, signal, print: printLine }
}

/** The value of `MODEL` with which this engine paints by default; undefined if it does so without one. */
function modelSetting(engine: string, modelFolder: string): string | undefined {
  const engines = createEngineRegistry({ modelFolder })
  const { isEraser } = engines.get(engine)
  // Object removal is chosen by itself; beyond the frame another engine is better.
  return isEraser || engines.forEdit({ kind: 'zoom' }).name === engine ? undefined : engine
}

async function downloadModel(
  entry: CatalogEntry,
  sources: ModelSources,
  signal: AbortSignal,
  dryRun: boolean,
): Promise<void> {
  const bar = createProgressBar(process.stderr, 'downloading')
  const onProgress = (done: number) => bar.show(done)
  const onPlan = (plan: ModelPlan) => describePlan(plan).forEach(printLine)
  const added = await addFromCatalog(entry, sources, { signal, onProgress, onPlan, dryRun }).finally(() => bar.end())
  if (!dryRun) printLine(`Added ${describeModel(added)}.`)
}
