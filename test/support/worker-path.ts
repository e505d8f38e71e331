import { fileURLToPath } from 'node:url'

/** Processes that run models. */
const WITH_MODELS: ReadonlySet<string> = new Set(['painter-process', 'task-process'])

/**
 * Stands in for `src/inference/runtime/worker-path.ts` in tests: threads and processes run what was built from the sources just before, as they do
 * for people, and start sooner than through tsx.
 */
export function workerPath(url: string, name: string): { filename: string; execArgv: string[] } {
  const execArgv = WITH_MODELS.has(name) ? ['--import', new URL('./onnx-threads.mjs', import.meta.url).href] : []
  return { filename: fileURLToPath(new URL(`./${name}.js`, url.replace('/src/', '/dist/'))), execArgv }
}
