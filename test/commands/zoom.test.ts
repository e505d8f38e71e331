import { expect, test } from 'vitest'
import type { Options } from '../../src/commands/command.js'
import { zoom } from '../../src/commands/zoom.js'

const picture = { url: 'https://cdn.discordapp.com/a.png', size: 1, name: 'a.png' }

function options(given: Record<string, string | number>): Options {
  const get = (name: string) => given[name] ?? null
  return {
    getAttachment: () => picture,
    getString: name => get(name) as string | null,
    getInteger: name => get(name) as number | null,
    getNumber: name => get(name) as number | null,
  }
}

test('with nothing but a picture it paints four pictures at 1.5×', () => {
  expect(zoom.ask(options({}))).toEqual({
    edit: { kind: 'zoom', factor: 1.5, grow: false },
    picture,
    prompt: '',
    variations: 4,
  })
})

test('every option counts, a seed of 0 as well', () => {
  expect(zoom.ask(options({ factor: 2, prompt: 'fog', variations: 1, seed: 0 }))).toEqual({
    edit: { kind: 'zoom', factor: 2, grow: false },
    picture,
    prompt: 'fog',
    variations: 1,
    seed: 0,
  })
})

test.each([
  ['', [1.5, 2]],
  ['1', [1.5, 2]],
  ['9', [1.5, 2]],
  ['wide', [1.5, 2]],
  ['3', [3]],
  ['1.3', [1.3]],
  ['1,3', [1.3]],
  ['2.5x', [2.5]],
])('typing “%s” offers %j', (typed, factors) => {
  expect(zoom.suggest?.('factor', typed).map(choice => choice.value)).toEqual(factors)
})
