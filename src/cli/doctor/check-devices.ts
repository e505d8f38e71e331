import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { listModelNames } from '../../inference/engines/model-folder.js'
import { type CudaManifest, cudaFolder, cudaRoot, readCudaManifest } from '../../inference/onnx/cuda-folder.js'
import { parseDevice } from '../../inference/onnx/device-names.js'
import { type DeviceProbe, probeDevicesInChildProcesses } from '../../inference/onnx/device-probe.js'
import { freeDeviceMemory } from '../../inference/onnx/free-memory.js'
import { detectHardware, type Gpu } from '../hardware.js'
import { formatBytes } from '../text-table.js'
import type { Check, CheckGroup, Finding } from './check.js'

const SETUP_CUDA = 'Run “overscan setup cuda” to install it.'

/** Libraries of CUDA's execution provider, and what installs each. */
const CUDA_LIBRARIES: readonly { readonly name: RegExp; readonly title: string; readonly todo: string }[] = [
  { name: /^libonnxruntime/, title: 'onnxruntime’s CUDA part', todo: SETUP_CUDA },
  { name: /^libcudnn/, title: 'cuDNN', todo: SETUP_CUDA },
  {
    name: /^libcuda\.so/,
    title: 'the NVIDIA driver',
    todo: 'Install the NVIDIA driver. Start a container with --gpus all.',
  },
  {
    name: /^lib(?:cublas|cudart|cufft|curand|nvrtc|nvJitLink|cusparse|cusolver|nvToolsExt)/i,
    title: 'CUDA',
    todo: SETUP_CUDA,
  },
]

/** The findings for a device that should work. @param free its free memory in bytes, if known */
export function deviceFinding({ device, missing }: DeviceProbe, free?: number): readonly Finding[] {
  const { name } = device
  if (device.works) {
    const took =
      device.probeTime &&
      ` (a tiny test graph took ${device.probeTime.firstRunMs.toFixed(0)} ms, then ${device.probeTime.secondRunMs.toFixed(1)} ms)`
    const memory = free === undefined ? '' : `, ${formatBytes(free)} of memory free`
    return [{ state: 'ok', says: `${name} works${took ?? ''}${memory}` }]
  }
  const names = missing.map(path => basename(path))
  const causes = CUDA_LIBRARIES.flatMap(library => {
    const files = names.filter(one => library.name.test(one))
    return files.length > 0 ? [{ says: `${library.title} is missing: ${files.join(', ')}`, todo: library.todo }] : []
  })
  const others = names.filter(one => !CUDA_LIBRARIES.some(library => library.name.test(one)))
  if (others.length > 0) {
    const says = `these libraries are missing: ${others.join(', ')}`
    causes.push({ says, todo: 'Install the packages of your distribution that contain them.' })
  }
  if (causes.length === 0)
    causes.push({ says: device.reason, todo: HINTS[name] ?? 'Install the newest driver for it.' })
  return causes.map(({ says, todo }) => ({ state: 'warning', says: `${name} doesn’t work: ${says}`, todo }))
}

const HINTS: Readonly<Record<string, string>> = {
  webgpu: 'On Linux, install the GPU’s Vulkan driver (mesa-vulkan-drivers, or NVIDIA’s) and libvulkan1.',
  cuda: 'Run nvidia-smi. Check that it shows the GPU, and a driver from 580 on, which supports CUDA 13.',
}

/**
 * The findings for all devices. Devices in `DEVICE`, and CUDA on a machine with an NVIDIA GPU, have to work. Of the others only working
 * ones are listed.
 *
 * @param configured the value of `DEVICE`
 * @param free the free memory of devices, in bytes
 */
