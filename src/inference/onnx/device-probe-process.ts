import { env } from 'onnxruntime-node'
import type { DeviceProbe } from './device-probe.js'
import { probeDevice } from './devices.js'
import { missingLibraries, providerLibraryPath } from './shared-libraries.js'

// The process in which a device is tried: see device-probe.ts for the other end.

/** By the names of execution providers, the libraries that onnxruntime loads for them on Linux. */
const PROVIDER_LIBRARIES: Readonly<Record<string, readonly string[]>> = { cuda: ['shared', 'cuda'] }

const [name = ''] = process.argv.slice(2)
// What it says of libraries goes to stderr, which is read at the other end.
env.logLevel = 'error'
const device = await probeDevice(name)
const files =
  device.works || process.platform !== 'linux' ? [] : (PROVIDER_LIBRARIES[name] ?? []).map(providerLibraryPath)
const missing: string[] = []
for (const file of files) missing.push(...(await missingLibraries(file)))
process.send!({ device, missing } satisfies DeviceProbe)
process.disconnect()
