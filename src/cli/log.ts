import { type Logger, pino, stdSerializers } from 'pino'
import { parseEnvVars } from '../config.js'

/** The program's log: JSON lines on stdout. @param level one of pino's, or silent */
export function createLogger(level: string): Logger {
  return pino({
    level,
    serializers: {
      // discord.js hangs the whole request on its errors, pictures and all.
      err(error: Error) {
        const { requestBody: _, ...rest } = stdSerializers.err(error)
        return rest
      },
    },
  })
}

/** A log for what is quiet unless LOG_LEVEL says otherwise. @throws ProblemError `configuration-invalid` */
export function createQuietLogger(
  environment: Readonly<Record<string, string | undefined>>,
  level: 'warn' | 'silent',
): Logger {
  return createLogger(parseEnvVars({ LOG_LEVEL: environment.LOG_LEVEL || level }, ['LOG_LEVEL']).LOG_LEVEL)
}
