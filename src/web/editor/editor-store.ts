/** A store in this browser, whose records are removed when they expire. Keys are sorted. */
export type EditorStore = {
  get(key: string): Promise<unknown>
  /** The values of the keys with this beginning, in the order of the keys. */
  list(prefix: string): Promise<unknown[]>
  /** @param expires in milliseconds since 1970 */
  set(key: string, value: unknown, expires: number): Promise<void>
}

type Entry = { readonly value: unknown; readonly expires: number }

/** Increase it when records change their form: those of another version are removed. */
const VERSION = 1
const DATABASE = 'overscan editor'
const RECORDS = 'records'

/** IndexedDB, or the page's memory where the browser gives it none (some do so in frames and in private windows). */
export async function openEditorStore(): Promise<EditorStore> {
  try {
    const database = await openDatabase()
    await removeExpired(database)
    return indexedStore(database)
  } catch {
    return memoryStore()
  }
}

function openDatabase(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE, VERSION)
  opening.onupgradeneeded = () => {
    const { result } = opening
    for (const name of result.objectStoreNames) result.deleteObjectStore(name)
    result.createObjectStore(RECORDS)
  }
  return settled(opening)
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

function removeExpired(database: IDBDatabase): Promise<void> {
  const transaction = database.transaction(RECORDS, 'readwrite')
  const cursors = transaction.objectStore(RECORDS).openCursor()
  cursors.onsuccess = () => {
    const cursor = cursors.result
    if (!cursor) return
    if ((cursor.value as Entry).expires < Date.now()) cursor.delete()
    cursor.continue()
  }
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onerror = () => reject(transaction.error)
  })
}

function indexedStore(database: IDBDatabase): EditorStore {
  const records = (mode: IDBTransactionMode) => database.transaction(RECORDS, mode).objectStore(RECORDS)
  return {
    async get(key) {
      const entry: Entry | undefined = await settled(records('readonly').get(key))
      return entry?.value
    },
    async list(prefix) {
      const entries: Entry[] = await settled(records('readonly').getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)))
      return entries.map(({ value }) => value)
    },
    async set(key, value, expires) {
      await settled(records('readwrite').put({ value, expires } satisfies Entry, key))
    },
  }
}

function memoryStore(): EditorStore {
  const values = new Map<string, unknown>()
  return {
    get: async key => values.get(key),
    list: async prefix => [...values].flatMap(([key, value]) => (key.startsWith(prefix) ? [value] : [])),
    set: async (key, value) => {
      values.set(key, value)
    },
  }
}
