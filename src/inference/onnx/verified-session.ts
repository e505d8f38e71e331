import { parseDevice } from './device-names.js'
import type { DeviceStatus } from './devices.js'
import { withPrecisionFallback } from './precision-fallback.js'
import type { ExecutionProvider, GraphSource, GraphVariant, OnnxSession } from './session.js'
import { OutOfMemoryError, openOnnxSession } from './session.js'
import { sessionInParts } from './session-in-parts.js'
import type { TensorData } from './tensor-data.js'

/** The CPU, whose results are the reference. */
export const CPU_PROVIDER: ExecutionProvider = { name: 'cpu' }

/** Largest difference from the CPU's results, relative to the largest of them; half precision stays below it. */
const MAX_RELATIVE_DIFFERENCE = 0.02

/**
 * The configurations in which to try a device, fastest first. WebGPU's default layout gives wrong results in convolutions
 * whose input channels are not a multiple of 4 (docs/webgpu-faults.md), and its fused attention is wrong on some cards.
 *
 * @param isGenerated whether the graphs can be generated in any variant
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
  if (name !== 'webgpu') return variants.map(variant => ({ name, index, ...variant }))
  return variants.flatMap(one => {
    const aligned = 'variant' in one ? { variant: { ...one.variant, channels: 'multiples of 4' as const } } : one
    return [
      { name, index, ...aligned },
      { name, index, ...one, layout: 'NCHW' as const },
    ]
  })
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

/** Sessions of one model, all open on one device. */
export type VerifiedSessions = {
  readonly sessions: readonly OnnxSession[]
  readonly device: string
  /** Why no faster device is used. */
  readonly fallbackReasons: readonly string[]
  /** Faster devices that ran out of memory. */
  readonly outOfMemoryDevices: readonly string[]
  /** Graphs that are to be suspended after they ran, because the device has no room for all. */
  readonly suspended: ReadonlySet<GraphSource>
}

/** Small inputs to verify a graph with. */
type MakeInputs = (session: OnnxSession) => Readonly<Record<string, TensorData>>

/**
 * Open graphs on the first device that computes them correctly, each tried by {@link openVerified}.
 *
 * @param suspendedOn the graphs that a device has no room for while the others run
 * @throws OutOfMemoryError if none does and at least one ran out of memory; otherwise Error with the reason for each
 *   device
 */
export async function openOnFirstWorkingDevice(
  sources: readonly GraphSource[],
  devices: readonly DeviceStatus[],
  makeInputs: MakeInputs,
  rarelyRun: ReadonlySet<GraphSource>,
  precision?: GraphVariant['precision'],
  suspendedOn?: (device: string) => Promise<ReadonlySet<GraphSource>>,
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
      const suspended = (await suspendedOn?.(device.name)) ?? new Set()
      const sessions = await openVerified(sources, device.name, makeInputs, rarelyRun, precision, suspended)
      return { sessions, device: device.name, fallbackReasons, outOfMemoryDevices, suspended }
    } catch (error) {
      fallbackReasons.push(error instanceof Error ? error.message : String(error))
      if (error instanceof OutOfMemoryError) outOfMemoryDevices.push(device.name)
    }
  }
  const message = fallbackReasons.join('; ')
  throw outOfMemoryDevices.length > 0 ? new OutOfMemoryError(message, false) : new Error(message)
}

/**
 * Open graphs on a device in the first configuration whose results match the CPU's. Drivers were seen to return wrong
 * numbers without an error.
 *
 * @param device as {@link parseDevice} takes it
 * @param rarelyRun graphs that free their working memory after each run
 * @param precision tried first for generated graphs; single is tried too
 * @param suspended graphs that are opened first, one by one, and give their memory back until they run; one that has parts is
 *   opened in parts
 * @throws OutOfMemoryError without trying further configurations, which take as much memory or more; Error with the
 *   reason for each
 */
