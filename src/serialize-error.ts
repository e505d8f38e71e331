/**
 * What of an error is written to a log. Libraries attach passwords, tokens, prompts and whole requests to their errors, so only
 * these fields are kept, and texts are redacted.
 */
export type SerializedError = {
  readonly type: string
  readonly message: string
  readonly stack: string
  readonly code?: string | number
  readonly status?: number
  readonly method?: string
  readonly syscall?: string
  /** The path of the request, without tokens. */
  readonly route?: string
  readonly cause?: SerializedError
  readonly errors?: readonly SerializedError[]
}

/** Chains of causes, and lists of errors, are cut off here. */
const MAX_DEPTH = 5
const MAX_ERRORS = 10

/** A longer message holds data, in characters. */
const MAX_MESSAGE_LENGTH = 1000

/** Shorter values could be ordinary words. In characters. */
const MIN_SECRET_LENGTH = 6

const HIDDEN = '[hidden]'

const secrets = new Set<string>()

/** Never write these values, wherever they appear: the settings that are secret. */
export function hideSecrets(values: readonly string[]): void {
  for (const value of values) {
    for (const secret of [value, ...passwordsIn(value)]) {
      if (secret.length < MIN_SECRET_LENGTH) continue
      secrets.add(secret)
      // As it is written in a line of JSON.
      secrets.add(JSON.stringify(secret).slice(1, -1))
    }
  }
}

/** The password of a URL, as it is written there and as it is meant. */
function passwordsIn(value: string): string[] {
  const [, password] = /^[a-z+]+:\/\/[^/?#]*?:([^/?#]*)@/i.exec(value) ?? []
  if (password === undefined) return []
  try {
    return [password, decodeURIComponent(password)]
  } catch {
    return [password]
  }
}

/** Where secrets stand in texts, whatever they are. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // The name and password of a URL.
  [/\b([a-z][a-z+.-]*:\/\/)[^\s/?#"'\\@]*@/gi, `$1${HIDDEN}@`],
  // Discord's interaction and webhook tokens.
  [/(\/(?:webhooks|interactions)\/\d+\/)[\w.~%[\]-]+/g, `$1${HIDDEN}`],
  // A bot's token: its id in base64, a time, a signature.
  [/\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}/g, HIDDEN],
  // A JSON Web Token: a link of the editor.
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, HIDDEN],
  // The query of a URL: signatures and keys.
  [/\b(https?:\/\/[^\s?#"'<>]*)\?[^\s"'<>\\]*/gi, `$1?${HIDDEN}`],
  [/\b(Bearer)\s+[\w.~+/=-]{8,}/g, `$1 ${HIDDEN}`],
  // Redis repeats what it did not understand.
  [/(with args beginning with:)[^"\\\n]*/g, `$1 ${HIDDEN}`],
]

/** A text without secrets. */
export function redact(text: string): string {
  let clean = text
  for (const secret of secrets) clean = clean.replaceAll(secret, HIDDEN)
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement)
  return clean
}

/** An error as data for a log. Whatever was thrown can be passed. */
export function serializeError(thrown: unknown, depth = 0): SerializedError {
  // Nothing is known of other values: an object may be a request.
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: primitiveText(thrown), stack: '' }
  const { code, status, method, syscall, url, cause, errors } = thrown as Error & Record<string, unknown>
  const deeper = (value: unknown) => serializeError(value, depth + 1)
  const isTooDeep = depth >= MAX_DEPTH
  return {
    type: thrown.name,
    message: safeMessage(thrown),
    stack: frames(thrown),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(typeof status === 'number' && { status }),
    ...(typeof method === 'string' && { method }),
    ...(typeof syscall === 'string' && { syscall }),
    ...(typeof url === 'string' && { route: redact(pathOf(url)) }),
    ...(cause !== undefined && !isTooDeep && { cause: deeper(cause) }),
    ...(Array.isArray(errors) && !isTooDeep && { errors: errors.slice(0, MAX_ERRORS).map(deeper) }),
  }
}

/** An error as text for a terminal, with its causes. */
export function formatError(thrown: unknown): string {
  const lines = (error: SerializedError): string[] => [
    `${error.type}: ${error.message}${error.code === undefined ? '' : ` (${error.code})`}`,
    ...(error.stack ? [error.stack] : []),
    ...[...(error.cause ? [error.cause] : []), ...(error.errors ?? [])].flatMap(lines),
  ]
  return lines(serializeError(thrown)).join('\n')
}

function primitiveText(value: unknown): string {
  return typeof value === 'object' || typeof value === 'function' ? '' : redact(String(value))
}

function safeMessage(error: Error): string {
  const { message } = error
  const withoutData = quotesData(error) ? message.replace(/"(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`/gs, '"…"') : message
  return redact(withoutData).slice(0, MAX_MESSAGE_LENGTH)
}

/** Whether a message quotes what it is about: a row of PostgreSQL (class 22 and 23), or a text that isn't JSON. */
function quotesData(error: Error): boolean {
  const { code } = error as { code?: unknown }
  return error instanceof SyntaxError || (typeof code === 'string' && /^2[23][0-9A-Z]{3}$/.test(code))
}

/** The calls in the stack: the message before them was redacted. */
function frames({ stack }: Error): string {
  const lines = (stack ?? '').split('\n').filter(line => /^\s+at /.test(line))
  return redact(lines.join('\n'))
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url.split(/[?#]/, 1)[0]!
}
