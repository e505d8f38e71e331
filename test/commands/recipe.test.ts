import fc from 'fast-check'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { replyWithError } from '../../src/bot/messages/reply-with-error.js'
import { formatRecipe } from '../../src/commands/recipe.js'
import { translationsFor } from '../../src/i18n/i18n.js'
import { cleanText } from '../../src/inference/pipeline/clean-text.js'
import type { Recipe } from '../../src/inference/pipeline/recipe.js'
import { UserError } from '../../src/user-error.js'

const t = translationsFor('en')
const RECIPE: Recipe = {
  edit: { kind: 'square' },
  old: { x: 0, y: 0, width: 8, height: 8 },
  prompt: 'a lighthouse, 1.5 times (red)',
  seed: 7,
  engine: 'fill',
  source: '0123456789abcdef',
}

/** What Discord shows as a link, a mention, or markup. */
const LIVE = /(?<!\\)(?:https?:|<[@#:a]|@(?:everyone|here)|\]\(|\*\*evil|\|\|)/

test.each([
  'https://evil.test/login',
  '[click](https://evil.test)',
  '<@123> <@&5> <#7> @everyone @here',
  '**evil** ||hidden||',
  '` https://evil.test',
  'one\nhttps://evil.test',
  '\\https://evil.test',
])('%j in a picture is shown as text', text => {
  const controlsOf = (name: string) => [{ name, module: 'inpaint_only+lama' as const, prefill: name }]
  const recipe = { ...RECIPE, prompt: text, engine: text, source: text, mask: text, controls: controlsOf(text) }
  const shown = formatRecipe(recipe, t)
  expect(shown).not.toMatch(LIVE)
  const plain = formatRecipe({ ...RECIPE, mask: '0', controls: controlsOf('cn') }, t)
  expect(plain).toContain('ControlNet cn')
  expect(shown.split('\n')).toHaveLength(plain.split('\n').length)
})

test('an unknown model of a picture is named without links and mentions', async () => {
  const shown: string[] = []
  const responder = { notify: async (view: unknown) => void shown.push(JSON.stringify(view)) } as never
  const problem = { code: 'engine-unknown', engine: '[x](https://evil.test) <@1>', known: 'fill' } as const
  await replyWithError(new UserError(problem), responder, t, pino({ level: 'silent' }))
  expect(shown.join()).toContain('evil')
  expect(JSON.parse(shown[0]!).components[0].content).not.toMatch(LIVE)
})

test('a recipe of ours reads as before', () => {
  const shown = formatRecipe(RECIPE, t)
  expect(shown).toContain('a lighthouse, 1\\.5 times \\(red\\)')
  expect(shown).toContain('`0123456789abcdef`')
})

test('a clean text is taken by PostgreSQL and by PNG, and stays what it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const clean = cleanText(text)
      expect(clean).not.toMatch(/\p{Surrogate}|[^\P{Cc}\n]/u)
      expect(cleanText(clean)).toBe(clean)
    }),
  )
  expect(cleanText('w\0ord \ud800 é 😀\n2')).toBe('w ord \ufffd é 😀\n2')
})
