import { type Logger, pino, stdSerializers } from 'pino'

/** The program's log: JSON lines on stdout. @param level one of pino's, or silent */
export function makeLog(level: string): Logger {
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
