import { type Logger, pino, stdSerializers } from 'pino'
import { type Environment, parseEnvVars } from '../config.js'

/** A logger that writes JSON lines to stdout. @param level of pino, or `silent` */
export function createLogger(level: string): Logger {
  return pino({
    level,
    serializers: {
      // discord.js attaches the whole request body to its errors, pictures included.
      err(error: Error) {
        const { requestBody: _, ...rest } = stdSerializers.err(error)
        return rest
      },
    },
  })
}

/** A logger with this level unless LOG_LEVEL is set. @throws UserError `configuration-invalid` */
export function createQuietLogger(environment: Environment, level: 'warn' | 'silent'): Logger {
  return createLogger(parseEnvVars({ LOG_LEVEL: environment.LOG_LEVEL || level }, ['LOG_LEVEL']).LOG_LEVEL)
}
