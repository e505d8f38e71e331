import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { probeDevicesInChildProcesses } from '../../../src/inference/onnx/device-probe.js'
import { readDynamicSection } from '../../../src/inference/onnx/elf.js'
import {
  missingLibraries,
  parseMissingLibraries,
  providerLibraryPath,
} from '../../../src/inference/onnx/shared-libraries.js'
import { sharedLibrary } from '../../support/elf.js'

const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64'
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-libraries-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('the dependencies of a library are read', async () => {
  const path = join(folder, 'lib.so')
  await writeFile(path, sharedLibrary(['libcublas.so.12', 'libcudnn.so.9'], '$ORIGIN:/opt/cuda/lib64'))
  expect(await readDynamicSection(path)).toEqual({
    needed: ['libcublas.so.12', 'libcudnn.so.9'],
    runpath: ['$ORIGIN', '/opt/cuda/lib64'],
  })
})

test.each([
  ['text', Buffer.from('this is not a library, though it is longer than the header of one would be, by far')],
  ['nothing', Buffer.alloc(0)],
  ['a truncated library', sharedLibrary(['libcublas.so.12']).subarray(0, 100)],
])('%s is not a library', async (_, bytes) => {
  const path = join(folder, 'lib.so')
  await writeFile(path, bytes)
  expect(await readDynamicSection(path)).toBeUndefined()
})

test.runIf(isLinuxX64)('a real library has all its dependencies', async () => {
  const path = join(dirname(providerLibraryPath('cuda')), 'libonnxruntime.so.1')
  expect((await readDynamicSection(path))?.needed).toContain('libc.so.6')
  expect(await missingLibraries(path)).toEqual([])
})

test.runIf(isLinuxX64)('missing dependencies are named, also indirect ones', async () => {
  const path = join(folder, 'libprovider.so')
  await writeFile(path, sharedLibrary(['libm.so.6', 'libnowhere.so.12', 'libnear.so.9', 'libbeside.so.1'], '$ORIGIN'))
  await writeFile(join(folder, 'libnear.so.9'), sharedLibrary(['libfar.so.3']))
  await writeFile(join(folder, 'libbeside.so.1'), sharedLibrary(['libc.so.6']))
  expect(await missingLibraries(path)).toEqual(['libnowhere.so.12', 'libfar.so.3'])
  expect(await missingLibraries(join(folder, 'libgone.so'))).toEqual([join(folder, 'libgone.so')])
})

test.runIf(isLinuxX64)('missing libraries are found in onnxruntime’s error message', async () => {
  // A copy of onnxruntime whose provider library needs a missing library.
  const [own, copy] = [resolve('node_modules/onnxruntime-node'), join(folder, 'node_modules', 'onnxruntime-node')]
  const bin = dirname(providerLibraryPath('cuda')).slice(own.length)
  await mkdir(join(copy, bin), { recursive: true })
  for (const part of ['package.json', 'dist', bin]) await cp(join(own, part), join(copy, part), { recursive: true })
  await symlink(resolve('node_modules/onnxruntime-common'), join(folder, 'node_modules', 'onnxruntime-common'))
  await writeFile(join(copy, bin, 'libonnxruntime_providers_shared.so'), sharedLibrary(['libcublasLt-nowhere.so.12']))
  const script = `
    const { env, InferenceSession } = require('onnxruntime-node')
    env.logLevel = 'error'
    InferenceSession.create(new Uint8Array([8, 8]), { executionProviders: ['cuda'] }).catch(() => {})`
  const { stderr } = spawnSync(process.execPath, ['-e', script], { cwd: folder, encoding: 'utf8' })
  expect(parseMissingLibraries(stderr)).toEqual(['libcublasLt-nowhere.so.12'])
  await rm(join(copy, bin, 'libonnxruntime_providers_shared.so'))
  const without = spawnSync(process.execPath, ['-e', script], { cwd: folder, encoding: 'utf8' })
  expect(parseMissingLibraries(without.stderr).map(path => basename(path))).toEqual([
    'libonnxruntime_providers_shared.so',
  ])
})

test('devices are probed in child processes, and missing libraries are named', async () => {
  const probes = await probeDevicesInChildProcesses(new AbortController().signal)
  const cpu = probes.find(({ device }) => device.name === 'cpu')
  expect(cpu).toMatchObject({ device: { works: true, probeTime: { secondRunMs: expect.any(Number) } }, missing: [] })
  for (const { device, missing } of probes) if (device.works) expect(missing).toEqual([])
  expect(await probeDevicesInChildProcesses(AbortSignal.abort())).toEqual([])
})
