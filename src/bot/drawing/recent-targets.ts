import { z } from 'zod'
import type { ExpiringStore } from '../messages/picture-links.js'
import { type DrawingTarget, drawingTargetSchema } from './session.js'

/** How long it is remembered, in seconds. */
const LIFE = 30 * 60

const askedSchema = z.strictObject({
  region: drawingTargetSchema,
  /** The interaction that asked. */
  press: z.string(),
})
export type RecentTarget = z.infer<typeof askedSchema>

/**
 * What each person last asked to draw on. The page that Discord opens within itself ("Activity") comes to know who looks at it,
 * but not which button they pressed, and its request may reach another of several bots.
 */
export interface RecentTargets {
  set(region: DrawingTarget, press: string): Promise<void>
  /** Undefined where there is nothing, or it is more than half an hour ago. */
  get(person: string): Promise<RecentTarget | undefined>
  forget(person: string): Promise<void>
}

export function createRecentTargets(texts: ExpiringStore): RecentTargets {
  const name = (person: string) => `asked:${person}`
  return {
    set: (region, press) => texts.set(name(region.person), LIFE, JSON.stringify({ region, press })),
    async get(person) {
      const text = await texts.get(name(person))
      if (!text) return undefined
      const asked = askedSchema.parse(JSON.parse(text))
      return asked.region.person === person ? asked : undefined
    },
    forget: person => texts.set(name(person), 1, ''),
  }
}
