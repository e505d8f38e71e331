/** Texts that all bots of a token share and that expire. */
export type ExpiringStore = {
  set(name: string, seconds: number, text: string): Promise<void>
  get(name: string): Promise<string | undefined>
}
