import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Free what this thread no longer uses, in some milliseconds. By itself V8 may wait for a minute: it hardly counts memory outside of its
 * heap, such as WebAssembly's.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
}
