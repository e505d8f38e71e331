import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cudaFolder, readCudaManifest } from '../../../inference/onnx/cuda-folder.js'
import { probeDeviceInChildProcess } from '../../../inference/onnx/device-probe.js'
import { UserError } from '../../../user-error.js'
import { assertCard, glibcVersion, wheelArchitecture } from './check-machine.js'
import { describePlan, installLibraries, planWheels } from './install-libraries.js'

export type SetupCudaOptions = {
  /** The folder for the libraries. */
  readonly root: string
  /** URL of a simple repository API. */
  readonly index: string
  /** Only print what would be downloaded. */
  readonly dryRun?: boolean
  /** Neither look for a card nor test it: for images, which are built without one. */
  readonly withoutCard?: boolean
  readonly signal: AbortSignal
  readonly print: (line: string) => void
  readonly onProgress: (done: number) => void
}

type Machine = {
  /** Like `linux-x64`. */
  readonly platform: string
  /** The version of glibc; undefined for another C library. */
  readonly glibc: string | undefined
}

const thisMachine = (): Machine => ({ platform: `${process.platform}-${process.arch}`, glibc: glibcVersion() })

/**
 * `overscan setup cuda`: download the CUDA libraries from PyPI, and test the card.
 *
 * @throws UserError `cuda-platform-unsupported`, `cuda-card-missing`, `cuda-driver-too-old`, `cuda-card-too-old`, `device-unusable`,
 *   those of {@link planWheels} and {@link installLibraries}
 */
export async function setupCuda(
  options: SetupCudaOptions,
  { platform, glibc }: Machine = thisMachine(),
): Promise<void> {
  const { root, print, signal, dryRun = false, withoutCard = false } = options
  const target = { architecture: wheelArchitecture(platform), glibc }
  if (!withoutCard && !dryRun) await assertCard()
  if (isInstalled(root)) print(`The CUDA libraries are already in ${cudaFolder(root)}.`)
  else {
    const plan = await planWheels({ ...options, target })
    describePlan(plan, { ...options, target })
    if (dryRun) return
    await installLibraries(plan, { ...options, target })
    print(`Installed the CUDA libraries in ${cudaFolder(root)}.`)
  }
  if (withoutCard || dryRun) return
  const { device, missing } = await probeDeviceInChildProcess('cuda', signal)
  signal.throwIfAborted()
  if (device.works) return print('cuda works.')
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
