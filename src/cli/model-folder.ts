import { parseEnvVars } from '../config.js'
import { createEngineRegistry, type EngineRegistry } from '../inference/engines/registry.js'

/** Where models lie. @throws UserError `configuration-invalid` */
export function modelFolder(): string {
  return parseEnvVars(process.env, ['MODEL_FOLDER']).MODEL_FOLDER
}

/** The engines of that folder. @throws UserError `configuration-invalid` */
export function installedEngines(): EngineRegistry {
  return createEngineRegistry({ modelFolder: modelFolder() })
}

/** The device that models are computed on, the first where several are set. @throws UserError `configuration-invalid` */
export function firstDevice(): string | undefined {
  return parseEnvVars(process.env, ['DEVICE']).DEVICE?.[0]
}
