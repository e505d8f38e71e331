import { parseDevice } from './device-names.js'
import type { DeviceStatus } from './devices.js'
import type { ExecutionProvider, GraphSource, GraphVariant, OnnxSession, TensorData } from './network.js'
import { OutOfMemoryError, openOnnxSession } from './network.js'

/** The processor, which is taken at its word. */
export const CPU_PROVIDER: ExecutionProvider = { name: 'cpu' }

/** The largest difference to what the processor computes, to the largest of its results: half precision is this coarse. */
const CLOSE = 0.02

/**
 * The ways in which a device may be used, the fastest first. WebGPU's own order of axes makes some convolutions wrong, and its
 * own attention is wrong on some cards.
 *
 * @param isWritten whether graphs can be written in any form
 */
export function providerVariants(
  device: string,
  isWritten: boolean,
  precision: GraphVariant['precision'],
): ExecutionProvider[] {
  const { name, index } = parseDevice(device) ?? { name: device, index: undefined }
  const precisions = precision === 'half' ? (['half', 'single'] as const) : (['single'] as const)
  const attentions = name === 'webgpu' ? (['fused', 'primitive'] as const) : (['fused'] as const)
  const forms = isWritten
    ? precisions.flatMap(one => attentions.map(attention => ({ form: { precision: one, attention } })))
    : [{}]
  const layouts = name === 'webgpu' ? [{}, { layout: 'NCHW' } as const] : [{}]
  return forms.flatMap(form => layouts.map(layout => ({ name, index, ...form, ...layout })))
}

export function describeProvider(device: string, { layout, variant }: ExecutionProvider): string {
  const how = [
    layout,
    variant?.precision === 'half' && 'half precision',
    variant?.attention === 'primitive' && 'plain attention',
  ]
  const said = how.filter(Boolean).join(', ')
  return said ? `${device} (${said})` : device
}

/** Graphs that are open on one device. */
export type VerifiedSessions = {
  readonly networks: readonly OnnxSession[]
  readonly device: string
  /** Why nothing faster computes them. */
  readonly reasons: readonly string[]
  /** Faster devices that had too little memory. */
  readonly short: readonly string[]
}

/** Small inputs that a graph can be tried with. */
type InputsFor = (network: OnnxSession) => Readonly<Record<string, TensorData>>

/**
 * Load graphs on the first of these devices that computes them right, as {@link openVerified} does.
 *
 * @throws OutOfMemory if none of them does, and one of them for lack of memory; Error why none of them does
 */
export async function openOnFirstWorkingDevice(
  sources: readonly GraphSource[],
  devices: readonly DeviceStatus[],
  inputsFor: InputsFor,
  briefly: ReadonlySet<GraphSource>,
  precision?: GraphVariant['precision'],
): Promise<VerifiedSessions> {
  const reasons: string[] = []
  const short: string[] = []
  for (const device of devices) {
    if (!device.works) {
      reasons.push(`${device.name}: ${device.reason}`)
      if (device.isOutOfMemory) short.push(device.name)
      continue
    }
    try {
      const networks = await openVerified(sources, device.name, inputsFor, briefly, precision)
      return { networks, device: device.name, reasons, short }
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error))
      if (error instanceof OutOfMemoryError) short.push(device.name)
    }
  }
  const all = reasons.join('; ')
  throw short.length > 0 ? new OutOfMemoryError(all, false) : new Error(all)
}

/**
 * Load graphs on a device, all in the first way in which it computes what the processor computes: drivers have been seen to give
 * wrong numbers without a word.
 *
 * @param device as {@link parseDevice} takes it
 * @param inputsFor small inputs that a graph can be tried with
 * @param briefly graphs that run once in a while
 * @param precision of graphs that are written here; single is tried too
 * @throws OutOfMemory, after which other ways are not tried: they take as much or more; Error that says what went wrong in each way
 */
export async function openVerified(
  sources: readonly GraphSource[],
  device: string,
  inputsFor: InputsFor,
  briefly: ReadonlySet<GraphSource>,
  precision: GraphVariant['precision'] = 'single',
): Promise<OnnxSession[]> {
  if (device === CPU_PROVIDER.name) return openAll(sources, CPU_PROVIDER, briefly)
  const reasons: string[] = []
  const isWritten = sources.some(source => 'write' in source)
  for (const way of providerVariants(device, isWritten, precision)) {
    const name = describeProvider(device, way)
    let networks: OnnxSession[] = []
    try {
      networks = await openAll(sources, way, briefly)
      const wrong = await firstWrong(sources, networks, inputsFor)
      if (wrong === undefined) return networks
      reasons.push(`${name} computes ${wrong} wrong`)
    } catch (error) {
      const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
      reasons.push(`${name}: ${line}`)
      if (error instanceof OutOfMemoryError) {
        for (const network of networks) await network.close()
        throw new OutOfMemoryError(reasons.join('; '), error.isGone, { cause: error })
      }
    }
    for (const network of networks) await network.close()
  }
  throw new Error(reasons.join('; '))
}

async function openAll(
  sources: readonly GraphSource[],
  way: ExecutionProvider,
  briefly: ReadonlySet<GraphSource>,
): Promise<OnnxSession[]> {
  const open: OnnxSession[] = []
  try {
    for (const source of sources) open.push(await openOnnxSession(source, way, briefly.has(source)))
    return open
  } catch (error) {
    for (const network of open) await network.close()
    throw error
  }
}

/** The first graph whose results differ from the processor's, and by how much. */
async function firstWrong(
  sources: readonly GraphSource[],
  networks: readonly OnnxSession[],
  inputsFor: InputsFor,
): Promise<string | undefined> {
  for (const [index, network] of networks.entries()) {
    const inputs = inputsFor(network)
    const [output] = network.outputs
    const reference = await openOnnxSession(sources[index]!, CPU_PROVIDER, true)
    const { [output!]: expected } = await reference.run(inputs, [output!]).finally(() => reference.close())
    const { [output!]: found } = await network.run(inputs, [output!])
    const off = relativeDifference(expected!, found!)
    if (!(off <= CLOSE)) return `${sources[index]!.name} (off by ${(100 * off).toFixed(0)}%)`
  }
  return undefined
}

/** The largest difference, to the largest of what is expected. */
export function relativeDifference(expected: TensorData, found: TensorData): number {
  let [most, apart] = [0, 0]
  for (const [at, value] of expected.data.entries()) {
    const off = Math.abs(value - found.data[at]!)
    most = Math.max(most, Math.abs(value))
    apart = Math.max(apart, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off)
  }
  return apart === 0 ? 0 : apart / most
}
