import { fork } from 'node:child_process'
import { once } from 'node:events'
import { workerPath } from '../runtime/worker-path.js'
import { EXECUTION_PROVIDERS } from './device-names.js'
import { type DeviceStatus, supportedProviders } from './devices.js'
import { parseMissingLibraries } from './shared-libraries.js'

/** How a device did, and the libraries that it lacks where it does not work and that can be told, by their names or paths. */
export type DeviceProbe = { readonly device: DeviceStatus; readonly missing: readonly string[] }

/**
 * Try those of {@link EXECUTION_PROVIDERS} that this build of onnxruntime has, each in a process of its own: drivers have been seen to end theirs.
 *
 * @param signal ends what is under way; what is not known yet is left out
 */
export async function probeDevicesInChildProcesses(signal: AbortSignal): Promise<DeviceProbe[]> {
  const probes: DeviceProbe[] = []
  // One after the other: two providers that start at once have been seen to disturb each other's drivers.
  const supported = supportedProviders()
  for (const name of EXECUTION_PROVIDERS.filter(one => supported.includes(one))) {
    const probe = await probeDeviceInChildProcess(name, signal)
    if (signal.aborted) break
    probes.push(probe)
  }
  return probes
}

async function probeDeviceInChildProcess(name: string, signal: AbortSignal): Promise<DeviceProbe> {
  const { filename, execArgv } = workerPath(import.meta.url, 'device-probe-process')
  const child = fork(filename, [name], { execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
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
