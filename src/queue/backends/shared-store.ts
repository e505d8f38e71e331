/** Small texts that all processes share, and publish/subscribe between the processes. */
export interface SharedStore {
  /** Set one entry of a map. It stays until it is deleted. */
  putEntry(map: string, field: string, text: string): Promise<void>
  /** Set one entry, unless it is no longer `before`. @returns whether it was set */
  replaceEntry(map: string, field: string, before: string, after: string): Promise<boolean>
  getEntry(map: string, field: string): Promise<string | undefined>
  getEntries(map: string): Promise<Map<string, string>>
  deleteEntry(map: string, field: string): Promise<void>
  /** True for the first caller; for others only after `seconds` have passed. */
  claim(name: string, seconds: number): Promise<boolean>
  /** Set a text that expires after `seconds`. A later `set` replaces it. */
  set(name: string, seconds: number, text: string): Promise<void>
  /** @returns undefined for a text that was never set or has expired */
  get(name: string): Promise<string | undefined>
  /**
   * Change several texts of `set` in one atomic step, or none of them where one is no longer as it was `before`.
   *
   * @returns whether they were changed
   */
  compareAndSet(changes: readonly TextChange[]): Promise<boolean>
  /** Reaches those who are subscribed right now. A subscriber that may have missed it gets `onReconnect` later. */
  publish(channel: string, text: string): Promise<void>
  subscribe(channel: string, listener: Listener): Promise<Unsubscribe>
}

/** A change of a text that expires after `seconds`. Undefined means that there is none. */
export type TextChange = {
  readonly name: string
  readonly before: string | undefined
  readonly after: string | undefined
  readonly seconds: number
}

export type Listener = {
  readonly onMessage: (text: string) => void
  /** The connection was lost and is back: messages may have been missed. */
  readonly onReconnect: () => void
}
export type Unsubscribe = () => Promise<void>
