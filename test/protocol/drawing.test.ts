import { expect, test } from 'vitest'
import { DENOISING_STRENGTH, editSchema, MASK_BLUR, MASK_GROW } from '../../src/inference/pipeline/edit.js'
import { VARIATIONS } from '../../src/inference/pipeline/request.js'
import { DRAWING_LIMITS } from '../../src/protocol/drawing-limits.js'
import { drawingRequestSchema } from '../../src/protocol/drawing-request.js'

test('the limits of the page are those of the pipeline', () => {
  const { grow, blur, strength, variations } = DRAWING_LIMITS
  expect({ grow, blur, strength, variations }).toEqual({
    grow: MASK_GROW,
    blur: MASK_BLUR,
    strength: DENOISING_STRENGTH,
    variations: VARIATIONS,
  })
})

const sides = { left: { pixels: 8 }, right: { pixels: 0 }, top: { pixels: 0 }, bottom: { pixels: 0 } }

test.each([
  { kind: 'inpaint' },
  { kind: 'inpaint', area: 'masked', grow: MASK_GROW.max, blur: MASK_BLUR.max, strength: DENOISING_STRENGTH.min },
  { kind: 'remove' },
  { kind: 'extend', ...sides },
])('an edit that the page can request is one of the pipeline: %j', edit => {
  const request = drawingRequestSchema.parse({ edit, prompt: '' })
  expect(editSchema.parse(request.edit)).toMatchObject(edit)
})

test.each([
  { kind: 'vary', strength: 'subtle' },
  { kind: 'inpaint', grow: MASK_GROW.max + 1 },
  { kind: 'extend', ...sides, left: { percent: 10 } },
])('other edits are refused: %j', edit => {
  expect(drawingRequestSchema.safeParse({ edit, prompt: '' }).success).toBe(false)
})
