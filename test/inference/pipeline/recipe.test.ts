import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatParameters, parseParameters, type Recipe } from '../../../src/inference/pipeline/recipe.js'

const recipe: Recipe = {
  edit: { kind: 'zoom', factor: 1.5, grow: false },
  old: { x: 128, y: 85, width: 512, height: 341 },
  prompt: 'a lighthouse',
  seed: 42,
  engine: 'fill',
  source: '0123456789abcdef',
}

test('parameters read as A1111 writes them', () => {
  expect(formatParameters(recipe, { width: 768, height: 512 })).toMatch(
    /^a lighthouse\nSeed: 42, Size: 768x512, Model: fill, Operation: zoom out 1\.5x, Version: Overscan [\d.]+, Overscan: "/,
  )
})

test('a recipe comes back from its parameters, whatever the prompt', () => {
  const unit = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('"', '\\', '\n', ', Overscan: "x"', 'Seed: 1,'),
  )
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 8 }), parts => {
      const one = { ...recipe, prompt: parts.join('') }
      expect(parseParameters(formatParameters(one, { width: 768, height: 512 }))).toEqual(one)
    }),
  )
})

test.each([
  ['nothing', ''],
  ["another program's parameters", 'a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512'],
  ['broken JSON', 'a cat\nSeed: 1, Overscan: "{\\"version\\":1"'],
  ['a later version', 'a cat\nSeed: 1, Overscan: "{\\"version\\":2}"'],
  ['a forged edit', formatParameters(recipe, { width: 1, height: 1 }).replace('zoom\\"', 'boom\\"')],
])('%s holds no recipe', (_, text) => {
  expect(parseParameters(text)).toBeUndefined()
})
