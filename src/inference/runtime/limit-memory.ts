import { writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'

/** How often the memory is looked at. Decoders fill about 100 MB in this time. */
const CHECK_INTERVAL_MS = 25

/** A thread, because a long computation blocks the loop of the process. It has no imports and so runs as text. */
const WATCH = `
  const { workerData } = require('node:worker_threads')
  setInterval(() => {
    if (process.memoryUsage.rss() > workerData.limit) process.kill(process.pid, 'SIGKILL')
  }, workerData.interval)
`

/** Kill this process when it takes more resident memory than this, in bytes: native code can't be stopped in another way. */
export function limitMemory(limit: number): void {
  const workerData = { limit, interval: CHECK_INTERVAL_MS }
  const resourceLimits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 }
  new Worker(WATCH, { eval: true, execArgv: [], workerData, resourceLimits }).unref()
}

/** Have Linux end this process, and not the one that started it, where memory runs out. Other systems have no such setting. */
export function preferAsVictim(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '800')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}
