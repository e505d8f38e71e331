import { z } from 'zod'
import { type Region, regionSchema } from './region.js'
import type { ForAWhile } from './seen.js'

/** How long it is remembered, in seconds. */
const LIFE = 30 * 60

const askedSchema = z.strictObject({
  region: regionSchema,
  /** The interaction that asked. */
  press: z.string(),
  /** In milliseconds since 1970. */
  until: z.number(),
})
export type Asked = Pick<z.infer<typeof askedSchema>, 'region' | 'press'>

/**
 * What each person last asked to draw on. The page that Discord opens within itself ("Activity") comes to know who looks at it,
 * but not which button they pressed, and its request may reach another of several bots.
 */
export interface AskedRegions {
  keep(region: Region, press: string, now?: number): Promise<void>
  /** Undefined where there is nothing, or it is more than half an hour ago. */
  of(person: string, now?: number): Promise<Asked | undefined>
  forget(person: string): Promise<void>
}

export function askedRegions(texts: ForAWhile): AskedRegions {
  const name = (person: string) => `asked:${person}`
  return {
    async keep(region, press, now = Date.now()) {
      const asked = { region, press, until: now + LIFE * 1000 }
      await texts.sign(name(region.person), LIFE, JSON.stringify(asked))
    },
    async of(person, now = Date.now()) {
      const text = await texts.signed(name(person))
      if (!text) return undefined
      const { region, press, until } = askedSchema.parse(JSON.parse(text))
      return now < until && region.person === person ? { region, press } : undefined
    },
    forget: person => texts.sign(name(person), 1, ''),
  }
}
