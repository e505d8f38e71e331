import type { APIAttachment, APIMessage, APIUser } from 'discord.js'

/** A stored message. Its attachments are ids, because their URLs are signed on each read; see `messages.ts`. */
export type StoredMessage = Omit<APIMessage, 'attachments'> & {
  attachments: string[]
  /** The id of the user who sees it, if it is ephemeral. */
  visibleTo?: string
  /** What it forwards. */
  snapshot?: StoredSnapshot
}

export type StoredAttachment = {
  readonly info: Omit<APIAttachment, 'url' | 'proxy_url'>
  readonly channelId: string
  readonly ephemeral: boolean
  readonly bytes: Buffer
}

/** What a forward keeps of a message. Its attachments are ids; see {@link StoredMessage}. */
export type StoredSnapshot = Pick<
  StoredMessage,
  | 'type'
  | 'content'
  | 'mentions'
  | 'mention_roles'
  | 'attachments'
  | 'embeds'
  | 'timestamp'
  | 'edited_timestamp'
  | 'flags'
  | 'components'
  | 'sticker_items'
>

/** A picture elsewhere on the internet, as Discord's proxy fetches it. */
export type LinkedPicture = {
  readonly data: Uint8Array
  readonly contentType: string
  readonly width: number
  readonly height: number
}

export type RateLimiter = {
  /** Count a request. @returns the headers of its answer. @throws RateLimited */
  take(method: string, template: string | undefined, path: string): Record<string, string>
}

export type StoredSticker = { readonly extension: 'png' | 'gif' | 'json'; readonly data: Uint8Array }

/** An interaction and the bot's responses. */
export type StoredInteraction = {
  readonly id: string
  readonly token: string
  readonly type: number
  readonly user: APIUser
  readonly channelId: string
  /** `authorizing_integration_owners`: ids by integration type, 0 guild install, 1 user install. */
  readonly integrationOwners: Readonly<Record<string, string>>
  readonly createdAt: number
  /** The message of the component, or of the component that opened the modal. */
  readonly sourceMessage?: StoredMessage
  /** The id of the interaction that opened the modal. */
  readonly triggerId?: string
  /** Undefined until the bot responds. */
  callbackType?: number
  /** The callback's data. */
  callback?: Record<string, unknown>
  /** Undefined until there is one, null after it was deleted. */
  originalResponse?: StoredMessage | null
  /** Whether the response is deferred and still empty. */
  loading?: boolean
  /** Whether the original response was edited by the interaction's token. */
  edited?: boolean
  readonly followUps: StoredMessage[]
  /** The Activity instance that the callback launched. */
  activityInstanceId?: string
  /** Resolves the sender's promise. */
  readonly acknowledge: (answer: { type: number; afterMs: number }) => void
}

/** An Activity instance. */
export type ActivityInstance = {
  readonly id: string
  readonly launchId: string
  readonly channelId: string
  readonly users: Set<string>
}

/** What a user allowed the application, by an OAuth 2 code or an access token. */
export type OAuthGrant = { readonly user: string; readonly scopes: readonly string[]; readonly expiresAt: number }

export type Violation = {
  readonly direction: 'request' | 'response'
  readonly route: string
  readonly errors: string[]
}

export type LoggedRequest = {
  /** Milliseconds since 1970, on the emulator's clock. */
  readonly at: number
  readonly method: string
  readonly path: string
  /** Like `/channels/{channel}/messages`; undefined if there is no such route. */
  readonly route: string | undefined
  status: number
  readonly body: unknown
  readonly files: readonly { readonly name: string; readonly size: number }[]
}
