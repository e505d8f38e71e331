import * as z from 'zod/mini'
import { DRAWING_LIMITS } from './drawing-limits.js'

// What the editor page sends. Its bundle needs the types only, so these schemas are in another file than those of the answers.

const { grow, blur, strength, variations, prompt, negative, control, points, seed, frame, placeScale } = DRAWING_LIMITS
const frameSideSchema = z.int().check(z.minimum(frame.min), z.maximum(frame.max))
const pixelsSchema = z.strictObject({ pixels: z.int().check(z.minimum(0)) })

/**
 * What a person asks for on the editor page: repaint or remove the masked area, extend the sides, place the picture in a new frame, or
 * upscale it.
 * A mask goes with it as a PNG of the picture's size: white is repainted, grey by part (a soft brush), black is kept.
 */
export const drawingRequestSchema = z.strictObject({
  edit: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('inpaint'),
      area: z.optional(z.enum(['whole', 'masked'])),
      grow: z.optional(z.int().check(z.minimum(grow.min), z.maximum(grow.max))),
      blur: z.optional(z.int().check(z.minimum(blur.min), z.maximum(blur.max))),
      strength: z.optional(z.number().check(z.minimum(strength.min), z.maximum(strength.max))),
    }),
    z.strictObject({ kind: z.literal('remove') }),
    z.strictObject({
      kind: z.literal('extend'),
      left: pixelsSchema,
      right: pixelsSchema,
      top: pixelsSchema,
      bottom: pixelsSchema,
    }),
    z.strictObject({
      kind: z.literal('place'),
      width: frameSideSchema,
      height: frameSideSchema,
      at: z.strictObject({ x: z.int(), y: z.int() }),
      scale: z.number().check(z.minimum(placeScale.min), z.maximum(placeScale.max)),
    }),
    /** Twice as wide and high, by an upscaler, or with detail that a diffusion model paints. */
    z.strictObject({ kind: z.literal('upscale'), way: z.enum(['subtle', 'creative']) }),
  ]),
  prompt: z.string().check(z.maxLength(prompt.max)),
  variations: z.optional(z.int().check(z.minimum(variations.min), z.maximum(variations.max))),
  /** Of the first variation; a random one if left out. */
  seed: z.optional(z.int().check(z.minimum(seed.min), z.maximum(seed.max))),
  /** An engine's name; the server's default if left out. */
  engine: z.optional(z.string().check(z.maxLength(100))),
  options: z.optional(
    z.strictObject({
      negative: z.optional(z.string().check(z.maxLength(negative.max))),
      /** ControlNets as NAME or NAME:MODULE, or `none`; the default if left out. */
      control: z.optional(z.array(z.string().check(z.maxLength(control.max))).check(z.minLength(1), z.maxLength(1))),
    }),
  ),
})
export type DrawingRequest = z.infer<typeof drawingRequestSchema>
export type UpscaleWay = Extract<DrawingRequest['edit'], { kind: 'upscale' }>['way']

/** Where an object is, in pixels of the picture: points on it or not on it, or a box around it, or both. */
export const selectionRequestSchema = z.strictObject({
  points: z.array(z.strictObject({ x: z.number(), y: z.number(), inside: z.boolean() })).check(z.maxLength(points.max)),
  box: z.optional(z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })),
})
export type SelectionRequest = z.infer<typeof selectionRequestSchema>
