import { z } from 'zod'
import { parseJson } from '../../parse-json.js'
import type { ExpiringStore } from '../expiring-store.js'
import { type DrawingTarget, drawingTargetSchema } from './target.js'

/** How long a target is remembered, in seconds. */
const TARGET_LIFETIME_SECONDS = 30 * 60

const recentTargetSchema = z.strictObject({
  region: drawingTargetSchema,
  /** The interaction that asked. */
  press: z.string(),
})
export type RecentTarget = z.infer<typeof recentTargetSchema>

/**
 * What each person last asked to draw on. An Activity learns who opened it, but not which button they pressed, and its
 * request may reach another bot of the same token.
 */
export interface RecentTargets {
  /** @param interaction the id of the interaction that asked */
  set(target: DrawingTarget, interaction: string): Promise<void>
  /** Undefined where there is none, or it has expired. */
  get(person: string): Promise<RecentTarget | undefined>
  forget(person: string): Promise<void>
}

export function createRecentTargets(store: ExpiringStore): RecentTargets {
  const key = (person: string) => `asked:${person}`
  return {
    set: (target, interaction) =>
      store.set(key(target.person), TARGET_LIFETIME_SECONDS, JSON.stringify({ region: target, press: interaction })),
    async get(person) {
      // What another version wrote counts as expired, like what was forgotten.
      const { data: recent } = recentTargetSchema.safeParse(parseJson(await store.get(key(person))))
      return recent?.region.person === person ? recent : undefined
    },
    forget: person => store.set(key(person), 1, ''),
  }
}
