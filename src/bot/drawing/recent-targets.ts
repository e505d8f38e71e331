import { z } from 'zod'
import type { ForAWhile } from '../messages/picture-links.js'
import { type Region, regionSchema } from './session.js'

/** How long it is remembered, in seconds. */
const LIFE = 30 * 60

const askedSchema = z.strictObject({
  region: regionSchema,
  /** The interaction that asked. */
  press: z.string(),
})
export type Asked = z.infer<typeof askedSchema>

/**
 * What each person last asked to draw on. The page that Discord opens within itself ("Activity") comes to know who looks at it,
 * but not which button they pressed, and its request may reach another of several bots.
 */
export interface AskedRegions {
  keep(region: Region, press: string): Promise<void>
  /** Undefined where there is nothing, or it is more than half an hour ago. */
  of(person: string): Promise<Asked | undefined>
  forget(person: string): Promise<void>
}

export function askedRegions(texts: ForAWhile): AskedRegions {
  const name = (person: string) => `asked:${person}`
  return {
    keep: (region, press) => texts.sign(name(region.person), LIFE, JSON.stringify({ region, press })),
    async of(person) {
      const text = await texts.signed(name(person))
      if (!text) return undefined
      const asked = askedSchema.parse(JSON.parse(text))
      return asked.region.person === person ? asked : undefined
    },
    forget: person => texts.sign(name(person), 1, ''),
  }
}
