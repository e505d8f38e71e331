import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { onnxruntimeVersion } from '../../src/inference/onnx/cuda-folder.js'
import { sharedLibrary } from './elf.js'

// A package index with the CUDA libraries, for `startFileServer`. The libraries hold nothing but their dependencies.

const Zip = createRequire(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))('adm-zip')

/** Wheels by file name: the libraries in them, with their dependencies. */
export type Wheels = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

const NVIDIA = 'py3-none-manylinux_2_27_x86_64.whl'

/** The names of the real packages, in the versions that the libraries ask for, and some that they don't. */
export const CUDA_WHEELS: Wheels = {
  [`onnxruntime_gpu-${onnxruntimeVersion()}-cp312-cp312-manylinux_2_28_x86_64.whl`]: {
    'onnxruntime/capi/libonnxruntime_providers_cuda.so': ['libcublas.so.13', 'libcurand.so.10', 'libcuda.so.1'],
    'onnxruntime/capi/libonnxruntime_providers_shared.so': [],
    'onnxruntime/capi/libonnxruntime_providers_tensorrt.so': [],
  },
  'onnxruntime_gpu-1.2.3-cp312-cp312-manylinux_2_28_x86_64.whl': {},
  'nvidia_cuda_runtime-13.5.37-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl': {
    'nvidia/cu13/lib/libcudart.so.13': [],
  },
  [`nvidia_cublas-13.8.2.12-${NVIDIA}`]: {},
  [`nvidia_cublas-13.10.0.20-${NVIDIA}`]: {
    'nvidia/cu13/lib/libcublas.so.13': ['libcublasLt.so.13'],
    'nvidia/cu13/lib/libcublasLt.so.13': [],
    'nvidia/cu13/lib/libnvblas.so.13': [],
  },
  [`nvidia_cublas-14.0.0.1-${NVIDIA}`]: {},
  'nvidia_cublas-13.11.0.0-py3-none-win_amd64.whl': {},
  [`nvidia_cudnn_cu13-9.28.1.4-${NVIDIA}`]: {
    'nvidia/cudnn/lib/libcudnn.so.9': [],
    'nvidia/cudnn/lib/libcudnn_graph.so.9': [],
  },
  [`nvidia_curand-10.4.5.25-${NVIDIA}`]: { 'nvidia/cu13/lib/libcurand.so.10': ['libcudart.so.13'] },
  [`nvidia_cuda_nvrtc-13.5.37-${NVIDIA}`]: {
    'nvidia/cu13/lib/libnvrtc.so.13': [],
    'nvidia/cu13/lib/libnvrtc-builtins.so.13.5': [],
  },
}

/** Put an index with these wheels into the files of a server. @returns the bytes of each wheel */
export function publishWheels(files: Map<string, Buffer>, wheels: Wheels): Record<string, Buffer> {
  const made: Record<string, Buffer> = {}
  const pages = new Map<string, object[]>()
  for (const [name, libraries] of Object.entries(wheels)) {
    const zip = new Zip()
    for (const [path, needed] of Object.entries(libraries)) {
      zip.addFile(path, sharedLibrary(needed, '$ORIGIN', path.split('/').at(-1)))
    }
    zip.addFile('package.dist-info/METADATA', Buffer.from('text'))
    const bytes: Buffer = zip.toBuffer()
    made[name] = bytes
    files.set(`/files/${name}`, bytes)
    const project = name.split('-')[0]!.replaceAll('_', '-')
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const entry = { filename: name, url: `../../files/${name}`, size: bytes.length, hashes: { sha256 }, yanked: false }
    pages.set(project, [...(pages.get(project) ?? []), entry])
  }
  for (const [project, list] of pages) {
    files.set(`/simple/${project}/`, Buffer.from(JSON.stringify({ meta: { 'api-version': '1.1' }, files: list })))
  }
  return made
}
