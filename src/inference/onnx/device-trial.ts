import { fork } from 'node:child_process'
import { once } from 'node:events'
import { beside } from '../runtime/worker-path.js'
import { DEVICES } from './device-names.js'
import { type Device, providers } from './devices.js'
import { missingIn } from './shared-libraries.js'

/** How a device did, and the libraries that it lacks where it does not work and that can be told, by their names or paths. */
export type Trial = { readonly device: Device; readonly missing: readonly string[] }

/**
 * Try those of {@link DEVICES} that this build of onnxruntime has, each in a process of its own: drivers have been seen to end theirs.
 *
 * @param signal ends what is under way; what is not known yet is left out
 */
export async function tryDevices(signal: AbortSignal): Promise<Trial[]> {
  const trials: Trial[] = []
  // One after the other: two providers that start at once have been seen to disturb each other's drivers.
  const known = providers()
  for (const name of DEVICES.filter(one => known.includes(one))) {
    const trial = await tryDevice(name, signal)
    if (signal.aborted) break
    trials.push(trial)
  }
  return trials
}

async function tryDevice(name: string, signal: AbortSignal): Promise<Trial> {
  const { filename, execArgv } = beside(import.meta.url, 'device-trial-process')
  const child = fork(filename, [name], { execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const end = () => child.kill('SIGKILL')
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', part => {
    said += part
  })
  let trial: Trial | undefined
  child.once('message', message => {
    trial = message as Trial
  })
  const [code, killedBy] = await once(child, 'close')
  signal.removeEventListener('abort', end)
  const reason = `the process in which it was tried ended with ${killedBy ?? `code ${code}`}`
  const { device, missing } = trial ?? { device: { name, works: false, reason }, missing: [] }
  return { device, missing: device.works ? [] : [...new Set([...missing, ...missingIn(said)])] }
}
