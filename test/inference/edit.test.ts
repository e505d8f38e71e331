import { expect, test } from 'vitest'
import { parseAspect, parseEdit, parseLength } from '../../src/inference/edit.js'
import { problemOf } from '../support/problems.js'

test.each([
  ['25%', { percent: 25 }],
  [' 12.5 %', { percent: 12.5 }],
  ['256', { pixels: 256 }],
  ['256px', { pixels: 256 }],
  ['0', { pixels: 0 }],
])('“%s” is a length', (text, length) => {
  expect(parseLength('left', text)).toEqual(length)
})

test.each(['', 'wide', '-5', '1.5', '5 cm', '1e9', '99999999', '%'])('“%s” is no length', text => {
  expect(problemOf(() => parseLength('left', text))).toEqual({ code: 'length-unreadable', side: 'left', text })
})

test.each([
  ['16:9', { width: 16, height: 9 }],
  ['3x2', { width: 3, height: 2 }],
  [' 2 × 3 ', { width: 2, height: 3 }],
  ['1.85', { width: 1.85, height: 1 }],
])('“%s” is an aspect ratio', (text, aspect) => {
  expect(parseAspect(text)).toEqual(aspect)
})

test.each(['', '16:', '0:9', '16:0', 'wide', '1:2:3', '-1:2'])('“%s” is no aspect ratio', text => {
  expect(problemOf(() => parseAspect(text))).toEqual({ code: 'aspect-unreadable', text })
})

test('an edit survives JSON', () => {
  const edit = {
    kind: 'redo',
    of: { kind: 'extend', left: { percent: 5 }, right: { pixels: 3 }, top: { pixels: 0 }, bottom: { pixels: 0 } },
    keep: { x: 1, y: 2, width: 3, height: 4 },
  } as const
  expect(parseEdit(JSON.parse(JSON.stringify(edit)))).toEqual(edit)
})

test.each([
  null,
  {},
  { kind: 'explode' },
  { kind: 'zoom', factor: '2', grow: false },
  { kind: 'zoom', factor: 2, grow: false, extra: 1 },
  { kind: 'redo', of: { kind: 'square' }, keep: { x: -1, y: 0, width: 1, height: 1 } },
  { kind: 'redo', of: { kind: 'redo' }, keep: { x: 0, y: 0, width: 1, height: 1 } },
])('%o is no edit', value => {
  expect(problemOf(() => parseEdit(value))?.code).toBe('edit-unreadable')
})
