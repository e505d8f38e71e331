import { fileURLToPath } from 'node:url'

/**
 * Stands in for `src/inference/runtime/worker-path.ts` in tests: threads and processes run what was built from the sources just before, as they do
 * for people, and start sooner than through tsx.
 */
export function workerPath(url: string, name: string): { filename: string; execArgv: string[] } {
  return { filename: fileURLToPath(new URL(`./${name}.js`, url.replace('/src/', '/dist/'))), execArgv: [] }
}
