/** The limit that a picture's size exceeds: in megapixels, or where `side` is given, in pixels on a side. */
export type ExceededLimit = { readonly limit: number; readonly side?: number }

/**
 * A problem that a person can act on, as plain data. It is sent between processes and stored in queues as JSON, and becomes text only
 * where it is shown: each language in `i18n/` has a message for every code.
 */
export type Problem =
  | { code: 'no-such-file'; path: string }
  | { code: 'cannot-read'; path: string; reason: string }
  | { code: 'cannot-write'; path: string; reason: string }
  /** A folder of pictures, in the terminal. */
  | { code: 'folder-empty'; path: string }
  | { code: 'output-is-input'; path: string }
  /** In a folder of masks; `found` is how many are named like the picture. */
  | { code: 'mask-unmatched'; picture: string; folder: string; found: number }
  | { code: 'not-a-picture' }
  | { code: 'picture-format-unsupported'; format: 'HEIC' | 'JPEG XL' | 'JPEG 2000' | 'BMP' }
  /** Floating point, or more than 16 bits per channel. */
  | { code: 'picture-depth-unsupported' }
  | { code: 'picture-corrupt' }
  | { code: 'picture-too-large'; megapixels: number; side: number; limit: { megapixels: number; side: number } }
  | { code: 'picture-too-small'; width: number; height: number; limit: number }
  | { code: 'picture-transparent' }
  | { code: 'picture-missing' }
  /** A vector animation (Lottie). */
  | { code: 'sticker-unsupported' }
  /** The process that decoded it was stopped, or crashed. */
  | { code: 'picture-too-demanding' }
  | { code: 'file-too-large'; megabytes: number; limit: number }
  | ({ code: 'canvas-too-large'; width: number; height: number } & ExceededLimit)
  | { code: 'factor-out-of-range'; factor: number; min: number; max: number }
  | { code: 'factor-invalid'; text: string; min: number; max: number }
  | { code: 'zoom-changes-nothing' }
  | { code: 'length-invalid'; side: 'left' | 'right' | 'top' | 'bottom'; text: string }
  | { code: 'extend-changes-nothing' }
  | { code: 'aspect-invalid'; text: string }
  | { code: 'fit-changes-nothing'; width: number; height: number }
  /** Of a picture that is placed in a new frame. */
  | { code: 'scale-out-of-range'; scale: number; min: number; max: number }
  | { code: 'frame-out-of-range'; width: number; height: number; min: number; max: number }
  | { code: 'place-outside-frame'; width: number; height: number }
  | { code: 'place-covers-frame'; width: number; height: number }
  /** `anchors` are the names that are positions too. */
  | { code: 'position-invalid'; text: string; anchors: string }
  | { code: 'hires-too-large'; width: number; height: number; limit: number }
  | ({ code: 'upscale-too-large'; width: number; height: number; scale: number } & ExceededLimit)
  /** No earlier picture has more detail, or the next one was not found (`isGone`). */
  | { code: 'history-missing'; isGone: boolean }
  | { code: 'mask-size-differs'; mask: string; picture: string }
  | { code: 'mask-missing' }
  /** Inpainting without a mask fills what is transparent. */
  | { code: 'holes-missing' }
  | { code: 'mask-empty' }
  | { code: 'mask-low-contrast' }
  | { code: 'mask-not-recognized' }
  | { code: 'mask-full' }
  /** No point inside the object, and no box. */
  | { code: 'selection-empty' }
  /** `what` is a point or a box, as numbers. */
  | { code: 'selection-outside'; what: string; picture: string }
  | { code: 'selection-too-long'; limit: number }
  | { code: 'selection-found-nothing' }
  | { code: 'segment-model-missing' }
  | { code: 'objects-not-found' }
  /** Numbers that are not 1 to `count`. */
  | { code: 'object-unknown'; number: number; count: number }
  /** Not numbers. */
  | { code: 'object-numbers-invalid'; text: string }
  /** A mask file and numbers of objects at the same time. */
  | { code: 'mask-and-objects' }
  | { code: 'edit-invalid'; detail: string }
  | { code: 'prompt-too-long'; length: number; max: number }
  | { code: 'options-invalid'; detail: string }
  | { code: 'variations-out-of-range'; variations: number; max: number }
  | { code: 'seed-out-of-range'; seed: number | string; max: number }
  | { code: 'engine-unknown'; engine: string; known: string }
  | { code: 'engine-crashed' }
  /** By a signal, most likely the system's when memory ran out. */
  | { code: 'engine-killed' }
  | { code: 'model-incomplete'; model: string; missing: string }
  | { code: 'model-unreadable'; model: string; detail: string }
  /** `feature` is what a name in the model's configuration asks for, in English. */
  | { code: 'model-unsupported'; model: string; feature: string }
  | { code: 'controlnet-unknown'; controlnet: string; known: string }
  | { code: 'controlnet-unfit'; controlnet: string; model: string }
  | { code: 'controlnet-needs-checkpoint'; model: string }
  | { code: 'controlnet-unsupported'; controlnet: string; kind: string }
  | { code: 'model-is-refiner'; model: string }
  | { code: 'refiner-unfit'; refiner: string; model: string }
  | { code: 'sampler-unsupported'; model: string; sampler: string }
  /** On every allowed device; `detail` holds their messages. */
  | { code: 'out-of-memory'; model: string; detail: string }
  /** The output has NaN or infinite values: half precision overflowed, or the weights are no numbers. */
  | { code: 'model-overflowed'; model: string }
  | { code: 'checkpoint-is-pickle'; file: string }
  | { code: 'checkpoint-truncated'; file: string; has: number; needs: number }
  | { code: 'checkpoint-corrupt'; file: string; detail: string }
  | { code: 'checkpoint-unknown'; file: string }
  | { code: 'upscaler-unknown'; file: string }
  | { code: 'checkpoint-incomplete'; file: string; missing: string }
  | { code: 'checkpoint-is-lora'; file: string }
  | { code: 'lora-weight-invalid'; tag: string }
  | { code: 'lora-unknown'; lora: string; known: string }
  | { code: 'lora-incompatible'; lora: string; model: string }
  /** `kind` is a method of fine-tuning, or the name of a tensor in quotes. */
  | { code: 'lora-kind-unsupported'; lora: string; kind: string }
  | { code: 'lora-needs-checkpoint'; model: string }
  | { code: 'embedding-is-pickle'; file: string }
  | { code: 'download-failed'; url: string; reason: string }
  | { code: 'download-forbidden'; url: string }
  | { code: 'download-missing'; url: string }
  | { code: 'download-is-page'; url: string }
  | { code: 'download-corrupt'; file: string }
  /** `limit`: the announced size, or what fits on the disk, as text. */
  | { code: 'download-too-large'; file: string; limit: string }
  /** From the internet into this machine's network, to another site with the token, or in a circle. Hosts. */
  | { code: 'redirect-refused'; from: string; to: string }
  /** Named by a list of files from outside. */
  | { code: 'path-outside-folder'; path: string }
  /** The SHA-256 of a catalog file, and the pinned one. */
  | { code: 'model-checksum-changed'; file: string; is: string; was: string; lock: string }
  /** Sizes in gigabytes. */
  | { code: 'disk-space-low'; path: string; needs: number; free: number }
  /** Memory in gigabytes. */
  | { code: 'model-too-large'; model: string; needs: number; has: number; device: string }
  | { code: 'device-unusable'; device: string; reason: string }
  | { code: 'cuda-platform-unsupported'; platform: string; instead: 'dml' | 'coreml' | 'webgpu' }
  | { code: 'cuda-not-installed'; reason: string }
  | { code: 'cuda-card-missing' }
  /** `needs` is the number of the oldest series of drivers. */
  | { code: 'cuda-driver-too-old'; driver: string; needs: number }
  | { code: 'cuda-card-too-old'; card: string }
  /** `has` is undefined on a Linux with another C library. */
  | { code: 'glibc-too-old'; has: string | undefined; needs: string }
  /** And there is no terminal to ask for it. */
  | { code: 'token-missing' }
  | { code: 'discord-unreachable'; reason: string }
  | { code: 'discord-rejected'; status: number; reason: string }
  | { code: 'repository-ambiguous'; repository: string; files: string }
  | { code: 'model-exists'; model: string }
  | { code: 'model-name-invalid'; name: string }
  | { code: 'not-a-model'; path: string }
  /** `closest` is the most similar name in the catalog. */
  | { code: 'model-source-unknown'; text: string; closest: string | undefined }
  | { code: 'model-name-too-long'; model: string; limit: number }
  | { code: 'clip-skip'; model: string; clipSkip: number }
  | { code: 'size-invalid'; text: string; min: number; max: number }
  /** No installed engine supports it. */
  | { code: 'needs-model'; what: 'vary' | 'imagine' | 'creative' }
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
  /** Channels and roles are Discord mentions. */
  | { code: 'channel-not-allowed'; channels: string }
  | { code: 'role-not-allowed'; roles: string }
  | { code: 'restricted-only' }
  | { code: 'word-forbidden'; word: string }
  | { code: 'queue-draining' }
  | { code: 'direct-messages-closed' }
  | { code: 'job-already-ended' }
  | { code: 'result-too-large'; limit: number }
  /** No way was open for the pictures; they are kept for a day. */
  | { code: 'result-kept'; why: 'automod' | 'explicit-content' | 'thread-closed' | 'forbidden' | 'refused' }
  /** Discord refuses what a request needs. */
  | { code: 'discord-refused'; why: 'automod' | 'explicit-content' | 'thread-closed' | 'no-permission' | 'refused' }
  /** The message, or its channel. */
  | { code: 'message-deleted' }
  | { code: 'setting-missing'; name: string }
  | { code: 'setting-invalid'; detail: string }
  /** In the environment or in `.env`. */
  | { code: 'configuration-invalid'; faults: readonly ConfigFault[] }
  /** With a shared queue (`because`) no playground starts instead. */
  | { code: 'bot-token-missing'; because: string }
  /** In a `.env` file: dotenv would not read the value back unchanged, whatever the quotes. */
  | { code: 'setting-not-writable'; name: string }
  | { code: 'login-refused' }
  | { code: 'queue-full'; waiting: number; limit: number }
  | { code: 'queue-full-for-person'; waiting: number; limit: number }
  | { code: 'queue-full-for-server'; waiting: number; limit: number }
  | { code: 'queue-unreachable' }
  /** No connected worker has this engine for a picture of this size. */
  | { code: 'no-capable-worker'; engine: string; megapixels: number }
  | { code: 'job-lost' }
  /** Written by another version of the program. */
  | { code: 'job-incompatible' }
  | { code: 'disk-full' }
  | { code: 'folder-in-use'; path: string }
  | { code: 'port-taken'; port: number; setting: string }
  | { code: 'pages-not-built' }
  /** Discord rejects `DISCORD_CLIENT_SECRET`. */
  | { code: 'activity-secret-rejected' }
  /** Discord doesn't confirm who opened the page. */
  | { code: 'activity-login-refused' }
  | { code: 'discord-not-responding' }
  /** `until`: when painting is allowed again, in ms since 1970. */
  | {
      code: 'quota-exceeded'
      whose: 'person' | 'server'
      what: 'pictures' | 'seconds'
      limit: number
      per: 'hour' | 'day'
      until: number
    }
  | { code: 'settings-corrupt'; path: string }
  /** The bot ended before it could put the request into the queue. */
  | { code: 'interrupted' }
  | { code: 'cancelled' }
  | { code: 'stopped' }
  /** A known cause outside of Overscan, which the log has under this id: only the operator can remove it. */
  | { code: 'operator-needed'; incident: string }
  /** A bug of Overscan. The log has the details under this id. */
  | { code: 'bug'; incident: string }

