/**
 * Something that a person can do something about, as data: it crosses processes and queues as JSON and becomes a
 * sentence only where it is shown (`sentences.ts` demands one for each code).
 */
export type Problem =
  | { code: 'no-such-file'; path: string }
  | { code: 'cannot-read'; path: string; reason: string }
  | { code: 'cannot-write'; path: string; reason: string }
  | { code: 'not-a-picture' }
  | { code: 'picture-broken' }
  | { code: 'picture-too-large'; megapixels: number; side: number; limit: { megapixels: number; side: number } }
  | { code: 'picture-too-small'; width: number; height: number; limit: number }
  | { code: 'picture-see-through' }
  | { code: 'picture-missing' }
  | { code: 'file-too-large'; megabytes: number; limit: number }
  | { code: 'canvas-too-large'; width: number; height: number; limit: number }
  | { code: 'factor-out-of-range'; factor: number; min: number; max: number }
  | { code: 'factor-unreadable'; text: string; min: number; max: number }
  | { code: 'zoom-nothing' }
  | { code: 'length-unreadable'; side: 'left' | 'right' | 'top' | 'bottom'; text: string }
  | { code: 'extends-nothing' }
  | { code: 'aspect-unreadable'; text: string }
  | { code: 'fits-already'; width: number; height: number }
  | { code: 'mask-size-differs'; mask: string; picture: string }
  | { code: 'mask-missing' }
  | { code: 'mask-empty' }
  | { code: 'mask-faint' }
  | { code: 'mask-unclear' }
  | { code: 'mask-full' }
  | { code: 'edit-unreadable'; detail: string }
  | { code: 'options-unreadable'; detail: string }
  | { code: 'variations-out-of-range'; variations: number; max: number }
  | { code: 'seed-out-of-range'; seed: number; max: number }
  | { code: 'engine-unknown'; engine: string; known: string }
  | { code: 'engine-crashed' }
  /** Not by us: the system does it where memory has run out, and so may whoever runs the machine. */
  | { code: 'engine-killed' }
  | { code: 'model-incomplete'; model: string; missing: string }
  | { code: 'model-unreadable'; model: string; detail: string }
  /** On every device that it may use; `detail` is what these said. */
  | { code: 'out-of-memory'; model: string; detail: string }
  /** What came out are no numbers: half precision was too small for them. */
  | { code: 'model-overflowed'; model: string }
  | { code: 'checkpoint-pickled'; file: string }
  | { code: 'checkpoint-truncated'; file: string; has: number; needs: number }
  | { code: 'checkpoint-broken'; file: string; detail: string }
  | { code: 'checkpoint-unknown'; file: string }
  | { code: 'checkpoint-incomplete'; file: string; missing: string }
  | { code: 'checkpoint-is-lora'; file: string }
  | { code: 'lora-unknown'; lora: string; known: string }
  | { code: 'lora-foreign'; lora: string; model: string }
  | { code: 'lora-needs-checkpoint'; model: string }
  | { code: 'download-failed'; url: string; reason: string }
  | { code: 'download-forbidden'; url: string }
  | { code: 'download-missing'; url: string }
  | { code: 'download-corrupt'; file: string }
  /** SHA-256 of a file of the catalogue, and what it was. */
  | { code: 'model-changed'; file: string; is: string; was: string; lock: string }
  /** In gigabytes. */
  | { code: 'no-room'; path: string; needs: number; free: number }
  /** In gigabytes. */
  | { code: 'model-too-large'; model: string; needs: number; has: number; device: string }
  | { code: 'device-unusable'; device: string; reason: string }
  | { code: 'cuda-elsewhere'; platform: string; instead: 'dml' | 'coreml' | 'webgpu' }
  | { code: 'cuda-not-installed'; reason: string }
  /** And nobody who could be asked for it. */
  | { code: 'token-missing' }
  | { code: 'discord-unreachable'; reason: string }
  | { code: 'discord-declined'; status: number; reason: string }
  | { code: 'repository-unclear'; repository: string; files: string }
  | { code: 'model-exists'; model: string }
  | { code: 'model-nameless' }
  | { code: 'clip-skip'; model: string; clipSkip: number }
  | { code: 'size-unreadable'; text: string; min: number; max: number }
  /** There is no model that could do it without a picture that it painted itself. */
  | { code: 'needs-model'; what: 'vary' | 'imagine' }
  | { code: 'needs-another-model'; engine: string; models: string }
  | { code: 'recipe-differs' }
  | { code: 'attachment-missing' }
  | { code: 'attachment-gone' }
  | { code: 'attachment-unreachable' }
  | { code: 'attachment-foreign'; host: string }
  | { code: 'button-unknown' }
  | { code: 'recipe-missing' }
  | { code: 'source-missing' }
  | { code: 'not-yours' }
  | { code: 'not-manager' }
  | { code: 'server-only' }
  /** Channels and roles as Discord mentions them. */
  | { code: 'channel-not-allowed'; channels: string }
  | { code: 'role-not-allowed'; roles: string }
  | { code: 'restricted-only' }
  | { code: 'word-forbidden'; word: string }
  | { code: 'line-draining' }
  | { code: 'direct-messages-closed' }
  | { code: 'ended-already' }
  | { code: 'result-too-large'; limit: number }
  | { code: 'setting-missing'; name: string }
  | { code: 'setting-wrong'; detail: string }
  /** The environment, or `.env`. */
  | { code: 'configuration-wrong'; faults: readonly Fault[] }
  /** And where others share the line, no playground is opened instead. */
  | { code: 'bot-tokenless'; because: string }
  /** In a `.env` file: between no quotes would it be read back as it is. */
  | { code: 'setting-unwritable'; name: string }
  | { code: 'login-refused' }
  | { code: 'queue-full'; waiting: number; limit: number }
  | { code: 'queue-full-for-you'; waiting: number; limit: number }
  | { code: 'queue-full-for-server'; waiting: number; limit: number }
  | { code: 'queue-unreachable' }
  /** None of those who paint right now has the engine for so large a picture. */
  | { code: 'nobody-able'; engine: string; megapixels: number }
  | { code: 'job-lost' }
  /** Another version made it. */
  | { code: 'job-unreadable' }
  | { code: 'disk-full' }
  | { code: 'folder-in-use'; path: string }
  | { code: 'port-taken'; port: number; setting: string }
  | { code: 'pages-missing' }
  /** Discord does not take `DISCORD_CLIENT_SECRET`. */
  | { code: 'activity-secret' }
  /** Discord does not vouch for who opened the page. */
  | { code: 'activity-refused' }
  | { code: 'discord-silent' }
  /** `until` in milliseconds since 1970: when one may go on. */
  | {
      code: 'quota-spent'
      whose: 'person' | 'server'
      what: 'pictures' | 'seconds'
      limit: number
      per: 'hour' | 'day'
      until: number
    }
  | { code: 'settings-broken'; path: string }
  | { code: 'cancelled' }
  | { code: 'stopped' }
  /** A bug of ours: the log tells all about it under this id. */
  | { code: 'bug'; incident: string }

/** What a setting of the environment can be. Numbers are whole, `max` included; `least` is in characters. */
export type Values =
  | { readonly kind: 'text'; readonly least: number }
  | { readonly kind: 'number'; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'address'; readonly schemes: readonly string[] }
  | { readonly kind: 'devices' }

/** One thing that is wrong in the environment or, where there is a line, in `.env`. Secrets are left out. */
export type Fault =
  | { what: 'malformed'; name: string; found: string | undefined; values: Values }
  /** No setting has that name; `meant` is the one that comes near. */
  | { what: 'unknown'; name: string | undefined; meant: string | undefined; line: number | undefined }
  | { what: 'twice'; name: string; lines: readonly number[] }
  | { what: 'unreadable'; line: number }

/** Thrown wherever a {@link Problem} is found. Anything else that is thrown is a bug of ours. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  constructor(
    readonly problem: Problem,
    options?: ErrorOptions,
  ) {
    super(`${problem.code} ${JSON.stringify(problem)}`, options)
  }
}
