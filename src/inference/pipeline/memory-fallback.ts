import { z } from 'zod'

/** What was done to paint something after all where memory was short; whoever asked for it is told. */
export const memoryFallbackSchema = z.discriminatedUnion('kind', [
  /** A slower device computed it. */
  z.object({ kind: z.literal('device'), device: z.string(), instead: z.string() }),
  /** It was painted smaller than the model would, with squares of this side at most, in pixels. */
  z.object({ kind: z.literal('smaller'), side: z.int() }),
  /** Pictures went through the model's autoencoder in tiles. */
  z.object({ kind: z.literal('tiles') }),
])
export type MemoryFallback = z.infer<typeof memoryFallbackSchema>
