import { type Environment, parseEnvVars } from '../../config.js'
import type { Hub } from './model-hub.js'

/** Where models come from and go to. */
export type ModelSources = {
  readonly modelFolder: string
  readonly hub: Hub
  /** An API key of Civitai, sent only to Civitai. */
  readonly civitaiToken: string | undefined
}

/** @throws UserError `configuration-invalid` */
export function modelSources(environment: Environment): ModelSources {
  const config = parseEnvVars(environment, ['MODEL_FOLDER', 'HF_ENDPOINT', 'HF_TOKEN', 'CIVITAI_TOKEN'])
  return {
    modelFolder: config.MODEL_FOLDER,
    hub: { endpoint: config.HF_ENDPOINT, token: config.HF_TOKEN },
    civitaiToken: config.CIVITAI_TOKEN,
  }
}
