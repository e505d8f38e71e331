import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { probeDevices } from '../../inference/onnx/devices.js'
import { UserError } from '../../user-error.js'

/** The install script of the onnxruntime-node package. */
export function cudaInstallScript(): string {
  return createRequire(import.meta.url).resolve('onnxruntime-node/script/install.js')
}

/**
 * `overscan setup cuda`: run onnxruntime's install script for CUDA 12, then test the device.
 *
 * @param print receives one line at a time
 * @param platform like `linux-x64`
 * @throws UserError `cuda-platform-unsupported`, `cuda-not-installed`, `device-unusable`
 */
export async function setupCuda(print: (line: string) => void, platform = `${process.platform}-${process.arch}`) {
  assertSupported(platform)
  await installCuda(cudaInstallScript())
  const found = (await probeDevices()).find(({ name }) => name === 'cuda')
  if (!found?.works) {
    const reason = found?.reason ?? 'this build of onnxruntime doesn’t include it'
    throw new UserError({ code: 'device-unusable', device: 'cuda', reason })
  }
  print('cuda works.')
}

/** @throws UserError `cuda-platform-unsupported` */
function assertSupported(platform: string): void {
  if (platform === 'linux-x64') return
  const instead = ({ win32: 'dml', darwin: 'coreml' } as const)[platform.split('-')[0]!] ?? 'webgpu'
  throw new UserError({ code: 'cuda-platform-unsupported', platform, instead })
}

/** Run the install script. Its output is copied to stderr. @throws UserError `cuda-not-installed` */
export async function installCuda(script: string): Promise<void> {
  const child = spawn(process.execPath, [script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      // Everything for this platform. The value `cuda12` has no effect in onnxruntime 1.30.
      ONNXRUNTIME_NODE_INSTALL: 'true',
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      output += part
      process.stderr.write(part)
    })
  }
  const [code] = await once(child, 'close')
  if (code === 0) return
  // Node prints the error after the source line.
  const [reason = `the install script exited with ${code}`] = /^\w*Error.*$/m.exec(output) ?? []
  throw new UserError({ code: 'cuda-not-installed', reason })
}
