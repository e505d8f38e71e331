import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { cudaLibraryFindings } from '../../src/cli/doctor/check-devices.js'
import { setupCuda } from '../../src/cli/setup/cuda/setup-cuda.js'
import { compareVersions } from '../../src/cli/setup/cuda/wheel-index.js'
import { problemMessage } from '../../src/i18n/i18n.js'
import { cudaFolder, readCudaManifest, setCudaRoot } from '../../src/inference/onnx/cuda-folder.js'
import { probeDeviceInChildProcess } from '../../src/inference/onnx/device-probe.js'
import { startFileServer } from '../support/file-server.js'
import { writeNvidiaSmi } from '../support/nvidia-smi.js'
import { problemIn } from '../support/problems.js'
import { CUDA_WHEELS, publishWheels, type Wheels } from '../support/pypi.js'
import { freePort } from '../support/servers.js'

const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64'
const files = new Map<string, Buffer>()
let server: Awaited<ReturnType<typeof startFileServer>>
let folder: string
let printed: string[]

beforeAll(async () => {
  server = await startFileServer(files)
})
afterAll(() => server.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-cuda-'))
  printed = []
  files.clear()
  server.requests.length = 0
  publishWheels(files, CUDA_WHEELS)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

type Options = Partial<Parameters<typeof setupCuda>[0]>

/** Without a card, unless the test says otherwise. @param glibc empty for another C library */
function setup(options: Options = {}, platform = 'linux-x64', glibc = '2.36') {
  const defaults = {
    root: folder,
    index: `${server.url}/simple`,
    withoutCard: true,
    signal: new AbortController().signal,
    print: (line: string) => printed.push(line),
    onProgress: () => {},
  }
  return setupCuda({ ...defaults, ...options }, { platform, glibc: glibc || undefined })
}

const sentenceOf = async (running: Promise<void>) => problemMessage((await problemIn(running))!)

async function nvidiaSmi(properties: Readonly<Record<string, string>>): Promise<void> {
  await writeNvidiaSmi(folder, properties)
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`)
}

test('systems without CUDA get a sentence', async () => {
  expect(await sentenceOf(setup({}, 'win32-x64'))).toMatch(
    /only Linux on x64 and ARM64, and this is win32-x64\. Use dml,/,
  )
  expect(await sentenceOf(setup({}, 'darwin-arm64'))).toMatch(/Use coreml,/)
  expect(await sentenceOf(setup({}, 'linux-riscv64'))).toMatch(/Use webgpu,/)
  expect(await sentenceOf(setup({}, 'linux-x64', '2.17'))).toMatch(
    /need glibc 2\.28 or later, and this Linux has glibc 2\.17/,
  )
  expect(await sentenceOf(setup({}, 'linux-x64', ''))).toMatch(/has another C library/)
  expect(await sentenceOf(setup({}, 'linux-arm64'))).toMatch(/has no onnxruntime-gpu .* for Linux on aarch64/)
})

test.runIf(isLinuxX64)('without a usable card nothing is downloaded', async () => {
  vi.stubEnv('PATH', folder)
  expect(await sentenceOf(setup({ withoutCard: false }))).toMatch(/No NVIDIA card was found/)
  vi.unstubAllEnvs()
  await nvidiaSmi({ driver_version: '535.183.01' })
  expect(await sentenceOf(setup({ withoutCard: false }))).toMatch(
    /driver is version 535\.183\.01, and CUDA 13 needs 580/,
  )
  await nvidiaSmi({ driver_version: '580.65.06', compute_cap: '6.1', name: 'NVIDIA GeForce GTX 1080' })
  expect(await sentenceOf(setup({ withoutCard: false }))).toMatch(
    /doesn’t support this card \(NVIDIA GeForce GTX 1080\)/,
  )
  expect(server.requests).toEqual([])
})

test('what is downloaded is announced first; --dry-run stops there', async () => {
  await setup({ dryRun: true })
  expect(printed[0]).toMatch(/^The CUDA libraries for onnxruntime [\d.]+: .*B from 127\.0\.0\.1, about .*B in /)
  expect(printed.join('\n')).toContain('  nvidia_cublas-13.10.0.20-py3-none-manylinux_2_27_x86_64.whl, ')
  expect(server.requests.filter(({ path }) => path.startsWith('/files'))).toEqual([])
  expect(await readdir(folder)).toEqual([])
})

const INSTALLED = [
  'installed.json',
  'libcublas.so.13',
  'libcublasLt.so.13',
  'libcudart.so.13',
  'libcudnn.so.9',
  'libcudnn_graph.so.9',
  'libcurand.so.10',
  'libnvrtc-builtins.so.13.5',
  'libnvrtc.so.13',
  'libonnxruntime.so.1',
  'libonnxruntime_providers_cuda.so',
  'libonnxruntime_providers_shared.so',
]

test.runIf(isLinuxX64)('only the needed libraries are kept, and the doctor tells where each is from', async () => {
  await setup()
  expect((await readdir(cudaFolder(folder))).sort()).toEqual(INSTALLED)
  const manifest = readCudaManifest(folder)!
  expect(manifest.preload).toEqual([
    'libcublasLt.so.13',
    'libcublas.so.13',
    'libcudart.so.13',
    'libcurand.so.10',
    'libcudnn.so.9',
    'libnvrtc.so.13',
  ])
  const findings = cudaLibraryFindings(cudaFolder(folder), manifest)
  expect(findings).toContainEqual({
    state: 'ok',
    says: `libcurand.so.10 in ${cudaFolder(folder)}, from nvidia_curand-10.4.5.25-py3-none-manylinux_2_27_x86_64.whl`,
  })
  const asked = server.requests.length
  await setup()
  expect(printed.at(-1)).toBe(`The CUDA libraries are already in ${cudaFolder(folder)}.`)
  expect(server.requests.length).toBe(asked)
  // A file that was cut is downloaded again.
  await writeFile(join(cudaFolder(folder), 'libcudart.so.13'), '')
  expect(cudaLibraryFindings(cudaFolder(folder), manifest)[0]).toMatchObject({ state: 'warning' })
  await setup()
  expect((await readFile(join(cudaFolder(folder), 'libcudart.so.13'))).length).toBeGreaterThan(0)
})

test.runIf(isLinuxX64)('a library that was not expected is downloaded too', async () => {
  const provider = Object.keys(CUDA_WHEELS)[0]!
  const wheels: Wheels = {
    ...CUDA_WHEELS,
    [provider]: { 'x/libonnxruntime_providers_cuda.so': ['libcufft.so.12', 'libcudart.so.13'] },
    'nvidia_cufft-12.5.0.14-py3-none-manylinux_2_17_x86_64.whl': { 'x/libcufft.so.12': ['libnvJitLink.so.13'] },
    'nvidia_nvjitlink-13.5.37-py3-none-manylinux_2_17_x86_64.whl': { 'x/libnvJitLink.so.13': [] },
  }
  publishWheels(files, wheels)
  await setup()
  expect(await readdir(cudaFolder(folder))).toEqual(expect.arrayContaining(['libcufft.so.12', 'libnvJitLink.so.13']))
  expect(readCudaManifest(folder)!.preload.slice(0, 3)).toEqual([
    'libnvJitLink.so.13',
    'libcufft.so.12',
    'libcudart.so.13',
  ])
})

test.runIf(isLinuxX64)('an interrupted download is continued, and a changed wheel is refused', async () => {
  const wheel = Object.keys(CUDA_WHEELS).find(name => name.startsWith('nvidia_curand'))!
  const whole = files.get(`/files/${wheel}`)!
  files.set(`/files/${wheel}`, Buffer.from(whole).fill(0, 10, 20))
  expect(await sentenceOf(setup())).toMatch(/nvidia_curand.* doesn’t match its published checksum/)
  expect(readCudaManifest(folder)).toBeUndefined()
  files.set(`/files/${wheel}`, whole)
  server.requests.length = 0
  await setup()
  const fetched = server.requests.flatMap(({ path }) => (path.startsWith('/files/') ? [path.split('-')[0]] : []))
  expect(fetched).not.toContain('/files/nvidia_cublas')
  expect(fetched).toContain('/files/nvidia_curand')
})

test('an index that fails or lacks a package is named', async () => {
  expect(await sentenceOf(setup({ index: `http://127.0.0.1:${await freePort()}/simple` }))).toMatch(/ECONNREFUSED/)
  files.delete('/simple/nvidia-curand/')
  expect(await sentenceOf(setup())).toMatch(/nvidia-curand.*HTTP 404/)
  files.set('/simple/nvidia-curand/', Buffer.from('<html>'))
  expect(await sentenceOf(setup())).toMatch(/isn’t a package index/)
  files.set('/simple/nvidia-curand/', Buffer.from('{"files":[]}'))
  expect(await sentenceOf(setup())).toMatch(/has no nvidia-curand 10\.\* for Linux on x86_64/)
})

test.runIf(isLinuxX64)('onnxruntime loads its CUDA part from there, with the libraries next to it', async () => {
  await setup()
  setCudaRoot(folder)
  const { device, missing } = await probeDeviceInChildProcess('cuda', new AbortController().signal)
  expect(device.works).toBe(false)
  // Everything was found but the driver, which comes from the system.
  expect(missing.filter(name => name !== 'libcuda.so.1')).toEqual([])
})

test('versions are compared number by number', () => {
  expect(['13.10.0', '13.9.9.1', '13.9.9', '9.28'].toSorted(compareVersions)).toEqual([
    '9.28',
    '13.9.9',
    '13.9.9.1',
    '13.10.0',
  ])
})
