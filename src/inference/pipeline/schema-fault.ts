import type { z } from 'zod'

/** The first fault that a schema found, for a sentence in any language: `padding: 600 > 512`, `resize: x (fit, fill)`. */
export function describeFault(error: z.ZodError, value: unknown): string {
  const [issue] = error.issues
  if (!issue) return ''
  if (issue.code === 'unrecognized_keys') return issue.keys.join(', ')
  const name = issue.path.join('.') || 'kind'
  const given = issue.path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), value)
  if (given === undefined) return name
  const described = typeof given === 'object' ? name : `${name}: ${String(given)}`
  switch (issue.code) {
    case 'too_small':
      return `${described} < ${issue.minimum}`
    case 'too_big':
      return `${described} > ${issue.maximum}`
    case 'invalid_value':
      return `${described} (${issue.values.join(', ')})`
    default:
      return described
  }
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null
}
