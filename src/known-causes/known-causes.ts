import { type CauseRow, type ErrorFacts, type KnownCause, OperatorError } from './cause.js'
import { FILE_CAUSES } from './file-causes.js'
import { GATEWAY_CAUSES } from './gateway-causes.js'
import { SERVER_CAUSES } from './server-causes.js'

/**
 * The table of causes outside of Overscan that can be recognized by an error: the start, the running processes and the doctor use the
 * same sentences. What no row matches is unknown, and may be a bug.
 */
export const KNOWN_CAUSES: readonly CauseRow[] = [...GATEWAY_CAUSES, ...SERVER_CAUSES, ...FILE_CAUSES]

/** The known cause of an error, or of one of its causes; undefined if there is none. */
export function findKnownCause(error: unknown): KnownCause | undefined {
  for (const one of withCauses(error)) {
    if (one instanceof OperatorError) return one.known
    const facts = factsOf(one)
    const row = KNOWN_CAUSES.find(({ matches }) => matches(facts))
    if (row) return row.explain(facts)
  }
  return undefined
}

/** An error, its `cause`, and those of an AggregateError. No error comes twice. */
function withCauses(error: unknown, seen = new Set<Error>()): Error[] {
  if (!(error instanceof Error) || seen.has(error)) return []
  seen.add(error)
  const inner = error instanceof AggregateError ? error.errors : []
  return [error, ...[error.cause, ...inner].flatMap(one => withCauses(one, seen))]
}

function factsOf(error: Error): ErrorFacts {
  const { code, message, syscall, path, port, address } = error as NodeJS.ErrnoException & {
    port?: number
    address?: string
  }
  return { code: String(code ?? ''), message, syscall, path, port, address }
}
