import { type Config, malformedEnvVars, parseConfig } from '../../config.js'
import { UserError } from '../../user-error.js'
import { readEnvFile } from './env-file.js'
import { envFileFaults, environmentFaults } from './unknown-names.js'

/** Where settings are read from, besides the environment: in the folder that the program is started in. */
export const ENV_FILE = '.env'

/**
 * All settings, for what is to run for long: also names that are no setting are looked for, since what was meant by them would be
 * left out without a word.
 *
 * @param environment with what {@link ENV_FILE} holds
 * @throws ProblemError `configuration-invalid` with all that is
 */
export async function readConfig(environment: Readonly<Record<string, string | undefined>>): Promise<Config> {
  const text = await readEnvFile(ENV_FILE)
  const faults = [...envFileFaults(text), ...environmentFaults(environment, text), ...malformedEnvVars(environment)]
  if (faults.length > 0) throw new UserError({ code: 'configuration-invalid', faults })
  return parseConfig(environment)
}
