import { existsSync } from 'node:fs'
import { copyFile, link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CUDA_MANIFEST,
  type CudaLibrary,
  type CudaManifest,
  cudaFolder,
  ONNXRUNTIME_LIBRARY,
  onnxruntimeFolder,
  onnxruntimeVersion,
} from '../../../inference/onnx/cuda-folder.js'
import { readDynamicSection } from '../../../inference/onnx/elf.js'
import { makeFolder } from '../../../make-folder.js'
import { UserError } from '../../../user-error.js'
import { assertDiskSpace } from '../../hardware.js'
import { download } from '../../models/download.js'
import { formatBytes } from '../../text-table.js'
import {
  type CudaPackage,
  EXPECTED_LIBRARIES,
  LIBRARIES_LOADED_BY_NAME,
  PROVIDER_LIBRARY,
  packageOf,
  providerPackage,
} from './cuda-packages.js'
import { extractLibraries } from './extract-libraries.js'
import { findWheel, type Wheel, type WheelTarget } from './wheel-index.js'

export type InstallOptions = {
  /** The folder of {@link cudaFolder}. */
  readonly root: string
  /** URL of a simple repository API. */
  readonly index: string
  readonly target: WheelTarget
  readonly signal: AbortSignal
  readonly print: (line: string) => void
  /** From 0 to 1. */
  readonly onProgress: (done: number) => void
}

/** A wheel, and the libraries to keep of it. */
export type PlannedWheel = { readonly wheel: Wheel; readonly files: RegExp }

/** Unpacked libraries take this many times the size of their wheels: 2.07 GB of 1.34 GB with CUDA 13.5. */
const UNPACKED_RATIO = 1.6

/** The wheels to download. @throws UserError those of {@link findWheel} */
export async function planWheels({
  index,
  target,
  signal,
}: Pick<InstallOptions, 'index' | 'target' | 'signal'>): Promise<PlannedWheel[]> {
  const packages = [providerPackage(onnxruntimeVersion()), ...EXPECTED_LIBRARIES.map(name => packageOf(name)!)]
  const names = [...new Set(packages.map(({ request }) => request.name))]
  const unique = names.map(name => packages.find(({ request }) => request.name === name)!)
  return Promise.all(unique.map(one => planWheel(one, index, target, signal)))
}

async function planWheel({ request, files }: CudaPackage, index: string, target: WheelTarget, signal: AbortSignal) {
  return { wheel: await findWheel(index, request, target, signal), files }
}

/** Print what is downloaded, from where, and how large it is. */
export function describePlan(
  plan: readonly PlannedWheel[],
  { root, index, print }: Pick<InstallOptions, 'root' | 'index' | 'print'>,
): void {
  const bytes = plan.reduce((sum, { wheel }) => sum + wheel.bytes, 0)
  const size = `${formatBytes(bytes)} from ${new URL(index).hostname}, about ${formatBytes(bytes * UNPACKED_RATIO)} in ${root}`
  print(`The CUDA libraries for onnxruntime ${onnxruntimeVersion()}: ${size}.`)
  for (const { wheel } of plan) print(`  ${wheel.file}, ${formatBytes(wheel.bytes)}`)
  print('NVIDIA’s libraries are under NVIDIA’s license: https://docs.nvidia.com/cuda/eula')
}

/**
 * Download the wheels, and put the libraries that onnxruntime needs of them into {@link cudaFolder}. An interrupted run is continued.
 *
 * @throws UserError `disk-space-low`, `disk-full`, `cannot-write`, `cuda-not-installed`, those of `download`
 */
