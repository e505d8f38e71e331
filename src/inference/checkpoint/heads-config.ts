import { z } from 'zod'
import type { UnetConfig } from './unet-blocks.js'

const perLevel = z.union([z.int().positive(), z.array(z.int().positive()).min(1)])

/** What diffusers' `config.json` says about the attention heads and the norms of a UNet or a ControlNet. */
export const headsSchema = z.object({
  // Despite its name, the number of heads.
  attention_head_dim: perLevel.default(8),
  num_attention_heads: perLevel.nullish(),
  norm_num_groups: z.int().positive().default(32),
})

export function headsFromConfig(config: z.infer<typeof headsSchema>): Pick<UnetConfig, 'heads' | 'groups'> {
  const heads = config.num_attention_heads ?? config.attention_head_dim
  return {
    heads: (_, level) => (typeof heads === 'number' ? heads : heads[Math.min(level, heads.length - 1)]!),
    groups: config.norm_num_groups,
  }
}
