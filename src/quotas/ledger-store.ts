import { type Ledger, ledgerExpiry, parseLedger } from './ledger.js'
import type { Requester } from './limits.js'

/** What this file needs of the store that all processes share. */
export type QuotaStore = {
  get(name: string): Promise<string | undefined>
  compareAndSet(
    changes: readonly { name: string; before: string | undefined; after: string | undefined; seconds: number }[],
  ): Promise<boolean>
}

/** The ledgers that a request is counted in. */
export type Ledgers = { readonly person: Ledger; readonly server?: Ledger }

type Owners = Pick<Requester, 'person' | 'server'>

export function ledgerStore(store: QuotaStore) {
  /** The texts of the person's ledger and, if there is a server, of that server's. */
  async function read({ person, server }: Owners) {
    const names = [`quota:person:${person}`, ...(server === undefined ? [] : [`quota:server:${server}`])]
    return Promise.all(names.map(async name => ({ name, text: await store.get(name) })))
  }

  const parse = (texts: readonly { text: string | undefined }[], now: number): Ledgers => {
    const [person, server] = texts.map(({ text }) => parseLedger(text, now))
    return { person: person!, ...(server && { server }) }
  }

  async function update(owners: Owners, change: (ledgers: Ledgers, now: number) => Ledgers): Promise<Ledgers> {
    for (;;) {
      const now = Date.now()
      const texts = await read(owners)
      const ledgers = change(parse(texts, now), now)
      const changes = texts.map(({ name, text }, index) => {
        const ledger = index === 0 ? ledgers.person : ledgers.server!
        const expiry = ledgerExpiry(ledger)
        const after = expiry === undefined ? undefined : JSON.stringify(ledger)
        return { name, before: text, after, seconds: Math.ceil(((expiry ?? now) - now) / 1000) }
      })
      if (changes.every(({ before, after }) => before === after) || (await store.compareAndSet(changes))) return ledgers
    }
  }

  // One at a time: within this process nobody has to try twice.
  let lastUpdate: Promise<unknown> = Promise.resolve()
  return {
    async read(owners: Owners): Promise<Ledgers> {
      return parse(await read(owners), Date.now())
    },
    /**
     * Change the ledgers in one atomic step, for all processes together.
     *
     * @param change is called again where another process was faster. Where it throws, nothing is changed
     * @returns the changed ledgers
     */
    update(...call: Parameters<typeof update>): Promise<Ledgers> {
      const next = lastUpdate.then(() => update(...call))
      lastUpdate = next.catch(() => {})
      return next
    },
  }
}
