import { fileURLToPath } from 'node:url'

/**
 * The module `name` that lies beside this one, ready to be run in a thread or process of its own: compiled, or, where
 * the sources themselves are run, through tsx.
 *
 * @param url `import.meta.url` of the asking module
 * @param name file name without ending
 */
export function workerPath(url: string, name: string): { filename: string; execArgv: string[] } {
  const source = url.endsWith('.ts')
  return {
    filename: fileURLToPath(new URL(`./${name}.${source ? 'ts' : 'js'}`, url)),
    execArgv: source ? ['--import', 'tsx'] : [],
  }
}
