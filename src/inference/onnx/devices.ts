import { onnxruntime, preloadProvider } from './cuda-folder.js'
import { AUTO_DEVICE, EXECUTION_PROVIDERS } from './device-names.js'
import { graphBuilder } from './graph-builder.js'

/** Whether an execution provider works on this machine, and if not, its error message. */
export type DeviceStatus = WorkingDevice | FailedDevice
type WorkingDevice = { readonly name: string; readonly works: true; readonly probeTime?: ProbeTime }
/** Time of the first run of the probe graph, including opening it, and of the second. */
type ProbeTime = { readonly firstRunMs: number; readonly secondRunMs: number }
type FailedDevice = {
  readonly name: string
  readonly works: false
  readonly reason: string
  /** It ran out of memory. */
  readonly isOutOfMemory?: true
}

/**
 * Probe every execution provider of this build of onnxruntime, in onnxruntime's order. A listed provider may lack its
 * libraries or a card.
 */
export async function probeDevices(): Promise<DeviceStatus[]> {
  onnxruntime().env.logLevel = 'fatal' // a failing provider is a result here, not an error to log
  const found: DeviceStatus[] = []
  // Sequential: drivers of two providers that start at the same time were seen to disturb each other.
  for (const name of supportedProviders()) found.push(await probeDevice(name))
  return found
}

/** The execution providers of this build of onnxruntime, in onnxruntime's order. */
export function supportedProviders(): string[] {
  return onnxruntime()
    .listSupportedBackends()
    .map(({ name }) => name)
}

let devicesOnce: Promise<DeviceStatus[]> | undefined

/** The devices of {@link EXECUTION_PROVIDERS} in this build of onnxruntime, fastest first. Probed once per process. */
export async function availableDevices(): Promise<DeviceStatus[]> {
  devicesOnce ??= probeDevices()
  const found = await devicesOnce
  return EXECUTION_PROVIDERS.flatMap(name => found.find(device => device.name === name) ?? [])
}

/**
 * The devices to try one after another: the requested one, or for {@link AUTO_DEVICE} all available ones.
 *
 * @param excluded devices that ran out of memory before, with their error messages
 */
export async function candidateDevices(
  device: string,
  excluded: ReadonlyMap<string, string> = new Map(),
): Promise<DeviceStatus[]> {
  const candidates: readonly DeviceStatus[] =
    device === AUTO_DEVICE ? await availableDevices() : [{ name: device, works: true }]
  return candidates.map(one => {
    const reason = excluded.get(one.name)
    return reason === undefined ? one : { name: one.name, works: false, reason, isOutOfMemory: true }
  })
}

/** Run a small graph on an execution provider and check the result. */
export async function probeDevice(name: string): Promise<DeviceStatus> {
  const start = performance.now()
  try {
    const { InferenceSession, Tensor } = onnxruntime()
    preloadProvider(name)
    const session = await InferenceSession.create(doublingGraph(), {
      executionProviders: [name],
      logSeverityLevel: 4,
      // Without this onnxruntime silently falls back to the CPU.
      ...(name !== 'cpu' && { extra: { session: { disable_cpu_ep_fallback: '1' } } }),
    })
    const compute = () => session.run({ x: new Tensor('float32', Float32Array.of(1.5, -2), [2]) })
    await compute() // some providers compile in the first run
    const firstRunEnd = performance.now()
    const { y } = await compute()
    const probeTime = { firstRunMs: firstRunEnd - start, secondRunMs: performance.now() - firstRunEnd }
    const [first, second] = y!.data as Float32Array
    await session.release()
    if (first === 3 && second === -4) return { name, works: true, probeTime }
    return { name, works: false, reason: `1.5 + 1.5 came out as ${first}` }
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    // Some messages start with a location in the native source.
    const reason =
      /CUDA failure \d+: [^;]+?(?= ;)/.exec(line)?.[0] ?? line.replace(/^\S+\.(?:cc|h):\d+ .* was false\. /, '')
    return { name, works: false, reason }
  }
}

/** An ONNX model that computes y = x + x for two floats. */
function doublingGraph(): Uint8Array {
  const g = graphBuilder('doubling', '/')
  const x = g.input('x', 'F32', [2])
  g.output('y', g.node('Add', [x, x]), 'F32', [2])
  return g.bytes()
}
