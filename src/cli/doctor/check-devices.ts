import { basename } from 'node:path'
import { listModelNames } from '../../inference/engines/diffusion/model/model-files.js'
import { parseDevice } from '../../inference/onnx/device-names.js'
import { type DeviceProbe, probeDevicesInChildProcesses } from '../../inference/onnx/device-trial.js'
import { detectHardware, type Gpu } from '../hardware.js'
import { formatBytes } from '../text-table.js'
import type { Check, CheckGroup, Finding } from './check.js'

/** Libraries of CUDA's execution provider, and the NVIDIA package that installs each. */
const CUDA_LIBRARIES: readonly { readonly name: RegExp; readonly title: string; readonly todo: string }[] = [
  {
    name: /^libonnxruntime/,
    title: 'onnxruntime’s part for CUDA',
    todo: '“overscan setup cuda” installs it.',
  },
  {
    name: /^libcudnn/,
    title: 'cuDNN 9',
    todo: 'Install cuDNN 9 for CUDA 12 (NVIDIA’s package cudnn9-cuda-12).',
  },
  {
    name: /^libcuda\.so/,
    title: 'NVIDIA’s driver',
    todo: 'Install NVIDIA’s driver (in a container: start it with --gpus all).',
  },
  {
    name: /^lib(?:cublas|cudart|cufft|curand|nvrtc|nvJitLink|cusparse|cusolver|nvToolsExt)/i,
    title: 'CUDA 12',
    todo: 'Install CUDA 12, whatever newer one there is (NVIDIA’s packages cuda-libraries-12-8 and cuda-nvrtc-12-8, or the like).',
  },
]

/** The findings for a device that should work. */
export function deviceFinding({ device, missing }: DeviceProbe): readonly Finding[] {
  const { name } = device
  if (device.works) {
    const took =
      device.took &&
      `: a graph of two numbers took ${device.took.first.toFixed(0)} ms, and then ${device.took.again.toFixed(1)} ms`
    return [{ state: 'right', says: `${name} works${took ?? ''}` }]
  }
  const names = missing.map(path => basename(path))
  const causes = CUDA_LIBRARIES.flatMap(library => {
    const files = names.filter(one => library.name.test(one))
    return files.length > 0 ? [{ says: `${library.title} is missing: ${files.join(', ')}`, todo: library.todo }] : []
  })
  const others = names.filter(one => !CUDA_LIBRARIES.some(library => library.name.test(one)))
  if (others.length > 0) {
    const says = `libraries are missing: ${others.join(', ')}`
    causes.push({ says, todo: 'Install the packages of your distribution that hold them.' })
  }
  if (causes.length === 0)
    causes.push({ says: device.reason, todo: HINTS[name] ?? 'Install the newest driver of the card.' })
  return causes.map(({ says, todo }) => ({ state: 'warning', says: `${name} does not work: ${says}`, todo }))
}

const HINTS: Readonly<Record<string, string>> = {
  webgpu: 'On Linux install the card’s Vulkan driver (mesa-vulkan-drivers, or NVIDIA’s own) and libvulkan1.',
  cuda: 'Look whether nvidia-smi shows the card, and whether its driver is new enough for CUDA 12.',
}

/**
 * The findings for all devices. Devices in `DEVICE`, and CUDA on a machine with an NVIDIA GPU, have to work. Of the others only working
 * ones are listed.
 *
 * @param configured the value of `DEVICE`
 */
export function deviceFindings(
  trials: readonly DeviceProbe[],
  gpus: readonly Gpu[],
  configured: readonly string[] | undefined,
  hasModels: boolean,
): readonly Finding[] {
  const names = configured?.map(one => parseDevice(one)?.name)
  const isNvidia = gpus.some(({ name }) => /nvidia|geforce|quadro|tesla|rtx/i.test(name))
  const isExpected = ({ device }: DeviceProbe) => names?.includes(device.name) || (device.name === 'cuda' && isNvidia)
  const shown = trials.filter(trial => trial.device.works || isExpected(trial)).flatMap(deviceFinding)
  const absent = (names ?? [])
    .filter(name => !trials.some(({ device }) => device.name === name))
    .map((name): Finding => {
      const says = `DEVICE names ${name}, which onnxruntime does not have on this machine`
      return { state: 'warning', says, todo: 'Take it out of DEVICE; “overscan devices” shows what there is.' }
    })
  const hasGpu = trials.some(({ device }) => device.works && device.name !== 'cpu')
  if (hasGpu || names?.every(name => name === 'cpu')) return [...absent, ...shown]
  if (!hasModels) return [...absent, ...shown, { state: 'skipped', says: 'no GPU; the built-in engine needs none' }]
  const says = 'there is no GPU that works, so models take minutes for a picture on the processor'
  const todo =
    'A card with its driver helps (docs/getting-started.md tells which), or the built-in engine, which needs none.'
  const why = gpus.length > 0 ? trials.filter(trial => !trial.device.works && !isExpected(trial)) : []
  return [...absent, ...shown, { state: 'warning', says, todo }, ...why.flatMap(deviceFinding)]
}

const cards: Check = {
  id: 'gpu',
  title: 'Graphics cards',
  timeout: { seconds: 20, state: 'warning', says: 'the system does not tell which there are' },
  async run() {
    const { gpus } = await detectHardware()
    if (gpus.length === 0) return { state: 'skipped', says: 'none that is known' }
    return gpus.map(({ name, memory, driver }) => {
      const more = [memory !== undefined && formatBytes(memory), driver && `driver ${driver}`].filter(Boolean)
      return { state: 'right', says: [name, ...more].join(', ') }
    })
  },
}

const devices: Check = {
  id: 'devices',
  title: 'Computing',
  timeout: {
    seconds: 90,
    state: 'warning',
    says: 'a device does not come to an end with a graph of two numbers',
    todo: 'Its driver hangs: start the machine anew, or set DEVICE=cpu.',
  },
  async run({ config }, signal) {
    const [trials, { gpus }] = await Promise.all([probeDevicesInChildProcesses(signal), detectHardware()])
    return deviceFindings(trials, gpus, config.DEVICE, listModelNames(config.MODEL_FOLDER).length > 0)
  },
}

export const devicesGroup: CheckGroup = { title: 'What models are computed on', checks: [cards, devices] }
