import { expect, test } from 'vitest'
import { MAX_PICTURE_SIZE } from '../../src/inference/image/geometry.js'
import {
  DENOISING_STRENGTH,
  editSchema,
  FRAME_SIDE,
  MASK_BLUR,
  MASK_GROW,
  PLACE_SCALE,
} from '../../src/inference/pipeline/edit.js'
import { parseDiffusionOptions } from '../../src/inference/pipeline/options.js'
import { SEED, VARIATIONS } from '../../src/inference/pipeline/request.js'
import { DRAWING_LIMITS } from '../../src/protocol/drawing-limits.js'
import { drawingRequestSchema } from '../../src/protocol/drawing-request.js'

test('the limits of the page are those of the pipeline', () => {
  const { grow, blur, strength, variations, seed, frame, placeScale } = DRAWING_LIMITS
  expect({ grow, blur, strength, variations, seed, frame, placeScale }).toEqual({
    grow: MASK_GROW,
    blur: MASK_BLUR,
    strength: DENOISING_STRENGTH,
    variations: VARIATIONS,
    seed: SEED,
    frame: { ...FRAME_SIDE, megapixels: MAX_PICTURE_SIZE.megapixels },
    placeScale: PLACE_SCALE,
  })
})

test('the ControlNet that the page can request is one of the pipeline', () => {
  const { options } = drawingRequestSchema.parse({
    edit: { kind: 'remove' },
    prompt: '',
    options: { control: ['cn:tile'] },
  })
  expect(parseDiffusionOptions({ ...options })).toEqual({ control: ['cn:tile'] })
})

const sides = { left: { pixels: 8 }, right: { pixels: 0 }, top: { pixels: 0 }, bottom: { pixels: 0 } }

test.each([
  { kind: 'inpaint' },
  { kind: 'inpaint', area: 'masked', grow: MASK_GROW.max, blur: MASK_BLUR.max, strength: DENOISING_STRENGTH.min },
  { kind: 'remove' },
  { kind: 'extend', ...sides },
  { kind: 'place', width: 1600, height: 900, at: { x: -20, y: 30 }, scale: PLACE_SCALE.max },
])('an edit that the page can request is one of the pipeline: %j', edit => {
  const request = drawingRequestSchema.parse({ edit, prompt: '' })
  expect(editSchema.parse(request.edit)).toMatchObject(edit)
})

test.each([
  { kind: 'vary', strength: 'subtle' },
  { kind: 'inpaint', grow: MASK_GROW.max + 1 },
  { kind: 'extend', ...sides, left: { percent: 10 } },
  { kind: 'place', width: 1600, height: 900.5, at: { x: 0, y: 0 }, scale: 1 },
  { kind: 'place', width: 1600, height: 900, at: { x: 0, y: 0 }, scale: 9 },
])('other edits are refused: %j', edit => {
  expect(drawingRequestSchema.safeParse({ edit, prompt: '' }).success).toBe(false)
})
