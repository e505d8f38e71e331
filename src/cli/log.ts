import { type Logger, pino } from 'pino'
import { type Environment, parseEnvVars } from '../config.js'
import { redact, serializeError } from '../serialize-error.js'

/** A logger that writes JSON lines to stdout, without secrets. @param level of pino, or `silent` */
export function createLogger(level: string, write?: (line: string) => void): Logger {
  const options = { level, serializers: { err: serializeError }, hooks: { streamWrite: redact } }
  return write ? pino(options, { write }) : pino(options)
}

/** A logger with this level unless LOG_LEVEL is set. @throws UserError `configuration-invalid` */
export function createQuietLogger(environment: Environment, level: 'warn' | 'silent'): Logger {
  return createLogger(parseEnvVars({ LOG_LEVEL: environment.LOG_LEVEL || level }, ['LOG_LEVEL']).LOG_LEVEL)
}
