import { z } from 'zod'

/** What was done instead because memory was short. The answer says so. */
export const memoryFallbackSchema = z.discriminatedUnion('kind', [
  /** `device` computed it instead of `instead`, which has too little memory. */
  z.object({ kind: z.literal('device'), device: z.string(), instead: z.string() }),
  /** It was painted in squares of at most this side, in pixels, smaller than the model's own. */
  z.object({ kind: z.literal('smaller'), side: z.int() }),
  /** The model's autoencoder worked in tiles. */
  z.object({ kind: z.literal('tiles') }),
  /** The halves of the model's UNet were loaded one after the other in each step. */
  z.object({ kind: z.literal('parts') }),
])
export type MemoryFallback = z.infer<typeof memoryFallbackSchema>
