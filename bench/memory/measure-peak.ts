import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../../src/child-environment.js'
import { MALLOC_SETTINGS } from '../../src/inference/runtime/memory-settings.js'

export type MeasuredGraph = 'unet' | 'vaeEncoder' | 'vaeDecoder'

/**
 * Run a graph of a model on the CPU, in a separate process and without an arena. Only on Linux.
 *
 * @param folder of the model
 * @param side of a square picture, in pixels
 * @returns the most memory that the process took for it, in bytes, without what it had before and the mapped weights
 */
export async function measurePeak(folder: string, graph: MeasuredGraph, side: number): Promise<number> {
  const child = fork(fileURLToPath(new URL('peak-process.ts', import.meta.url)), [folder, graph, String(side)], {
    execArgv: ['--import', 'tsx', '--expose-gc'],
    env: { ...MALLOC_SETTINGS, ...childEnvironment() },
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process that runs ${graph} ended with ${code}`)
  })
  ended.catch(() => {})
  const [peak] = await Promise.race([once(child, 'message'), ended])
  return Number(peak)
}
