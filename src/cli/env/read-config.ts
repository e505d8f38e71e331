import { type Config, type Environment, malformedEnvVars, parseConfig } from '../../config.js'
import { UserError } from '../../user-error.js'
import { envFileFaults, environmentFaults } from './config-faults.js'
import { readEnvFile } from './env-file.js'

/** Settings are read from the environment and from this file in the current folder. */
export const ENV_FILE = '.env'

/**
 * All settings, for long-running commands. A misspelt name is an error as well: otherwise the setting would be ignored silently.
 *
 * @param environment includes the values of {@link ENV_FILE}
 * @throws UserError `configuration-invalid` with all faults
 */
export async function readConfig(environment: Environment): Promise<Config> {
  const text = await readEnvFile(ENV_FILE)
  const faults = [...envFileFaults(text), ...environmentFaults(environment, text), ...malformedEnvVars(environment)]
  if (faults.length > 0) throw new UserError({ code: 'configuration-invalid', faults })
  return parseConfig(environment)
}
