import { z } from 'zod'
import { editSchema } from '../../inference/pipeline/edit.js'
import { diffusionOptionsSchema } from '../../inference/pipeline/options.js'
import { replyAddressSchema } from '../messages/interaction-responder.js'

/**
 * All that is needed to bring a job to its end: where its answer goes, and what it was asked with. It waits with the
 * job, so that another process can take it over.
 */
export const deliveryRecordSchema = z.object({
  version: z.literal(1),
  address: replyAddressSchema,
  /** Set before the pictures are sent: from then on they may be there. */
  sending: z.boolean(),
  roles: z.array(z.string()),
  server: z.string().optional(),
  /** Discord's names of the languages for the person alone, and for what all see. */
  locales: z.object({ own: z.string().nullable(), shown: z.string().nullable() }),
  edit: editSchema,
  prompt: z.string(),
  engine: z.string(),
  /** As they were asked for. */
  options: diffusionOptionsSchema.optional(),
  spoiler: z.boolean(),
  /** The message that the result replies to. */
  parent: z.string().optional(),
  /** How many were paid for. */
  pictures: z.number(),
  /** The largest file that may be sent, in bytes. */
  fileLimit: z.number(),
})
export type DeliveryRecord = z.infer<typeof deliveryRecordSchema>
