import * as z from 'zod/mini'
import { editorTextsSchema } from './page-texts.js'

// What the server answers to the editor page. `zod/mini` keeps the page's bundle small.

/** The picture that a link opens, and what it was painted with. */
export const openedDrawingSchema = z.object({
  prompt: z.string(),
  negative: z.string(),
  engine: z.optional(z.string()),
  /** The options of the command that opened the editor. */
  draft: z.optional(
    z.object({
      variations: z.optional(z.number()),
      seed: z.optional(z.number()),
      /** A ControlNet, or `none`. */
      control: z.optional(z.string()),
      area: z.optional(z.enum(['whole', 'masked'])),
      grow: z.optional(z.number()),
      blur: z.optional(z.number()),
      strength: z.optional(z.number()),
    }),
  ),
  /** `controls` are the ControlNets that can be chosen with an engine, as the option for them is written. */
  engines: z.array(z.object({ name: z.string(), supportsPrompt: z.boolean(), controls: z.array(z.string()) })),
  /** The engine that paints each edit with a prompt, where the request names none. */
  defaultEngines: z.object({ inpaint: z.string(), remove: z.string(), extend: z.string() }),
  /** Sizes that Discord, or a phone, wants for a purpose, in pixels. The page has a text for each purpose. */
  frameSizes: z.array(z.object({ purpose: z.string(), width: z.number(), height: z.number() })),
  /** What the person asked for, if not to repaint. */
  task: z.optional(z.enum(['remove', 'extend'])),
  /** Whether a model is installed that selects objects. */
  canSelect: z.boolean(),
  /** A URL of this server, which takes the same bearer token. */
  picture: z.string(),
  /** Of the texts, as a BCP 47 tag. */
  language: z.string(),
  texts: editorTextsSchema,
})
export type OpenedDrawing = z.infer<typeof openedDrawingSchema>

/** The answer to a drawing request: the job's id. */
export const submittedSchema = z.object({ job: z.string() })
export type Submitted = z.infer<typeof submittedSchema>

/**
 * The masks of a selected object: PNG in base64, on a coarse grid. Interpolated to the picture's size and cut at 128, they are the masks.
 * The picture covers the part of the grid from its top left corner to `content`.
 */
export const selectionSchema = z.object({
  content: z.object({ width: z.number(), height: z.number() }),
  masks: z.object({ small: z.string(), medium: z.string(), large: z.string() }),
  best: z.enum(['small', 'medium', 'large']),
})
export type ObjectSelection = z.infer<typeof selectionSchema>

/** The state of a job. Pictures are URLs of this server, which take the same bearer token. */
export const jobStateSchema = z.discriminatedUnion('state', [
  /** @property position in the queue, from 1 */
  z.object({ state: z.literal('waiting'), position: z.number() }),
  /** @property progress from 0 to 1 */
  z.object({ state: z.literal('running'), progress: z.number(), preview: z.optional(z.string()) }),
  z.object({
    state: z.literal('done'),
    pictures: z.array(
      z.object({
        url: z.string(),
        /** Opens this picture in the editor; missing if it could not be sent to the channel. */
        token: z.optional(z.string()),
      }),
    ),
  }),
  z.object({ state: z.literal('failed'), message: z.string() }),
])
export type DrawingJobState = z.infer<typeof jobStateSchema>
