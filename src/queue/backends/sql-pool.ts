/** A database session, as far as this file uses it: that of `pg`, or one of PGlite. */
export type SqlSession = {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
  on(event: 'notification', listener: (message: { channel: string; payload?: string | undefined }) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  release(destroy?: boolean): void
}
export type SqlPool = Pick<SqlSession, 'query'> & { connect(): Promise<SqlSession>; end(): Promise<void> }
