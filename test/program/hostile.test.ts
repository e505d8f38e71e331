import { expect, test } from 'vitest'
import { runHostileInputs } from '../../bench/hostile/hostile.js'

test('nothing of 200 inputs that were made to hurt stops the bot', { timeout: 300_000 }, async () => {
  const { inputs, crashes, errors, kinds } = await runHostileInputs(200)
  expect(errors.filter(error => !error.endsWith(' MB'))).toEqual([])
  expect({ inputs, crashes }).toEqual({ inputs: 200, crashes: 0 })
  expect(Object.keys(kinds).sort()).toEqual([
    'crafted picture',
    'custom id',
    'mask',
    'model',
    'picture',
    'recipe',
    'request',
  ])
})
