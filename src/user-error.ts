/**
 * Something that a person can do something about, as data: it crosses processes and queues as JSON and becomes a
 * sentence only where it is shown (`sentences.ts` demands one for each code).
 */
export type Problem =
  | { code: 'no-such-file'; path: string }
  | { code: 'cannot-read'; path: string; reason: string }
  | { code: 'cannot-write'; path: string; reason: string }
  | { code: 'not-a-picture' }
  | { code: 'picture-corrupt' }
  | { code: 'picture-too-large'; megapixels: number; side: number; limit: { megapixels: number; side: number } }
  | { code: 'picture-too-small'; width: number; height: number; limit: number }
  | { code: 'picture-transparent' }
  | { code: 'picture-missing' }
  | { code: 'file-too-large'; megabytes: number; limit: number }
  | { code: 'canvas-too-large'; width: number; height: number; limit: number }
  | { code: 'factor-out-of-range'; factor: number; min: number; max: number }
  | { code: 'factor-invalid'; text: string; min: number; max: number }
  | { code: 'zoom-changes-nothing' }
  | { code: 'length-invalid'; side: 'left' | 'right' | 'top' | 'bottom'; text: string }
  | { code: 'extend-changes-nothing' }
  | { code: 'aspect-invalid'; text: string }
  | { code: 'fit-changes-nothing'; width: number; height: number }
  | { code: 'mask-size-differs'; mask: string; picture: string }
  | { code: 'mask-missing' }
  | { code: 'mask-empty' }
  | { code: 'mask-low-contrast' }
  | { code: 'mask-not-recognized' }
  | { code: 'mask-full' }
  | { code: 'edit-invalid'; detail: string }
  | { code: 'options-invalid'; detail: string }
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
  | { code: 'checkpoint-is-pickle'; file: string }
  | { code: 'checkpoint-truncated'; file: string; has: number; needs: number }
  | { code: 'checkpoint-corrupt'; file: string; detail: string }
  | { code: 'checkpoint-unknown'; file: string }
  | { code: 'checkpoint-incomplete'; file: string; missing: string }
  | { code: 'checkpoint-is-lora'; file: string }
  | { code: 'lora-unknown'; lora: string; known: string }
  | { code: 'lora-incompatible'; lora: string; model: string }
  | { code: 'lora-needs-checkpoint'; model: string }
  | { code: 'download-failed'; url: string; reason: string }
  | { code: 'download-forbidden'; url: string }
  | { code: 'download-missing'; url: string }
  | { code: 'download-corrupt'; file: string }
  /** SHA-256 of a file of the catalogue, and what it was. */
  | { code: 'model-checksum-changed'; file: string; is: string; was: string; lock: string }
  /** In gigabytes. */
  | { code: 'disk-space-low'; path: string; needs: number; free: number }
  /** In gigabytes. */
  | { code: 'model-too-large'; model: string; needs: number; has: number; device: string }
  | { code: 'device-unusable'; device: string; reason: string }
  | { code: 'cuda-platform-unsupported'; platform: string; instead: 'dml' | 'coreml' | 'webgpu' }
  | { code: 'cuda-not-installed'; reason: string }
  /** And nobody who could be asked for it. */
  | { code: 'token-missing' }
  | { code: 'discord-unreachable'; reason: string }
  | { code: 'discord-rejected'; status: number; reason: string }
  | { code: 'repository-ambiguous'; repository: string; files: string }
  | { code: 'model-exists'; model: string }
  | { code: 'model-name-invalid' }
  | { code: 'clip-skip'; model: string; clipSkip: number }
  | { code: 'size-invalid'; text: string; min: number; max: number }
  /** There is no model that could do it without a picture that it painted itself. */
  | { code: 'needs-model'; what: 'vary' | 'imagine' }
  | { code: 'needs-another-model'; engine: string; models: string }
  | { code: 'recipe-mismatch' }
  | { code: 'attachment-missing' }
  | { code: 'attachment-deleted' }
  | { code: 'attachment-unreachable' }
  | { code: 'attachment-host-not-allowed'; host: string }
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
  | { code: 'queue-draining' }
  | { code: 'direct-messages-closed' }
  | { code: 'job-already-ended' }
  | { code: 'result-too-large'; limit: number }
  | { code: 'setting-missing'; name: string }
  | { code: 'setting-invalid'; detail: string }
  /** The environment, or `.env`. */
  | { code: 'configuration-invalid'; faults: readonly ConfigFault[] }
  /** And where others share the line, no playground is opened instead. */
  | { code: 'bot-token-missing'; because: string }
  /** In a `.env` file: between no quotes would it be read back as it is. */
  | { code: 'setting-not-writable'; name: string }
  | { code: 'login-refused' }
  | { code: 'queue-full'; waiting: number; limit: number }
  | { code: 'queue-full-for-person'; waiting: number; limit: number }
  | { code: 'queue-full-for-server'; waiting: number; limit: number }
  | { code: 'queue-unreachable' }
  /** None of those who paint right now has the engine for so large a picture. */
  | { code: 'no-capable-worker'; engine: string; megapixels: number }
  | { code: 'job-lost' }
  /** Another version made it. */
  | { code: 'job-incompatible' }
  | { code: 'disk-full' }
  | { code: 'folder-in-use'; path: string }
  | { code: 'port-taken'; port: number; setting: string }
  | { code: 'pages-not-built' }
  /** Discord does not take `DISCORD_CLIENT_SECRET`. */
  | { code: 'activity-secret-rejected' }
  /** Discord does not vouch for who opened the page. */
  | { code: 'activity-login-refused' }
  | { code: 'discord-not-responding' }
  /** `until` in milliseconds since 1970: when one may go on. */
  | {
      code: 'quota-exceeded'
      whose: 'person' | 'server'
      what: 'pictures' | 'seconds'
      limit: number
      per: 'hour' | 'day'
      until: number
    }
  | { code: 'settings-corrupt'; path: string }
  | { code: 'cancelled' }
  | { code: 'stopped' }
  /** A bug of ours: the log tells all about it under this id. */
  | { code: 'bug'; incident: string }

/** What a setting of the environment can be. Numbers are whole, `max` included; `least` is in characters. */
export type ConfigValueKind =
  | { readonly kind: 'text'; readonly least: number }
  | { readonly kind: 'number'; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'address'; readonly schemes: readonly string[] }
  | { readonly kind: 'devices' }

/** One thing that is wrong in the environment or, where there is a line, in `.env`. Secrets are left out. */
export type ConfigFault =
  | { what: 'malformed'; name: string; found: string | undefined; values: ConfigValueKind }
  /** No setting has that name; `meant` is the one that comes near. */
  | { what: 'unknown'; name: string | undefined; meant: string | undefined; line: number | undefined }
  | { what: 'twice'; name: string; lines: readonly number[] }
  | { what: 'unreadable'; line: number }

/** Thrown wherever a {@link Problem} is found. Anything else that is thrown is a bug of ours. */
export class UserError extends Error {
  override readonly name = 'ProblemError'
  constructor(
    readonly problem: Problem,
    options?: ErrorOptions,
  ) {
    super(`${problem.code} ${JSON.stringify(problem)}`, options)
  }
}