export async function openVerified(
  sources: readonly GraphSource[],
  device: string,
  makeInputs: MakeInputs,
  rarelyRun: ReadonlySet<GraphSource>,
  precision: GraphVariant['precision'] = 'single',
  suspended: ReadonlySet<GraphSource> = new Set(),
): Promise<OnnxSession[]> {
  if (device === CPU_PROVIDER.name) return openSessions(sources, CPU_PROVIDER, rarelyRun)
  const failures: string[] = []
  const isGenerated = sources.some(source => 'writeGraph' in source)
  const inOrder = [...suspended, ...sources.filter(source => !suspended.has(source))]
  for (const provider of providerVariants(device, isGenerated, precision)) {
    const description = describeProvider(device, provider)
    const opened = new Map<GraphSource, OnnxSession>()
    let outOfMemory: OutOfMemoryError | undefined
    try {
      let mismatch: string | undefined
      for (const source of inOrder) {
        const [first, single] = graphVariants(source, provider)
        const openSingle = single && (() => openOnnxSession(source, single, rarelyRun.has(source)))
        const session = await openWholeOrInParts(source, first!, rarelyRun.has(source), suspended.has(source))
        opened.set(source, openSingle ? withPrecisionFallback(session, openSingle) : session)
        mismatch = await findMismatch(source, session, makeInputs)
        if (mismatch !== undefined && openSingle) {
          await session.close()
          opened.set(source, await openSingle())
          mismatch = await findMismatch(source, opened.get(source)!, makeInputs)
        }
        if (mismatch !== undefined) break
        if (suspended.has(source)) await opened.get(source)!.suspend()
      }
      if (mismatch === undefined) return sources.map(source => opened.get(source)!)
      failures.push(`${description} computes ${mismatch} wrong`)
    } catch (error) {
      const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
      failures.push(`${description}: ${line}`)
      if (error instanceof OutOfMemoryError) outOfMemory = error
    }
    for (const session of opened.values()) await session.close()
    if (outOfMemory) {
      throw new OutOfMemoryError(failures.join('; '), outOfMemory.isDeviceLost, { cause: outOfMemory })
    }
  }
  throw new Error(failures.join('; '))
}

async function openWholeOrInParts(
  source: GraphSource,
  provider: ExecutionProvider,
  isRunRarely: boolean,
  isSuspended: boolean,
): Promise<OnnxSession> {
  const parts = isSuspended && 'writeGraph' in source ? source.parts : undefined
  if (!parts) return openOnnxSession(source, provider, isRunRarely)
  const first = await openOnnxSession(parts[0], provider, isRunRarely)
  await first.suspend()
  try {
    return sessionInParts(first, await openOnnxSession(parts[1], provider, isRunRarely))
  } catch (error) {
    await first.close()
    throw error
  }
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

/** The configurations in which to try a graph: as all others, or in single precision if only this graph needs it. */
export function graphVariants(source: GraphSource, provider: ExecutionProvider): ExecutionProvider[] {
  const { variant } = provider
  const mayBeSingle = 'writeGraph' in source && source.mayBeSingle && variant?.precision === 'half'
  return mayBeSingle ? [provider, { ...provider, variant: { ...variant, precision: 'single' } }] : [provider]
}

/** The name of a graph whose results differ from the CPU's, with the difference; undefined if they don't. */
async function findMismatch(
  source: GraphSource,
  session: OnnxSession,
  makeInputs: MakeInputs,
): Promise<string | undefined> {
  const inputs = makeInputs(session)
  // Of several outputs, the last one comes from the deepest layer.
  const outputs = [...new Set([session.outputs[0]!, session.outputs.at(-1)!])]
  const reference = await openOnnxSession(source, CPU_PROVIDER, true)
  const expected = await reference.run(inputs, outputs).finally(() => reference.close())
  const actual = await session.run(inputs, outputs)
  const difference = Math.max(...outputs.map(output => relativeDifference(expected[output]!, actual[output]!)))
  if (difference <= MAX_RELATIVE_DIFFERENCE) return undefined
  return `${source.name} (off by ${(100 * difference).toFixed(0)}%)`
}

/** The largest absolute difference, relative to the largest expected value; infinite for NaN. */
export function relativeDifference(expected: TensorData, actual: TensorData): number {
  let [largest, largestDifference] = [0, 0]
  for (const [at, value] of expected.data.entries()) {
    const difference = Math.abs(value - actual.data[at]!)
    largest = Math.max(largest, Math.abs(value))
    largestDifference = Math.max(largestDifference, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference)
  }
  return largestDifference === 0 ? 0 : largestDifference / largest
}
