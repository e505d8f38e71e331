import { type Config, malformedIn, parseConfig } from '../../config.js'
import { ProblemError } from '../../user-error.js'
import { readEnvFile } from './env-file.js'
import { faultsInEnvironment, faultsInFile } from './unknown-names.js'

/** Where settings are read from, besides the environment: in the folder that the program is started in. */
export const ENV_FILE = '.env'

/**
 * All settings, for what is to run for long: also names that are no setting are looked for, since what was meant by them would be
 * left out without a word.
 *
 * @param environment with what {@link ENV_FILE} holds
 * @throws ProblemError `configuration-wrong` with all that is
 */
export async function readConfig(environment: Readonly<Record<string, string | undefined>>): Promise<Config> {
  const text = await readEnvFile(ENV_FILE)
  const faults = [...faultsInFile(text), ...faultsInEnvironment(environment, text), ...malformedIn(environment)]
  if (faults.length > 0) throw new ProblemError({ code: 'configuration-wrong', faults })
  return parseConfig(environment)
}
