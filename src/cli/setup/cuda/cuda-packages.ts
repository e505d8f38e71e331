import type { PackageRequest } from './wheel-index.js'

/** The package of onnxruntime's CUDA part. */
export const PROVIDER_PACKAGE = 'onnxruntime-gpu'

/** The libraries of {@link PROVIDER_PACKAGE} that are used. The others belong to Python and TensorRT. */
export const PROVIDER_FILES = /^libonnxruntime_providers_(?:shared|cuda)\.so$/

export const PROVIDER_LIBRARY = 'libonnxruntime_providers_cuda.so'

/** NVIDIA's packages, and the libraries in each that are used. */
const NVIDIA_PACKAGES: readonly { readonly name: string; readonly files: RegExp }[] = [
  { name: 'nvidia-cuda-runtime', files: /^libcudart\.so[.\d]*$/ },
  { name: 'nvidia-cublas', files: /^libcublas(?:Lt)?\.so[.\d]*$/ },
  { name: 'nvidia-cudnn-cu13', files: /^libcudnn(?:_\w+)?\.so[.\d]*$/ },
  { name: 'nvidia-curand', files: /^libcurand\.so[.\d]*$/ },
  { name: 'nvidia-cufft', files: /^libcufft\.so[.\d]*$/ },
  { name: 'nvidia-cuda-nvrtc', files: /^libnvrtc(?:-builtins)?\.so[.\d]*$/ },
  { name: 'nvidia-nvjitlink', files: /^libnvJitLink\.so[.\d]*$/ },
]

/** The libraries that onnxruntime loads by name while it runs: cuDNN for convolutions, and what compiles kernels for cuDNN. */
export const LIBRARIES_LOADED_BY_NAME = ['libcudnn.so.9', 'libnvrtc.so.13'] as const

/** The libraries that onnxruntime 1.30's CUDA part names, to say before the download how large it is. */
export const EXPECTED_LIBRARIES = [
  'libcudart.so.13',
  'libcublasLt.so.13',
  'libcublas.so.13',
  'libcurand.so.10',
  ...LIBRARIES_LOADED_BY_NAME,
] as const

/** A package to download and the libraries to keep of it. */
export type CudaPackage = { readonly request: PackageRequest; readonly files: RegExp }

export function providerPackage(version: string): CudaPackage {
  return { request: { name: PROVIDER_PACKAGE, version }, files: PROVIDER_FILES }
}

/**
 * The package with a library. Its version starts with the number at the end of the library's name.
 *
 * @param library like `libcublas.so.13`
 * @returns undefined for libraries of the system and of the driver
 */
export function packageOf(library: string): CudaPackage | undefined {
  const found = NVIDIA_PACKAGES.find(({ files }) => files.test(library))
  const [, major] = /\.so\.(\d+)/.exec(library) ?? []
  return found && major !== undefined ? { request: { name: found.name, major }, files: found.files } : undefined
}
