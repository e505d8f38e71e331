import { fileURLToPath } from 'node:url'

/**
 * The file of a module next to the calling one, to be run in a thread or process: compiled, or through tsx where the sources
 * themselves are run.
 *
 * @param url `import.meta.url` of the calling module
 * @param name file name without extension
 */
export function workerPath(url: string, name: string): { filename: string; execArgv: string[] } {
  const source = url.endsWith('.ts')
  return {
    filename: fileURLToPath(new URL(`./${name}.${source ? 'ts' : 'js'}`, url)),
    execArgv: source ? ['--import', 'tsx'] : [],
  }
}
