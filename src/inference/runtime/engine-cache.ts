import { totalmem } from 'node:os'
import { openEngine } from '../engines/open.js'
import { bytesOf } from '../engines/registry.js'
import type { Engine } from '../pipeline/engine.js'

/** Models may take so much of the machine's memory between them. */
const SHARE = 0.5

/**
 * Engines that stay warm between requests. Where models would take more memory than they may, the ones that were not used for
 * longest are closed first; one always has its place.
 *
 * Requests come one after another: an engine that is still painting is not looked for.
 *
 * @param budget in bytes, of the models' files
 */
export function engineCache(budget = totalmem() * SHARE) {
  /** In the order of their use. */
  const warm = new Map<string, { engine: Engine; bytes: number }>()

  return {
    /** @throws UserError `engine-unknown` */
    async get(name: string): Promise<Engine> {
      const found = warm.get(name) ?? { engine: openEngine(name), bytes: bytesOf(name) }
      warm.delete(name)
      let used = found.bytes
      for (const { bytes } of warm.values()) used += bytes
      for (const [other, { engine, bytes }] of warm) {
        if (used <= budget) break
        if (bytes === 0) continue
        warm.delete(other)
        used -= bytes
        await engine.close()
      }
      warm.set(name, found)
      return found.engine
    },
    /** The names of those that are warm. */
    names: () => [...warm.keys()],
    async close() {
      for (const { engine } of warm.values()) await engine.close()
      warm.clear()
    },
  }
}
