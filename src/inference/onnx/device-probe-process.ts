import { onnxruntime, setCudaRoot } from './cuda-folder.js'
import type { DeviceProbe } from './device-probe.js'
import { probeDevice } from './devices.js'
import { missingLibraries, providerLibraryPath } from './shared-libraries.js'

// The child process that probes a device; device-probe.ts starts it.

/** The provider libraries that onnxruntime loads on Linux, by execution provider. */
const PROVIDER_LIBRARIES: Readonly<Record<string, readonly string[]>> = { cuda: ['shared', 'cuda'] }

const [name = '', cudaRoot] = process.argv.slice(2)
if (cudaRoot) setCudaRoot(cudaRoot)
// Errors about libraries go to stderr, which the parent parses.
onnxruntime().env.logLevel = 'error'
const device = await probeDevice(name)
const files =
  device.works || process.platform !== 'linux' ? [] : (PROVIDER_LIBRARIES[name] ?? []).map(providerLibraryPath)
const missing: string[] = []
for (const file of files) missing.push(...(await missingLibraries(file)))
process.send!({ device, missing } satisfies DeviceProbe)
process.disconnect()
