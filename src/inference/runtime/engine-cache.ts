import { totalmem } from 'node:os'
import { openEngine } from '../engines/open.js'
import type { Companions, EngineRegistry } from '../engines/registry.js'
import type { Engine } from '../pipeline/engine.js'

/** The share of the machine's memory that the models of all open engines may take. */
const MEMORY_SHARE = 0.5

export type EngineCacheOptions = {
  readonly engines: EngineRegistry
  /** That models are computed on, as `parseDevice` takes it; the fastest that works if left out. */
  readonly device?: string | undefined
  /** What the model files of all open engines may take together, in bytes. */
  readonly budget?: number
}

/**
 * Engines that stay open between requests (least recently used). Where their models would take more memory than the budget, the
 * engines that were not used for longest are closed first. One engine always fits.
 *
 * Requests come one after another: an engine that paints is not asked for.
 */
export function engineCache({ engines, device, budget = totalmem() * MEMORY_SHARE }: EngineCacheOptions) {
  /** In the order of their last use. */
  const open = new Map<string, { engine: Engine; bytes: number }>()

  return {
    /** @param companions what the request paints with in addition @throws UserError `engine-unknown` */
    async get(name: string, companions?: Companions): Promise<Engine> {
      const last = open.get(name)
      const engine = last?.engine ?? openEngine(name, engines, device)
      // What an earlier request loaded with the model may still be loaded.
      const found = { engine, bytes: Math.max(last?.bytes ?? 0, engines.bytesOf(name, companions)) }
      open.delete(name)
      let used = found.bytes
      for (const { bytes } of open.values()) used += bytes
      for (const [other, { engine, bytes }] of open) {
        if (used <= budget) break
        if (bytes === 0) continue
        open.delete(other)
        used -= bytes
        await engine.close()
      }
      open.set(name, found)
      return found.engine
    },
    /** The names of the open engines. */
    names: () => [...open.keys()],
    async close() {
      for (const { engine } of open.values()) await engine.close()
      open.clear()
    },
  }
}
