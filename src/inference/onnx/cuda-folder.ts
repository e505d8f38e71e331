import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'

/** One of the libraries in a {@link CudaManifest}. */
export type CudaLibrary = {
  readonly file: string
  readonly bytes: number
  /** The wheel that it was in. */
  readonly wheel: string
}

/** What `overscan setup cuda` installed, as it is stored next to the libraries. */
export type CudaManifest = {
  readonly libraries: readonly CudaLibrary[]
  /** The files that onnxruntime's CUDA part expects to be loaded, dependencies first. */
  readonly preload: readonly string[]
}

export const CUDA_MANIFEST = 'installed.json'

/** onnxruntime itself, in its own folder and in that of the CUDA libraries. */
export const ONNXRUNTIME_LIBRARY = 'libonnxruntime.so.1'

/** The flag of `dlopen` that keeps a library loaded (`dlfcn.h` on Linux). Node.js closes what is not an addon. */
const RTLD_NODELETE = 0x1000

const require = createRequire(import.meta.url)
let root: string | undefined
let isPreloaded = false

/**
 * Use the CUDA libraries in a folder, if there are any. Call it before {@link onnxruntime}.
 *
 * @param folder absolute; it has a folder for each version of onnxruntime
 */
export function setCudaRoot(folder: string): void {
  root = folder
}

/** The value of {@link setCudaRoot}, for child processes. */
export function cudaRoot(): string | undefined {
  return root
}

/** The version of the onnxruntime-node package. The CUDA libraries have to be of the same version. */
export function onnxruntimeVersion(): string {
  return (require('onnxruntime-node/package.json') as { version: string }).version
}

/** The folder of onnxruntime's own library. */
export function onnxruntimeFolder(): string {
  const { platform, arch } = process
  return join(dirname(require.resolve('onnxruntime-node/package.json')), 'bin', 'napi-v6', platform, arch)
}

/** The folder of the CUDA libraries for this version of onnxruntime. It need not exist. */
export function cudaFolder(folder: string): string {
  return join(folder, `onnxruntime-${onnxruntimeVersion()}`)
}

/** What is installed for this version of onnxruntime; undefined if nothing is. */
export function readCudaManifest(folder: string): CudaManifest | undefined {
  const file = join(cudaFolder(folder), CUDA_MANIFEST)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CudaManifest) : undefined
}

/**
 * onnxruntime. It looks for its CUDA part in the folder where it was loaded from, so it is loaded from that of the CUDA libraries,
 * which has a copy.
 */
export function onnxruntime(): typeof import('onnxruntime-node') {
  if (root !== undefined && readCudaManifest(root)) load(join(cudaFolder(root), ONNXRUNTIME_LIBRARY))
  return require('onnxruntime-node')
}

/** Load the CUDA libraries, where `provider` needs them: the dynamic loader then finds them by their names. It takes a second. */
export function preloadProvider(provider: string): void {
  if (provider !== 'cuda' || root === undefined || isPreloaded) return
  isPreloaded = true
  for (const file of readCudaManifest(root)?.preload ?? []) load(join(cudaFolder(root), file))
}

/** Errors show when the provider is loaded, which names the missing library. */
function load(file: string): void {
  try {
    process.dlopen({ exports: {} }, file, constants.dlopen.RTLD_LAZY | constants.dlopen.RTLD_GLOBAL | RTLD_NODELETE)
  } catch {
    // A library that loads is still an error for Node.js, because it is not an addon.
  }
}
