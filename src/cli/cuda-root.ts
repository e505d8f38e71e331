import { join, resolve } from 'node:path'
import { type Environment, parseEnvVars } from '../config.js'

/** The absolute path of the folder with CUDA's libraries. */
export function cudaRootOf(environment: Environment): string {
  const { CUDA_FOLDER, DATA_FOLDER } = parseEnvVars(environment, ['CUDA_FOLDER', 'DATA_FOLDER'])
  return resolve(CUDA_FOLDER ?? join(DATA_FOLDER, 'cuda'))
}
