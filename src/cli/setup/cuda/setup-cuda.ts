import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cudaFolder, readCudaManifest } from '../../../inference/onnx/cuda-folder.js'
import { probeDeviceInChildProcess } from '../../../inference/onnx/device-probe.js'
import { UserError } from '../../../user-error.js'
import { assertCard, glibcVersion, wheelArchitecture } from './check-machine.js'
import {
  describePlan,
  type InstallOptions,
  installLibraries,
  type PlannedWheel,
  planWheels,
} from './install-libraries.js'
import type { WheelTarget } from './wheel-index.js'

/** Where the libraries come from, and where they go to. */
export type CudaSource = Pick<InstallOptions, 'root' | 'index' | 'signal' | 'print'>

export type SetupCudaOptions = CudaSource & {
  /** Only print what would be downloaded. */
  readonly dryRun?: boolean
  /** Neither look for a card nor test it: for images, which are built without one. */
  readonly withoutCard?: boolean
  readonly onProgress: (done: number) => void
}

type Machine = {
  /** Like `linux-x64`. */
  readonly platform: string
  /** The version of glibc; undefined for another C library. */
  readonly glibc: string | undefined
}

const thisMachine = (): Machine => ({ platform: `${process.platform}-${process.arch}`, glibc: glibcVersion() })

/** @throws UserError `cuda-platform-unsupported` */
function wheelTarget({ platform, glibc }: Machine): WheelTarget {
  return { architecture: wheelArchitecture(platform), glibc }
}

/** @throws UserError `cuda-platform-unsupported`, `cuda-card-missing`, `cuda-driver-too-old`, `cuda-card-too-old` */
export async function assertCudaMachine(machine: Machine = thisMachine()): Promise<void> {
  wheelTarget(machine)
  await assertCard()
}

/**
 * `overscan setup cuda`: download the CUDA libraries from PyPI, and test the card.
 *
 * @throws UserError those of {@link assertCudaMachine}, {@link planCuda}, {@link installCuda} and {@link testCuda}
 */
export async function setupCuda(options: SetupCudaOptions, machine: Machine = thisMachine()): Promise<void> {
  const { root, print, signal, dryRun = false, withoutCard = false } = options
  if (withoutCard || dryRun) wheelTarget(machine)
  else await assertCudaMachine(machine)
  const plan = await planCuda(options, machine)
  if (!plan) print(`The CUDA libraries are already in ${cudaFolder(root)}.`)
  else if (dryRun) return
  else await installCuda(plan, options, machine)
  if (withoutCard || dryRun) return
  await testCuda(signal)
  print('cuda works.')
}

/**
 * What to download, which is printed with its size; undefined if everything is installed.
 *
 * @throws UserError `cuda-platform-unsupported`, those of {@link planWheels}
 */
export async function planCuda(
  source: CudaSource,
  machine: Machine = thisMachine(),
): Promise<readonly PlannedWheel[] | undefined> {
  if (isInstalled(source.root)) return undefined
  const plan = await planWheels({ ...source, target: wheelTarget(machine) })
  describePlan(plan, source)
  return plan
}

/** @throws UserError those of {@link installLibraries} */
export async function installCuda(
  plan: readonly PlannedWheel[],
  options: Omit<InstallOptions, 'target'>,
  machine: Machine = thisMachine(),
): Promise<void> {
  await installLibraries(plan, { ...options, target: wheelTarget(machine) })
  options.print(`Installed the CUDA libraries in ${cudaFolder(options.root)}.`)
}

/** Compute something on the card. @throws UserError `device-unusable` */
export async function testCuda(signal: AbortSignal): Promise<void> {
  const { device, missing } = await probeDeviceInChildProcess('cuda', signal)
  signal.throwIfAborted()
  if (device.works) return
  const reason = missing.length > 0 ? `these libraries are missing: ${missing.join(', ')}` : device.reason
  throw new UserError({ code: 'device-unusable', device: 'cuda', reason })
}

/** Whether every library is there, in its size. */
function isInstalled(root: string): boolean {
  const manifest = readCudaManifest(root)
  return manifest?.libraries.every(({ file, bytes }) => sizeOf(join(cudaFolder(root), file)) === bytes) ?? false
}

function sizeOf(file: string): number | undefined {
  return existsSync(file) ? statSync(file).size : undefined
}
