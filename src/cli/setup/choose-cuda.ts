import { type Environment, parseEnvVars } from '../../config.js'
import { problemMessage } from '../../i18n/i18n.js'
import { setCudaRoot } from '../../inference/onnx/cuda-folder.js'
import { AUTO_DEVICE, parseDevice } from '../../inference/onnx/device-names.js'
import { probeDeviceInChildProcess } from '../../inference/onnx/device-probe.js'
import { UserError } from '../../user-error.js'
import { printLine } from '../print-line.js'
import { createProgressBar } from '../progress-bar.js'
import type { PlannedWheel } from './cuda/install-libraries.js'
import { assertCudaMachine, type CudaSource, installCuda, planCuda, testCuda } from './cuda/setup-cuda.js'
import type { Prompts } from './prompts.js'
import type { SetupOptions } from './setup-options.js'

const LATER = 'The bot works without CUDA. To add CUDA later, run “overscan setup cuda”.'

/**
 * The CUDA libraries to download: where an NVIDIA card is found and they are missing, unless somebody declines. What prevents it is printed.
 *
 * @returns undefined to download nothing
 * @throws UserError with `--cuda`: what prevents it
 */
export async function chooseCuda(
  { cuda, device, model }: SetupOptions,
  environment: Environment,
  source: CudaSource,
  prompts: Prompts | undefined,
): Promise<readonly PlannedWheel[] | undefined> {
  const isUseful = process.platform === 'linux' && model !== 'none' && usesCuda(device, environment)
  if (!(cuda ?? isUseful)) return undefined
  try {
    await assertCudaMachine()
    if (await worksAlready(source.signal)) return undefined
    printLine('This machine has an NVIDIA card. Models run on it with the CUDA libraries.')
    const plan = await planCuda(source)
    if (!plan || cuda || !prompts || (await prompts.confirm('Download the CUDA libraries?'))) return plan
    printLine(LATER)
  } catch (error) {
    if (cuda || !(error instanceof UserError) || error.problem.code === 'cancelled') throw error
    if (error.problem.code === 'cuda-card-missing') return undefined
    printLine(problemMessage(error.problem))
    printLine(LATER)
  }
  return undefined
}

/** Whether models may run on an NVIDIA card: by the option, otherwise by `DEVICE`. */
function usesCuda(device: string | undefined, environment: Environment): boolean {
  const names = device?.split(',') ?? parseEnvVars(environment, ['DEVICE']).DEVICE ?? [AUTO_DEVICE]
  return names.some(name => name === AUTO_DEVICE || parseDevice(name)?.name === 'cuda')
}

async function worksAlready(signal: AbortSignal): Promise<boolean> {
  const { device } = await probeDeviceInChildProcess('cuda', signal)
  signal.throwIfAborted()
  return device.works
}

/**
 * Download what {@link chooseCuda} planned, and test the card. If only the test fails, that is printed: another device can paint.
 *
 * @throws UserError those of `installCuda`
 */
export async function downloadCuda(plan: readonly PlannedWheel[], source: CudaSource): Promise<void> {
  const bar = createProgressBar(process.stderr, 'downloading')
  await installCuda(plan, { ...source, onProgress: done => bar.show(done) }).finally(() => bar.end())
  setCudaRoot(source.root)
  try {
    await testCuda(source.signal)
    printLine('cuda works.')
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    printLine(problemMessage(error.problem))
  }
}
