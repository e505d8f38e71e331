/** What keeps Overscan from working although Overscan itself is right: what happened, and what the operator can do. In English. */
export type KnownCause = {
  /** Without a full stop. */
  readonly says: string
  /** Full sentences. */
  readonly todo: string
}

/** What errors of Node, Redis and PostgreSQL say about themselves. */
export type ErrorFacts = {
  /** Of Node (`EACCES`), OpenSSL (`CERT_HAS_EXPIRED`) or PostgreSQL (`28P01`). */
  readonly code: string
  readonly message: string
  /** The system call that failed, and its file or port. */
  readonly syscall?: string | undefined
  readonly path?: string | undefined
  readonly port?: number | undefined
  readonly address?: string | undefined
}

/** One row of the table: which errors it is about, and its sentences. */
export type CauseRow = {
  readonly id: string
  matches(error: ErrorFacts): boolean
  explain(error: ErrorFacts): KnownCause
}

/** An error whose cause is known where it is thrown. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError'
  constructor(
    readonly known: KnownCause,
    options?: ErrorOptions,
  ) {
    super(known.says, options)
  }
}
