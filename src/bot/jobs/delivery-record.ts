import { z } from 'zod'
import { editSchema } from '../../inference/pipeline/edit.js'
import { diffusionOptionsSchema } from '../../inference/pipeline/options.js'
import { replyAddressSchema } from '../messages/responder.js'

/**
 * What it takes to deliver a job's result: where it goes, and the request. It is stored with the job as the
 * queue's ticket, so that another process can take the job over.
 */
export const deliveryRecordSchema = z.object({
  version: z.literal(1),
  address: replyAddressSchema,
  /** Set before the pictures are sent. From then on they may have arrived. */
  sending: z.boolean(),
  roles: z.array(z.string()),
  server: z.string().optional(),
  /** Discord's locales: `own` for what only the person sees, `shown` for what everybody sees. */
  locales: z.object({ own: z.string().nullable(), shown: z.string().nullable() }),
  edit: editSchema,
  prompt: z.string(),
  engine: z.string(),
  /** As they were asked for. */
  options: diffusionOptionsSchema.optional(),
  spoiler: z.boolean(),
  /** The message that the result replies to. */
  parent: z.string().optional(),
  /** The largest file that may be sent, in bytes. */
  fileLimit: z.number(),
})
export type DeliveryRecord = z.infer<typeof deliveryRecordSchema>

/** What it takes to tell the person that the rest can't be read. */
export const readableRecordSchema = z.object({
  address: replyAddressSchema,
  locales: deliveryRecordSchema.shape.locales.catch({ own: null, shown: null }),
})
