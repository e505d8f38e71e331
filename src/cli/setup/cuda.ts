import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { probeDevices } from '../../inference/onnx/devices.js'
import { UserError } from '../../user-error.js'

const SCRIPT = 'onnxruntime-node/script/install.js'

/** onnxruntime's own program, wherever npm has put it. */
export function cudaInstallScript(): string {
  return createRequire(import.meta.url).resolve(SCRIPT)
}

/**
 * `overscan setup cuda`: have onnxruntime install what it needs for CUDA 12, and try it.
 *
 * @param tell gets a line at a time
 * @throws ProblemError `cuda-platform-unsupported`, `cuda-not-installed`, `device-unusable`
 */
export async function setupCuda(tell: (line: string) => void, place = `${process.platform}-${process.arch}`) {
  assertHere(place)
  await installCuda(cudaInstallScript())
  const found = (await probeDevices()).find(({ name }) => name === 'cuda')
  if (!found?.works) {
    const reason = found?.reason ?? 'this build of onnxruntime does not have it'
    throw new UserError({ code: 'device-unusable', device: 'cuda', reason })
  }
  tell('cuda works.')
}

/** @param place a platform and architecture, as Node calls them */
function assertHere(place: string): void {
  if (place === 'linux-x64') return
  const platform = place.split('-')[0]!
  const instead = ({ win32: 'dml', darwin: 'coreml' } as const)[platform] ?? 'webgpu'
  throw new UserError({ code: 'cuda-platform-unsupported', platform: place, instead })
}

/** What the program says goes to stderr as it comes. @throws ProblemError `cuda-not-installed` */
export async function installCuda(script: string): Promise<void> {
  const child = spawn(process.execPath, [script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      // All that this platform can have. Its other flag, =cuda12, is read but not heeded (1.30), so that it does nothing under npm.
      ONNXRUNTIME_NODE_INSTALL: 'true',
    },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      said += part
      process.stderr.write(part)
    })
  }
  const [code] = await once(child, 'close')
  if (code === 0) return
  // Node prints what was thrown after the line of the source.
  const [reason = `it ended with ${code}`] = /^\w*Error.*$/m.exec(said) ?? []
  throw new UserError({ code: 'cuda-not-installed', reason })
}
