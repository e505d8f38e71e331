import { z } from 'zod'
import { parseJson } from '../../parse-json.js'
import type { ExpiringStore } from '../expiring-store.js'

/** How long the objects of a picture are offered, in seconds. */
const OBJECTS_LIFETIME_SECONDS = 30 * 60

const sharesSchema = z.array(z.number()).max(25)

/** Of the picture whose numbered objects each person saw last: how much of the picture each is. Its autocomplete offers them. */
export interface RecentObjects {
  set(person: string, shares: readonly number[]): Promise<void>
  /** None where there are none, or they have expired. */
  get(person: string): Promise<readonly number[]>
  forget(person: string): Promise<void>
}

export function createRecentObjects(store: ExpiringStore): RecentObjects {
  const key = (person: string) => `objects:${person}`
  return {
    set: (person, shares) => store.set(key(person), OBJECTS_LIFETIME_SECONDS, JSON.stringify(shares)),
    // What another version wrote counts as expired, like what was forgotten.
    get: async person => sharesSchema.safeParse(parseJson(await store.get(key(person)))).data ?? [],
    forget: person => store.set(key(person), 1, ''),
  }
}
