import { expect, test } from 'vitest'
import { type Action, customId, parseCustomId } from '../../src/bot/custom-id.js'
import { problemOf } from '../support/problems.js'

const actions: Action[] = [
  { kind: 'take', index: 3 },
  { kind: 'zoom', factor: 1.5, index: 0 },
  { kind: 'zoom', factor: 2, index: 1 },
  { kind: 'redo', index: 0 },
  { kind: 'cancel', job: '1441122334455667788' },
]

test.each(actions)('%o comes back from its custom id', action => {
  expect(parseCustomId(customId(action))).toEqual(action)
  expect(customId(action).length).toBeLessThanOrEqual(100)
})

test.each([
  '',
  'take',
  'v1:take',
  'v1:take:',
  'v1:take:-1',
  'v1:take:10',
  'v1:take:0:0',
  'v1:zoom-9:0',
  'v1:zoom-1.5:a',
  'v2:take:0',
  'v1:explode:0',
  'v1:cancel:',
  `v1:cancel:${'1'.repeat(65)}`,
  'v1:cancel:../../etc',
  'V1:TAKE:0',
  ' v1:take:0',
  'v1:take:0\n',
])('a forged %j is refused', text => {
  expect(problemOf(() => parseCustomId(text))).toEqual({ code: 'button-unknown' })
})