export async function installLibraries(plan: readonly PlannedWheel[], options: InstallOptions): Promise<void> {
  const { root } = options
  const folder = cudaFolder(root)
  const coming = `${folder}.coming`
  await makeFolder(coming).catch(cause => {
    throw new UserError({ code: 'cannot-write', path: root, reason: cause.code ?? cause.message }, { cause })
  })
  try {
    await assertRoomFor(coming, plan)
    const libraries = await fetchWheels(coming, plan, options)
    libraries.push(...(await fetchMissing(coming, libraries, options)))
    const preload = await preloadOrder(coming, libraries)
    const own = join(onnxruntimeFolder(), ONNXRUNTIME_LIBRARY)
    await link(own, join(coming, ONNXRUNTIME_LIBRARY)).catch(() => copyFile(own, join(coming, ONNXRUNTIME_LIBRARY)))
    const manifest: CudaManifest = { libraries, preload }
    await writeFile(join(coming, CUDA_MANIFEST), JSON.stringify(manifest, undefined, 2))
    for (const wheel of new Set(libraries.map(one => one.wheel))) await rm(doneFile(coming, wheel))
    await rm(folder, { recursive: true, force: true })
    await rename(coming, folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new UserError({ code: 'disk-full' }, { cause: error })
    throw error
  }
  await removeOthers(root)
}

/** @throws UserError `disk-space-low` */
async function assertRoomFor(coming: string, plan: readonly PlannedWheel[]): Promise<void> {
  const left = plan.filter(({ wheel }) => !existsSync(doneFile(coming, wheel.file))).map(({ wheel }) => wheel.bytes)
  const needs = left.reduce((sum, bytes) => sum + bytes * UNPACKED_RATIO, 0) + Math.max(0, ...left)
  await assertDiskSpace(coming, needs)
}

async function fetchWheels(
  coming: string,
  plan: readonly PlannedWheel[],
  { signal, onProgress }: InstallOptions,
): Promise<CudaLibrary[]> {
  const total = plan.reduce((sum, { wheel }) => sum + wheel.bytes, 0)
  let before = 0
  const libraries: CudaLibrary[] = []
  for (const { wheel, files } of plan) {
    libraries.push(...(await fetchWheel(coming, wheel, files, signal, bytes => onProgress((before + bytes) / total))))
    before += wheel.bytes
    onProgress(before / total)
  }
  return libraries
}

/** The list of what was unpacked of a wheel. It exists once the wheel is done. */
function doneFile(coming: string, wheel: string): string {
  return join(coming, `${wheel}.json`)
}

async function fetchWheel(
  coming: string,
  wheel: Wheel,
  files: RegExp,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<CudaLibrary[]> {
  const done = doneFile(coming, wheel.file)
  if (existsSync(done)) return JSON.parse(await readFile(done, 'utf8'))
  const { url, sha256 } = wheel
  const file = join(coming, wheel.file)
  if (!existsSync(file)) await download({ url, file, sha256, signal, onProgress })
  signal.throwIfAborted()
  const found = await extractLibraries(file, coming, name => files.test(name))
  const libraries = found.map(one => ({ ...one, wheel: wheel.file }))
  await writeFile(done, JSON.stringify(libraries))
  await rm(file)
  return libraries
}

/** Download what the libraries name and the plan did not foresee. */
async function fetchMissing(
  coming: string,
  libraries: readonly CudaLibrary[],
  options: InstallOptions,
): Promise<CudaLibrary[]> {
  const added: CudaLibrary[] = []
  for (;;) {
    const present = [...libraries, ...added]
    const needed = (await Promise.all(present.map(({ file }) => neededBy(coming, file)))).flat()
    const missing = needed.find(name => packageOf(name) && !present.some(({ file }) => file === name))
    if (missing === undefined) return added
    const planned = await planWheel(packageOf(missing)!, options.index, options.target, options.signal)
    options.print(`${missing} is needed too: ${planned.wheel.file}, ${formatBytes(planned.wheel.bytes)}`)
    added.push(...(await fetchWheels(coming, [planned], options)))
    if (added.some(({ file }) => file === missing)) continue
    throw new UserError({ code: 'cuda-not-installed', reason: `${planned.wheel.file} has no ${missing}` })
  }
}

async function neededBy(folder: string, file: string): Promise<readonly string[]> {
  return (await readDynamicSection(join(folder, file)))?.needed ?? []
}

/** The libraries that onnxruntime's CUDA part links or loads by name, each after those that it needs. */
async function preloadOrder(folder: string, libraries: readonly CudaLibrary[]): Promise<string[]> {
  const isInstalled = (name: string) => libraries.some(({ file }) => file === name)
  const order: string[] = []
  const visit = async (name: string) => {
    if (!isInstalled(name) || order.includes(name)) return
    for (const needed of await neededBy(folder, name)) await visit(needed)
    order.push(name)
  }
  for (const name of [...(await neededBy(folder, PROVIDER_LIBRARY)), ...LIBRARIES_LOADED_BY_NAME]) await visit(name)
  return order
}

/** Remove the libraries for other versions of onnxruntime. */
async function removeOthers(root: string): Promise<void> {
  const own = `onnxruntime-${onnxruntimeVersion()}`
  for (const name of await readdir(root)) {
    if (name.startsWith('onnxruntime-') && name !== own) await rm(join(root, name), { recursive: true, force: true })
  }
}
