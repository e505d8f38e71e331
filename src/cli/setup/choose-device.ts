import { type Environment, parseEnvVars } from '../../config.js'
import { AUTO_DEVICE, parseDevice } from '../../inference/onnx/device-names.js'
import { availableDevices } from '../../inference/onnx/devices.js'
import { UserError } from '../../user-error.js'
import type { Prompts } from './prompts.js'
import type { SetupOptions } from './setup-options.js'

/**
 * The new value of `DEVICE`.
 *
 * @returns empty for the first device that works; undefined to keep the setting as it is
 * @throws UserError `device-unusable`
 */
export async function chooseDevice(
  { device }: SetupOptions,
  environment: Environment,
  prompts: Prompts | undefined,
): Promise<string | undefined> {
  if (device !== undefined && device !== AUTO_DEVICE) {
    for (const name of device.split(',')) await assertWorks(name)
    return device
  }
  if (device === AUTO_DEVICE || !prompts) return device && ''
  const devices = await availableDevices()
  const configured = configuredDevice(environment)
  const isUsable = configured !== undefined && devices.some(({ name, works }) => works && name === configured)
  const answer = await prompts.select(
    'Which device runs models?',
    [
      { value: AUTO_DEVICE, label: 'the first one that works', hint: `${await firstWorkingDevice()} on this machine` },
      ...devices.map(one => ({
        value: one.name,
        label: one.name,
        disabled: !one.works,
        hint: one.works ? 'works' : one.reason,
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

export async function firstWorkingDevice(): Promise<string> {
  return (await availableDevices()).find(({ works }) => works)?.name ?? 'cpu'
}

async function assertWorks(device: string): Promise<void> {
  const name = parseDevice(device)?.name
  const status = (await availableDevices()).find(one => one.name === name)
  if (status?.works) return
  const reason = status?.reason ?? 'this build of onnxruntime doesn’t include it'
  throw new UserError({ code: 'device-unusable', device, reason })
}
