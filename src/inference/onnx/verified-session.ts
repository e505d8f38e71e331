import { parseDevice } from './device-names.js'
import type { DeviceStatus } from './devices.js'
import type { ExecutionProvider, GraphSource, GraphVariant, OnnxSession, TensorData } from './session.js'
import { OutOfMemoryError, openOnnxSession } from './session.js'

/** The processor, which is taken at its word. */
export const CPU_PROVIDER: ExecutionProvider = { name: 'cpu' }

/** The largest difference to what the processor computes, to the largest of its results: half precision is this coarse. */
const MAX_RELATIVE_DIFFERENCE = 0.02

/**
 * The ways in which a device may be used, the fastest first. WebGPU's own order of axes makes some convolutions wrong, and its
 * own attention is wrong on some cards.
 *
 * @param isGenerated whether graphs can be written in any form
 */
export function providerVariants(
  device: string,
  isGenerated: boolean,
  precision: GraphVariant['precision'],
): ExecutionProvider[] {
  const { name, index } = parseDevice(device) ?? { name: device, index: undefined }
  const precisions = precision === 'half' ? (['half', 'single'] as const) : (['single'] as const)
  const attentions = name === 'webgpu' ? (['fused', 'primitive'] as const) : (['fused'] as const)
  const variants = isGenerated
    ? precisions.flatMap(one => attentions.map(attention => ({ variant: { precision: one, attention } })))
    : [{}]
  const layouts = name === 'webgpu' ? [{}, { layout: 'NCHW' } as const] : [{}]
  return variants.flatMap(variant => layouts.map(layout => ({ name, index, ...variant, ...layout })))
}

export function describeProvider(device: string, { layout, variant }: ExecutionProvider): string {
  const options = [
    layout,
    variant?.precision === 'half' && 'half precision',
    variant?.attention === 'primitive' && 'plain attention',
  ]
  const description = options.filter(Boolean).join(', ')
  return description ? `${device} (${description})` : device
}

/** Graphs that are open on one device. */
export type VerifiedSessions = {
  readonly sessions: readonly OnnxSession[]
  readonly device: string
  /** Why nothing faster computes them. */
  readonly fallbackReasons: readonly string[]
  /** Faster devices that had too little memory. */
  readonly outOfMemoryDevices: readonly string[]
}

/** Small inputs that a graph can be tried with. */
type MakeInputs = (session: OnnxSession) => Readonly<Record<string, TensorData>>

/**
 * Load graphs on the first of these devices that computes them right, as {@link openVerified} does.
 *
 * @throws OutOfMemory if none of them does, and one of them for lack of memory; Error why none of them does
 */
export async function openOnFirstWorkingDevice(
  sources: readonly GraphSource[],
  devices: readonly DeviceStatus[],
  makeInputs: MakeInputs,
  rarelyRun: ReadonlySet<GraphSource>,
  precision?: GraphVariant['precision'],
): Promise<VerifiedSessions> {
  const fallbackReasons: string[] = []
  const outOfMemoryDevices: string[] = []
  for (const device of devices) {
    if (!device.works) {
      fallbackReasons.push(`${device.name}: ${device.reason}`)
      if (device.isOutOfMemory) outOfMemoryDevices.push(device.name)
      continue
    }
    try {
      const sessions = await openVerified(sources, device.name, makeInputs, rarelyRun, precision)
      return { sessions, device: device.name, fallbackReasons, outOfMemoryDevices }
    } catch (error) {
      fallbackReasons.push(error instanceof Error ? error.message : String(error))
      if (error instanceof OutOfMemoryError) outOfMemoryDevices.push(device.name)
    }
  }
  const message = fallbackReasons.join('; ')
  throw outOfMemoryDevices.length > 0 ? new OutOfMemoryError(message, false) : new Error(message)
}

/**
 * Load graphs on a device, all in the first way in which it computes what the processor computes: drivers have been seen to give
 * wrong numbers without a word.
 *
 * @param device as {@link parseDevice} takes it
 * @param makeInputs small inputs that a graph can be tried with
 * @param rarelyRun graphs that run once in a while
 * @param precision of graphs that are written here; single is tried too
 * @throws OutOfMemory, after which other ways are not tried: they take as much or more; Error that says what went wrong in each way
 */
export async function openVerified(
  sources: readonly GraphSource[],
  device: string,
  makeInputs: MakeInputs,
  rarelyRun: ReadonlySet<GraphSource>,
  precision: GraphVariant['precision'] = 'single',
): Promise<OnnxSession[]> {
  if (device === CPU_PROVIDER.name) return openSessions(sources, CPU_PROVIDER, rarelyRun)
  const failures: string[] = []
  const isGenerated = sources.some(source => 'writeGraph' in source)
  for (const provider of providerVariants(device, isGenerated, precision)) {
    const description = describeProvider(device, provider)
    let sessions: OnnxSession[] = []
    try {
      sessions = await openSessions(sources, provider, rarelyRun)
      const mismatch = await findMismatch(sources, sessions, makeInputs)
      if (mismatch === undefined) return sessions
      failures.push(`${description} computes ${mismatch} wrong`)
    } catch (error) {
      const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
      failures.push(`${description}: ${line}`)
      if (error instanceof OutOfMemoryError) {
        for (const session of sessions) await session.close()
        throw new OutOfMemoryError(failures.join('; '), error.isDeviceLost, { cause: error })
      }
    }
    for (const session of sessions) await session.close()
  }
  throw new Error(failures.join('; '))
}

async function openSessions(
  sources: readonly GraphSource[],
  provider: ExecutionProvider,
  rarelyRun: ReadonlySet<GraphSource>,
): Promise<OnnxSession[]> {
  const sessions: OnnxSession[] = []
  try {
    for (const source of sources) sessions.push(await openOnnxSession(source, provider, rarelyRun.has(source)))
    return sessions
  } catch (error) {
    for (const session of sessions) await session.close()
    throw error
  }
}

/** The first graph whose results differ from the processor's, and by how much. */
async function findMismatch(
  sources: readonly GraphSource[],
  sessions: readonly OnnxSession[],
  makeInputs: MakeInputs,
): Promise<string | undefined> {
  for (const [index, session] of sessions.entries()) {
    const inputs = makeInputs(session)
    const [output] = session.outputs
    const reference = await openOnnxSession(sources[index]!, CPU_PROVIDER, true)
    const { [output!]: expected } = await reference.run(inputs, [output!]).finally(() => reference.close())
    const { [output!]: actual } = await session.run(inputs, [output!])
    const difference = relativeDifference(expected!, actual!)
    if (!(difference <= MAX_RELATIVE_DIFFERENCE))
      return `${sources[index]!.name} (off by ${(100 * difference).toFixed(0)}%)`
  }
  return undefined
}

/** The largest difference, to the largest of what is expected. */
export function relativeDifference(expected: TensorData, actual: TensorData): number {
  let [largest, largestDifference] = [0, 0]
  for (const [at, value] of expected.data.entries()) {
    const difference = Math.abs(value - actual.data[at]!)
    largest = Math.max(largest, Math.abs(value))
    largestDifference = Math.max(largestDifference, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference)
  }
  return largestDifference === 0 ? 0 : largestDifference / largest
}
