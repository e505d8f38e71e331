import { fork } from 'node:child_process'
import { once } from 'node:events'
import { childEnvironment } from '../../child-environment.js'
import { workerPath } from '../runtime/worker-path.js'
import { cudaRoot } from './cuda-folder.js'
import { EXECUTION_PROVIDERS } from './device-names.js'
import { type DeviceStatus, supportedProviders } from './devices.js'
import { parseMissingLibraries } from './shared-libraries.js'

/**
 * A device's status and, if it doesn't work, the missing shared libraries as far as they are known, by name or path.
 */
export type DeviceProbe = { readonly device: DeviceStatus; readonly missing: readonly string[] }

/**
 * Probe the supported devices of {@link EXECUTION_PROVIDERS}, each in a child process: drivers were seen to crash
 * theirs.
 *
 * @param signal kills the running probe; devices not probed by then are left out
 */
export async function probeDevicesInChildProcesses(signal: AbortSignal): Promise<DeviceProbe[]> {
  const probes: DeviceProbe[] = []
  // Sequential: drivers of two providers that start at the same time were seen to disturb each other.
  const supported = supportedProviders()
  for (const name of EXECUTION_PROVIDERS.filter(one => supported.includes(one))) {
    const probe = await probeDeviceInChildProcess(name, signal)
    if (signal.aborted) break
    probes.push(probe)
  }
  return probes
}

/** Probe one device in a child process. */
export async function probeDeviceInChildProcess(name: string, signal: AbortSignal): Promise<DeviceProbe> {
  const { filename, execArgv } = workerPath(import.meta.url, 'device-probe-process')
  const child = fork(filename, [name, cudaRoot() ?? ''], {
    execArgv,
    env: childEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const kill = () => child.kill('SIGKILL')
  signal.addEventListener('abort', kill)
  if (signal.aborted) kill()
  let stderr = ''
  child.stderr!.setEncoding('utf8').on('data', part => {
    stderr += part
  })
  let probe: DeviceProbe | undefined
  child.once('message', message => {
    probe = message as DeviceProbe
  })
  const [code, killedBy] = await once(child, 'close')
  signal.removeEventListener('abort', kill)
  const reason = `the process in which it was tried ended with ${killedBy ?? `code ${code}`}`
  const { device, missing } = probe ?? { device: { name, works: false, reason }, missing: [] }
  return { device, missing: device.works ? [] : [...new Set([...missing, ...parseMissingLibraries(stderr)])] }
}
