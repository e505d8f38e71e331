import { UserError } from '../../user-error.js'
import { InferenceError, OutOfMemoryError } from '../onnx/session.js'
import type { MemoryFallback } from '../pipeline/memory-fallback.js'

/** A network that is open on a device. */
export type LoadedNetwork = {
  /** The device that computes it, and why no faster one does. */
  readonly device: string
  readonly reasons: readonly string[]
  /** Faster devices with too little memory for it. */
  readonly outOfMemoryDevices: readonly string[]
  close(): Promise<void>
}

/**
 * Loads a network when it is first needed. If a device has too little memory for it, the next device is used, until loading fails
 * on all of them.
 *
 * @param name of the engine
 * @param open opens it, and skips the devices that ran out of memory before: a map from their names to error messages
 * @param log gets one line when it is loaded, with its device, and one for each device with too little memory
 */
export function deviceFallback<Network extends LoadedNetwork>(
  name: string,
  open: (outOfMemory: ReadonlyMap<string, string>) => Promise<Network>,
  log: (line: string) => void,
) {
  let loading: Promise<Network> | undefined
  const outOfMemory = new Map<string, string>()
  const load = async () => {
    if (loading) return loading
    loading = open(outOfMemory)
    // The next request tries again: the cause may be fixed by then.
    loading.catch(() => {
      loading = undefined
      outOfMemory.clear()
    })
    const { device: used, reasons } = await loading
    log(`${name} runs on ${used}${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`)
    return loading
  }
  const close = async () => {
    const last = loading
    loading = undefined
    await (await last?.catch(() => undefined))?.close()
  }
  return {
    /**
     * Run `work` on the first device with enough memory.
     *
     * @throws UserError `model-unreadable`, and what `open` throws
     */
    async run<Result>(work: (network: Network) => Promise<Result>): Promise<Result> {
      for (;;) {
        const network = await load()
        try {
          return await work(network)
        } catch (error) {
          if (!(error instanceof InferenceError)) throw error
          if (!(error instanceof OutOfMemoryError)) {
            throw new UserError({ code: 'model-unreadable', model: name, detail: error.message }, { cause: error })
          }
          outOfMemory.set(network.device, error.message)
          log(`${name}: not enough memory on ${network.device} (${error.message})`)
          // A lost device may fail to close.
          await close().catch((cause: Error) => log(`${name}: ${network.device} couldn’t be closed (${cause.message})`))
        }
      }
    },
    /** The device that is used instead of one with too little memory, if there is one. */
    async fallbacks(): Promise<MemoryFallback[]> {
      const network = await loading
      const instead = network?.outOfMemoryDevices.slice(0, 1) ?? []
      return instead.map(one => ({ kind: 'device', device: network!.device, instead: one }))
    },
    close,
  }
}