/** The values that a setting accepts. Numbers are integers and `max` is allowed; `minLength` is in characters. */
export type ConfigValueKind =
  | { readonly kind: 'text'; readonly minLength: number }
  | { readonly kind: 'number'; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'url'; readonly schemes: readonly string[] }
  | { readonly kind: 'devices' }
  | { readonly kind: 'ascii' }
  | { readonly kind: 'shards' }

/** A fault in the environment, or in `.env` where it has a line number. Secret values are left out. */
export type ConfigFault =
  | { kind: 'malformed'; name: string; value: string | undefined; expected: ConfigValueKind }
  /** No setting has that name; `closest` is a similar one. */
  | { kind: 'unknown'; name: string | undefined; closest: string | undefined; line: number | undefined }
  | { kind: 'duplicate'; name: string; lines: readonly number[] }
  | { kind: 'unreadable'; line: number }
  /** Quotation marks that would become part of the value. */
  | { kind: 'quotes'; name: string; mark: string }
  /** Of the whole `.env` file; no setting of it is read. */
  | { kind: 'encoding'; encoding: 'UTF-16' }

/** Carries a {@link Problem}. Every other error is a bug of Overscan. */
export class UserError extends Error {
  override readonly name = 'UserError'
  constructor(
    readonly problem: Problem,
    options?: ErrorOptions,
  ) {
    super(`${problem.code} ${JSON.stringify(problem)}`, options)
  }
}
