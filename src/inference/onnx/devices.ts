import { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node'
import { AUTO_DEVICE, EXECUTION_PROVIDERS } from './device-names.js'
import { graphBuilder } from './graph-builder.js'

/** Whether an execution provider of this onnxruntime works on this machine, and if not, what it said. */
export type DeviceStatus = WorkingDevice | FailedDevice
type WorkingDevice = { readonly name: string; readonly works: true; readonly probeTime?: ProbeTime }
/** Milliseconds until the small graph was computed for the first time, and then once more. */
type ProbeTime = { readonly firstRunMs: number; readonly secondRunMs: number }
type FailedDevice = {
  readonly name: string
  readonly works: false
  readonly reason: string
  /** What it lacks is memory. */
  readonly isOutOfMemory?: true
}

/**
 * Every execution provider that this build of onnxruntime has, in its own order, tried with a small graph: a
 * provider that is listed may still lack its libraries or a card.
 */
export async function probeDevices(): Promise<DeviceStatus[]> {
  env.logLevel = 'fatal' // a provider that fails is an answer here, not a line of log
  const found: DeviceStatus[] = []
  // One after the other: two providers that start at once have been seen to disturb each other's drivers.
  for (const name of supportedProviders()) found.push(await probeDevice(name))
  return found
}

/** The execution providers that this build of onnxruntime has, in its own order. */
export function supportedProviders(): string[] {
  return listSupportedBackends().map(({ name }) => name)
}

let devicesOnce: Promise<DeviceStatus[]> | undefined

/** Those of {@link EXECUTION_PROVIDERS} that this build of onnxruntime has, the fastest first; tried once. */
export async function availableDevices(): Promise<DeviceStatus[]> {
  devicesOnce ??= probeDevices()
  const found = await devicesOnce
  return EXECUTION_PROVIDERS.flatMap(name => found.find(device => device.name === name) ?? [])
}

/**
 * The devices to try one after another: the one that was asked for, or for {@link AUTO_DEVICE} all that there are.
 *
 * @param excluded those that ran out of memory before, and what they said
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

/** An execution provider, tried with a small graph. */
export async function probeDevice(name: string): Promise<DeviceStatus> {
  const start = performance.now()
  try {
    const session = await InferenceSession.create(doublingGraph(), {
      executionProviders: [name],
      logSeverityLevel: 4,
      // Without this the CPU would quietly do what the provider can't.
      ...(name !== 'cpu' && { extra: { session: { disable_cpu_ep_fallback: '1' } } }),
    })
    const compute = () => session.run({ x: new Tensor('float32', Float32Array.of(1.5, -2), [2]) })
    await compute() // the first time some compile
    const firstRunEnd = performance.now()
    const { y } = await compute()
    const probeTime = { firstRunMs: firstRunEnd - start, secondRunMs: performance.now() - firstRunEnd }
    const [first, second] = y!.data as Float32Array
    await session.release()
    if (first === 3 && second === -4) return { name, works: true, probeTime }
    return { name, works: false, reason: `1.5 + 1.5 came out as ${first}` }
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    // Some messages begin with the place in the native source that found out.
    const reason = line.replace(/^\S+\.(?:cc|h):\d+ .* was false\. /, '')
    return { name, works: false, reason }
  }
}

/** An ONNX model of y = x + x for two floats. */
function doublingGraph(): Uint8Array {
  const g = graphBuilder('doubling', '/')
  const x = g.input('x', 'F32', [2])
  g.output('y', g.node('Add', [x, x]), 'F32', [2])
  return g.bytes()
}