export function deviceFindings(
  trials: readonly DeviceProbe[],
  gpus: readonly Gpu[],
  configured: readonly string[] | undefined,
  hasModels: boolean,
  free: ReadonlyMap<string, number | undefined> = new Map(),
): readonly Finding[] {
  const names = configured?.map(one => parseDevice(one)?.name)
  const isNvidia = gpus.some(({ name }) => /nvidia|geforce|quadro|tesla|rtx/i.test(name))
  const isExpected = ({ device }: DeviceProbe) => names?.includes(device.name) || (device.name === 'cuda' && isNvidia)
  const shown = trials
    .filter(trial => trial.device.works || isExpected(trial))
    .flatMap(trial => deviceFinding(trial, free.get(trial.device.name)))
  const absent = (names ?? [])
    .filter(name => !trials.some(({ device }) => device.name === name))
    .map((name): Finding => {
      const says = `DEVICE contains ${name}, which onnxruntime doesn’t support on this machine`
      return { state: 'warning', says, todo: 'Remove it from DEVICE. Run “overscan devices” to see what works.' }
    })
  const hasGpu = trials.some(({ device }) => device.works && device.name !== 'cpu')
  if (hasGpu || names?.every(name => name === 'cpu')) return [...absent, ...shown]
  if (!hasModels)
    return [...absent, ...shown, { state: 'skipped', says: 'no GPU works; the built-in model “fill” doesn’t need one' }]
  const says = 'no GPU works, so models run on the CPU and take minutes for a picture'
  const todo =
    'Install a GPU with its driver (docs/getting-started.md lists them), or use the built-in model “fill”, which doesn’t need one.'
  const why = gpus.length > 0 ? trials.filter(trial => !trial.device.works && !isExpected(trial)) : []
  return [...absent, ...shown, { state: 'warning', says, todo }, ...why.flatMap(trial => deviceFinding(trial))]
}

const cards: Check = {
  id: 'gpu',
  title: 'GPUs',
  timeout: { seconds: 20, state: 'warning', says: 'the system doesn’t report its GPUs' },
  async run() {
    const { gpus } = await detectHardware()
    if (gpus.length === 0) return { state: 'skipped', says: 'none found' }
    return gpus.map(({ name, memory, driver }) => {
      const more = [memory !== undefined && formatBytes(memory), driver && `driver ${driver}`].filter(Boolean)
      return { state: 'ok', says: [name, ...more].join(', ') }
    })
  },
}

const devices: Check = {
  id: 'devices',
  title: 'Devices',
  timeout: {
    seconds: 90,
    state: 'warning',
    says: 'a device doesn’t finish a tiny test graph',
    todo: 'Its driver hangs. Restart the machine, or set DEVICE=cpu.',
  },
  async run({ config }, signal) {
    const [trials, { gpus }] = await Promise.all([probeDevicesInChildProcesses(signal), detectHardware()])
    const working = trials.flatMap(({ device }) => (device.works ? [device.name] : []))
    const free = new Map(await Promise.all(working.map(async name => [name, await freeDeviceMemory(name)] as const)))
    return deviceFindings(trials, gpus, config.DEVICE, listModelNames(config.MODEL_FOLDER).length > 0, free)
  },
}

const cudaLibraries: Check = {
  id: 'cuda-libraries',
  title: 'CUDA libraries',
  timeout: { seconds: 10, state: 'warning', says: 'the folder of the CUDA libraries can’t be read' },
  async run() {
    const root = cudaRoot()
    return cudaLibraryFindings(root === undefined ? undefined : cudaFolder(root), root && readCudaManifest(root))
  },
}

/** Which file came from which wheel. @param folder of the libraries; undefined if none is set */
export function cudaLibraryFindings(
  folder: string | undefined,
  manifest: CudaManifest | '' | undefined,
): readonly Finding[] {
  if (!folder || !manifest) return [{ state: 'skipped', says: 'not installed; only NVIDIA cards on Linux use them' }]
  const { libraries } = manifest
  const broken = libraries.filter(
    ({ file, bytes }) => statSync(join(folder, file), { throwIfNoEntry: false })?.size !== bytes,
  )
  const todo = 'Run “overscan setup cuda” to install them again.'
  return [
    ...broken.map(
      ({ file }): Finding => ({ state: 'warning', says: `${join(folder, file)} is missing or incomplete`, todo }),
    ),
    ...[...new Set(libraries.map(({ wheel }) => wheel))].map((wheel): Finding => {
      const files = libraries.filter(one => one.wheel === wheel).map(({ file }) => file)
      return { state: 'ok', says: `${files.join(', ')} in ${folder}, from ${wheel}` }
    }),
  ]
}

export const devicesGroup: CheckGroup = { title: 'GPUs and devices', checks: [cards, cudaLibraries, devices] }
