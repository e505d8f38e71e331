import { expect, test } from 'vitest'
import { type ComponentAction, formatCustomId, parseCustomId } from '../../src/bot/custom-id.js'
import { problemOf } from '../support/problems.js'

const owner = '1441122334455667788'
const actions: ComponentAction[] = [
  { on: 'picture', kind: 'take', index: 3, owner },
  { on: 'picture', kind: 'zoom-1.5', index: 0, owner },
  { on: 'picture', kind: 'custom-zoom', index: 0, owner: '1' },
  { on: 'card', kind: 'flip', owner },
  { on: 'card', kind: 'pick-4', owner },
  { on: 'message', kind: 'extend', channel: '18446744073709551615', message: '18446744073709551615', owner },
  { on: 'message', kind: 'remove-objects', channel: '18446744073709551615', message: '18446744073709551615', owner },
  { on: 'job', kind: 'cancel', job: '1441122334455667788', owner },
]

test.each(actions)('%o comes back from its custom id', action => {
  expect(parseCustomId(formatCustomId(action))).toEqual(action)
  expect(formatCustomId(action).length).toBeLessThanOrEqual(100)
})

test.each([
  '',
  'take',
  'v1:picture:take:0',
  'v1:picture:take:0:',
  'v1:picture:take:-1:1',
  'v1:picture:take:4:1',
  'v1:picture:take:10:1',
  'v1:picture:take:0:0:1',
  'v1:picture:zoom-9:0:1',
  'v1:picture:take:a:1',
  'v1:picture:take:0:ada',
  'v2:picture:take:0:1',
  'v1:card:explode::1',
  'v1:card:paint:0:1',
  'v1:message:extend:12:1',
  'v1:message:extend:1.2.3:1',
  'v1:job:cancel::1',
  `v1:job:cancel:${'1'.repeat(65)}:1`,
  'v1:job:cancel:../../etc:1',
  'V1:PICTURE:TAKE:0:1',
  ' v1:picture:take:0:1',
  'v1:picture:take:0:1\n',
])('a forged %j is refused', text => {
  expect(problemOf(() => parseCustomId(text))).toEqual({ code: 'button-unknown' })
})
