/** Whether an error says that Redis or PostgreSQL can't be reached or written to; it may be otherwise in a minute. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, name, message } = error as NodeJS.ErrnoException
  return (
    /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EHOSTUNREACH|57P0|08)/.test(code ?? '') ||
    name === 'MaxRetriesPerRequestError' ||
    /^(Command timed out|Connection is closed|LOADING|READONLY|OOM|MISCONF)/.test(message) ||
    /timeout exceeded when trying to connect|Connection terminated/.test(message)
  )
}
