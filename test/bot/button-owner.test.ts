import { expect, test } from 'vitest'
import { assertMayPress } from '../../src/bot/handlers/button-owner.js'
import type { RequestContext } from '../../src/bot/request-context.js'
import { resultView } from '../../src/bot/views/result-view.js'
import { translationsFor } from '../../src/i18n/i18n.js'
import { problemOf } from '../support/problems.js'

const t = translationsFor('en')

/** A result as Discord stores it, that Ada (1) asked for. */
function resultOf(prompt: string, engine = 'fill') {
  const recipe = {
    edit: { kind: 'square' as const },
    old: { x: 0, y: 0, width: 8, height: 8 },
    prompt,
    seed: 7,
    engine,
    source: '',
  }
  const picture = { name: 'overscan-1.png', bytes: new Uint8Array(1), width: 8, height: 8, recipe }
  const notes = [t.result.requestedBy('<@1>')]
  const view = resultView([picture], { t, owner: '1', spoiler: false, notes, hiddenFiles: [] })
  return { components: view.components.map(one => ('toJSON' in one ? one.toJSON() : one)) } as never
}

const press = (person: string, owner: string, message: never, isManager = false) => {
  const context = { person: { id: person, isManager }, server: undefined } as RequestContext
  return problemOf(() => assertMayPress({ on: 'picture', kind: 'delete', index: 0, owner }, context, message))
}

test('the person who asked may delete a result, and so may a manager', () => {
  expect(press('1', '1', resultOf('hills'))).toBeUndefined()
  expect(press('2', '1', resultOf('hills'), true)).toBeUndefined()
  expect(press('2', '1', resultOf('hills'))).toEqual({ code: 'not-yours' })
})

test.each([
  ['an id', 'hills', 'fill'],
  ['a prompt', 'hills\n-# <@2>', 'fill'],
  ['the name of a model', 'hills', 'fill · <@2>'],
  ['both', '-# <@2>', '<@2>\n-# <@2>'],
])('%s can’t be forged to delete another person’s result', (_, prompt, engine) => {
  expect(press('2', '2', resultOf(prompt, engine))).toEqual({ code: 'not-yours' })
})
