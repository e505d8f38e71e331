import { parseDevice } from './devices.js'
import type { Network, Provider, Values } from './network.js'
import { openNetwork } from './network.js'

/** The processor, which is taken at its word. */
export const CPU: Provider = { name: 'cpu' }

/** The largest difference to what the processor computes, to the largest of its results: half precision is this coarse. */
const CLOSE = 0.02

/** The ways in which a device may be used, the fastest first. WebGPU's own order of axes makes some convolutions wrong. */
function waysOf(device: string): Provider[] {
  if (device === 'webgpu') return [{ name: device }, { name: device, layout: 'NCHW' }]
  return [parseDevice(device) ?? { name: device }]
}

/**
 * Load graphs on a device, all in the first way in which it computes what the processor computes: drivers have been seen to give
 * wrong numbers without a word.
 *
 * @param device as {@link parseDevice} takes it
 * @param inputsFor small inputs that a graph can be tried with
 * @param briefly graphs that run once in a while
 * @throws Error that says what went wrong in each way
 */
export async function openChecked(
  files: readonly string[],
  device: string,
  inputsFor: (network: Network) => Readonly<Record<string, Values>>,
  briefly: ReadonlySet<string>,
): Promise<Network[]> {
  if (device === CPU.name) return openAll(files, CPU, briefly)
  const reasons: string[] = []
  for (const way of waysOf(device)) {
    const name = way.layout ? `${device} (${way.layout})` : device
    let networks: Network[] = []
    try {
      networks = await openAll(files, way, briefly)
      const wrong = await firstWrong(files, networks, inputsFor)
      if (wrong === undefined) return networks
      reasons.push(`${name} computes ${wrong} wrong`)
    } catch (error) {
      const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
      reasons.push(`${name}: ${line}`)
    }
    for (const network of networks) await network.close()
  }
  throw new Error(reasons.join('; '))
}

async function openAll(files: readonly string[], way: Provider, briefly: ReadonlySet<string>): Promise<Network[]> {
  const open: Network[] = []
  try {
    for (const file of files) open.push(await openNetwork(file, way, briefly.has(file)))
    return open
  } catch (error) {
    for (const network of open) await network.close()
    throw error
  }
}

/** The first graph whose results differ from the processor's, and by how much. */
async function firstWrong(
  files: readonly string[],
  networks: readonly Network[],
  inputsFor: (network: Network) => Readonly<Record<string, Values>>,
): Promise<string | undefined> {
  for (const [index, network] of networks.entries()) {
    const inputs = inputsFor(network)
    const [output] = network.outputs
    const reference = await openNetwork(files[index]!, CPU, true)
    const { [output!]: expected } = await reference.run(inputs, [output!]).finally(() => reference.close())
    const { [output!]: found } = await network.run(inputs, [output!])
    let [most, apart] = [0, 0]
    for (const [at, value] of expected!.data.entries()) {
      const off = Math.abs(value - found!.data[at]!)
      most = Math.max(most, Math.abs(value))
      apart = Math.max(apart, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off)
    }
    if (apart > CLOSE * most) return `${files[index]} (off by ${((100 * apart) / most).toFixed(0)}%)`
  }
  return undefined
}
