import { expect, test } from 'vitest'
import {
  FRAME_SIDE,
  parseAspect,
  parseEdit,
  parseFactor,
  parseFit,
  parseLength,
  parsePlacePosition,
  parseSize,
} from '../../../src/inference/pipeline/edit.js'
import { problemOf } from '../../support/problems.js'

test.each([
  ['25%', { percent: 25 }],
  [' 12.5 %', { percent: 12.5 }],
  ['256', { pixels: 256 }],
  ['256px', { pixels: 256 }],
  ['0', { pixels: 0 }],
])('“%s” is a length', (text, length) => {
  expect(parseLength('left', text)).toEqual(length)
})

test.each(['', 'wide', '-5', '1.5', '5 cm', '1e9', '99999999', '%'])('“%s” is not a length', text => {
  expect(problemOf(() => parseLength('left', text))).toEqual({ code: 'length-invalid', side: 'left', text })
})

test.each([
  ['16:9', { width: 16, height: 9 }],
  ['3x2', { width: 3, height: 2 }],
  [' 2 × 3 ', { width: 2, height: 3 }],
  ['1.85', { width: 1.85, height: 1 }],
])('“%s” is an aspect ratio', (text, aspect) => {
  expect(parseAspect(text)).toEqual(aspect)
})

test.each(['', '16:', '0:9', '16:0', 'wide', '1:2:3', '-1:2'])('“%s” is not an aspect ratio', text => {
  expect(problemOf(() => parseAspect(text))).toEqual({ code: 'aspect-invalid', text })
})

test.each([
  { kind: 'extend', left: { percent: 5 }, right: { pixels: 3 }, top: { pixels: 0 }, bottom: { pixels: 0 } },
  { kind: 'zoom', factor: 1, grow: false, aspect: { width: 16, height: 9 } },
  { kind: 'zoom', factor: 2, grow: false, anchor: 'top-left' },
  { kind: 'place', width: 1920, height: 1080, at: { x: -200, y: 300 }, scale: 0.7 },
  { kind: 'place', width: 64, height: 64, at: 'bottom', scale: 1, keepAlpha: true },
  { kind: 'fit', width: 960, height: 540, exact: true },
  { kind: 'inpaint', area: 'masked', padding: 64, blur: 4, content: 'latent noise', strength: 0.75 },
  { kind: 'vary', strength: 'subtle' },
])('%o survives JSON', edit => {
  expect(parseEdit(JSON.parse(JSON.stringify(edit)))).toEqual(edit)
})

test('what is not said about repainting is filled in', () => {
  expect(parseEdit({ kind: 'inpaint' })).toEqual({ kind: 'inpaint', area: 'whole', padding: 32, blur: 0 })
})

test.each([
  ['1.5', 1.5],
  [' 2x ', 2],
  ['1,25', 1.25],
  ['3×', 3],
])('“%s” is a factor', (text, factor) => {
  expect(parseFactor(text)).toBe(factor)
})

test.each(['', 'x', 'two', '-2', '1.5.5', '1e3'])('“%s” is not a factor', text => {
  expect(problemOf(() => parseFactor(text))).toMatchObject({ code: 'factor-invalid', text })
})

test.each([
  ['16:9', { kind: 'fit', width: 16, height: 9 }],
  ['960x540px', { kind: 'fit', width: 960, height: 540, exact: true }],
])('“%s” is a shape', (text, edit) => {
  expect(parseFit(text)).toEqual(edit)
})

test.each(['', 'px', '1.5x2px', 'banner'])('“%s” is not a shape', text => {
  expect(problemOf(() => parseFit(text))?.code).toBe('aspect-invalid')
})

test.each([
  ['200,300', { x: 200, y: 300 }],
  [' -40 , 0 ', { x: -40, y: 0 }],
  ['Top-Left', 'top-left'],
  ['center', 'center'],
])('“%s” is a position', (text, position) => {
  expect(parsePlacePosition(text)).toEqual(position)
})

test.each(['', '200', '1.5,2', '1,2,3', 'up', '9999999,0'])('“%s” is not a position', text => {
  expect(problemOf(() => parsePlacePosition(text))).toMatchObject({ code: 'position-invalid', text })
})

test('a size is checked against its limits', () => {
  expect(parseSize('1920 × 1080 px', FRAME_SIDE)).toEqual({ width: 1920, height: 1080 })
  expect(parseSize('1x16384', FRAME_SIDE)).toEqual({ width: 1, height: 16384 })
  for (const text of ['0x5', '5x16385', '5', 'wide', '5x', '1.5x2']) {
    expect(problemOf(() => parseSize(text, FRAME_SIDE))).toEqual({ code: 'size-invalid', text, min: 1, max: 16384 })
  }
  expect(problemOf(() => parseSize('15x512'))).toEqual({ code: 'size-invalid', text: '15x512', min: 16, max: 2048 })
})

test.each([
  null,
  {},
  { kind: 'explode' },
  { kind: 'zoom', factor: '2', grow: false },
  { kind: 'zoom', factor: 2, grow: false, extra: 1 },
  { kind: 'zoom', factor: 2, grow: false, anchor: 'up' },
  { kind: 'place', width: 10, height: 10.5, at: 'center', scale: 1 },
  { kind: 'place', width: 10, height: 10, at: { x: 0.5, y: 0 }, scale: 1 },
  { kind: 'place', width: 10, height: 10, scale: 1 },
  { kind: 'inpaint', strength: 2 },
  { kind: 'inpaint', padding: 1.5 },
  { kind: 'imagine', width: -1, height: 5 },
])('%o is not an edit', value => {
  expect(problemOf(() => parseEdit(value))?.code).toBe('edit-invalid')
})

test.each([
  [{ kind: 'inpaint', padding: 600 }, 'padding: 600 > 512'],
  [{ kind: 'inpaint', strength: 0 }, 'strength: 0 < 0.05'],
  [{ kind: 'inpaint', area: 'half' }, 'area: half (whole, masked)'],
  [{ kind: 'inpaint', padding: 1.5 }, 'padding: 1.5'],
])('what is wrong with %o is told by its name and limit', (value, detail) => {
  expect(problemOf(() => parseEdit(value))).toEqual({ code: 'edit-invalid', detail })
})

test('a masked area may have no padding', () => {
  expect(parseEdit({ kind: 'inpaint', area: 'masked', padding: 0 })).toMatchObject({ padding: 0 })
})
