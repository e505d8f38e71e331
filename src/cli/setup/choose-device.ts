import { type Environment, parseEnvVars } from '../../config.js'
import { AUTO_DEVICE, parseDevice } from '../../inference/onnx/device-names.js'
import { availableDevices, type DeviceStatus } from '../../inference/onnx/devices.js'
import { UserError } from '../../user-error.js'
import type { Prompts } from './prompts.js'
import type { SetupOptions } from './setup-options.js'

const CUDA = 'cuda'

/**
 * The new value of `DEVICE`.
 *
 * @param cudaComes whether the CUDA libraries are downloaded afterwards
 * @returns empty for the first device that works; undefined to keep the setting as it is
 * @throws UserError `device-unusable`
 */
export async function chooseDevice(
  { device }: SetupOptions,
  environment: Environment,
  prompts: Prompts | undefined,
  cudaComes: boolean,
): Promise<string | undefined> {
  if (device !== undefined && device !== AUTO_DEVICE) {
    for (const name of device.split(',')) await assertWorks(name, cudaComes)
    return device
  }
  if (device === AUTO_DEVICE || !prompts) return device && ''
  const devices = await usableDevices(cudaComes)
  const configured = configuredDevice(environment)
  const isUsable = configured !== undefined && devices.some(({ name, works }) => works && name === configured)
  const answer = await prompts.select(
    'Which device runs models?',
    [
      {
        value: AUTO_DEVICE,
        label: 'the first one that works',
        hint: `${await firstWorkingDevice(cudaComes)} on this machine`,
      },
      ...devices.map(one => ({
        value: one.name,
        label: one.name,
        disabled: !one.works,
        hint: one.works ? worksHint(one.name, cudaComes) : one.reason,
      })),
    ],
    isUsable ? configured : AUTO_DEVICE,
  )
  return answer === AUTO_DEVICE ? '' : answer
}

/** The first device in `DEVICE`. */
export function configuredDevice(environment: Environment): string | undefined {
  return parseEnvVars(environment, ['DEVICE']).DEVICE?.[0]
}

export async function firstWorkingDevice(cudaComes: boolean): Promise<string> {
  return (await usableDevices(cudaComes)).find(({ works }) => works)?.name ?? 'cpu'
}

/** The devices of this machine. CUDA counts as one that works if its libraries are downloaded afterwards. */
async function usableDevices(cudaComes: boolean): Promise<DeviceStatus[]> {
  const devices = await availableDevices()
  return devices.map(device => (cudaComes && device.name === CUDA ? { name: CUDA, works: true } : device))
}

function worksHint(device: string, cudaComes: boolean): string {
  return cudaComes && device === CUDA ? 'after the download' : 'works'
}

async function assertWorks(device: string, cudaComes: boolean): Promise<void> {
  const name = parseDevice(device)?.name
  const status = (await usableDevices(cudaComes)).find(one => one.name === name)
  if (status?.works) return
  const reason = status?.reason ?? 'this build of onnxruntime doesn’t include it'
  throw new UserError({ code: 'device-unusable', device, reason })
}
