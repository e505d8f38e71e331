import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { promptAtStep, splitSubprompts } from '../../../../src/inference/engines/diffusion/prompt/prompt-editing.js'
import { CHUNK_BREAK, parsePromptWeights } from '../../../../src/inference/engines/diffusion/prompt/prompt-weights.js'
import {
  CHUNK_TOKENS,
  defaultClipTokenizer,
  hasTokenizer,
  readTokenizer,
} from '../../../../src/inference/engines/diffusion/prompt/tokenizer.js'
import { shared, testWithShared } from '../../../support/shared.js'

const tiny = () => readTokenizer('test/fixtures/diffusion/models/sd1/tokenizer')

test.each<[string, [string, number][]]>([
  ['a plain prompt', [['a plain prompt', 1]]],
  ['(a:1.)', [['a', 1]]],
  [
    '(a:.5) (b:1.5.2)',
    [
      ['a', 0.5],
      [' ', 1],
      ['b:1.5.2', 1.1],
    ],
  ],
  [
    'a (b) c',
    [
      ['a ', 1],
      ['b', 1.1],
      [' c', 1],
    ],
  ],
  [
    '((a)) [b]',
    [
      ['a', 1.21],
      [' ', 1],
      ['b', 1 / 1.1],
    ],
  ],
  [
    '(a:1.5), (b (c:2):0.5)',
    [
      ['a', 1.5],
      [', ', 1],
      ['b ', 0.5],
      ['c', 1],
    ],
  ],
  [String.raw`\(a\) \[b\] \\`, [[String.raw`(a) [b] \ `.trimEnd(), 1]]],
  [
    '(open (twice',
    [
      ['open ', 1.1],
      ['twice', 1.21],
    ],
  ],
  ['a) b] c', [['a) b] c', 1]]],
  [
    'no weight (a: b)',
    [
      ['no weight ', 1],
      ['a: b', 1.1],
    ],
  ],
  ['(:1.2) x', [[' x', 1]]],
])('emphasis of %s', (prompt, expected) => {
  const parts = parsePromptWeights(prompt)
  expect(parts.map(part => (part === CHUNK_BREAK ? CHUNK_BREAK : part.text))).toEqual(expected.map(([text]) => text))
  for (const [index, part] of parts.entries()) {
    if (part !== CHUNK_BREAK) expect(part.weight).toBeCloseTo(expected[index]![1], 6)
  }
})

test('BREAK starts a new chunk, also within brackets', () => {
  expect(parsePromptWeights('a BREAK b')).toEqual([{ text: 'a', weight: 1 }, CHUNK_BREAK, { text: 'b', weight: 1 }])
  expect(parsePromptWeights('(a BREAK b:2)')).toEqual([{ text: 'a', weight: 2 }, CHUNK_BREAK, { text: 'b', weight: 2 }])
  expect(parsePromptWeights('BREAKFAST')).toEqual([{ text: 'BREAKFAST', weight: 1 }])
})

test.each<[string, string[]]>([
  ['[cat:dog:2] in a field', ['cat in a field', 'cat in a field', 'dog in a field', 'dog in a field']],
  ['[cat:dog:0.5]', ['cat', 'cat', 'dog', 'dog']],
  ['a[ red:1] apple', ['a apple', 'a red apple', 'a red apple', 'a red apple']],
  ['a [red::3] apple', ['a red apple', 'a red apple', 'a red apple', 'a  apple']],
  ['[a|b|c]', ['a', 'b', 'c', 'a']],
  ['[[a|b]:c:2]', ['a', 'b', 'c', 'c']],
  ['(x:1.2) [y] [a:b] [open:1', Array(4).fill('(x:1.2) [y] [a:b] [open:1')],
  [String.raw`\[a|b\]`, Array(4).fill(String.raw`\[a|b\]`)],
  ['([a:b:1]:1.3)', ['(a:1.3)', '(b:1.3)', '(b:1.3)', '(b:1.3)']],
  ['[a:b:1.0]', ['a', 'a', 'a', 'a']],
])('%s in each of four steps', (prompt, expected) => {
  expect([1, 2, 3, 4].map(step => promptAtStep(prompt, step, 4))).toEqual(expected)
})

test('AND separates subprompts with weights', () => {
  expect(splitSubprompts('a cat AND a dog :0.8 AND fog')).toEqual([
    { text: 'a cat', weight: 1 },
    { text: 'a dog', weight: 0.8 },
    { text: 'fog', weight: 1 },
  ])
  expect(splitSubprompts('sand AND sea:-0.5').map(({ weight }) => weight)).toEqual([1, -0.5])
  // Without AND a number at the end is part of the prompt. ANDROID is a word.
  expect(splitSubprompts('ratio 16:9')).toEqual([{ text: 'ratio 16:9', weight: 1 }])
  expect(splitSubprompts('GRAND CANYON at dusk, 16:9')).toEqual([{ text: 'GRAND CANYON at dusk, 16:9', weight: 1 }])
  expect(splitSubprompts('an ANDROID')).toEqual([{ text: 'an ANDROID', weight: 1 }])
})

test('a prompt becomes tokens between start and end tokens, padded', async () => {
  const [chunk, ...more] = (await tiny()).chunks('a lighthouse by the sea, oil painting')
  expect(more).toEqual([])
  expect(chunk!.ids).toHaveLength(CHUNK_TOKENS + 2)
  // The ids of transformers with the same vocabulary.
  expect(chunk!.ids.slice(0, 11)).toEqual([661, 320, 633, 655, 515, 592, 267, 622, 610, 662, 662])
  expect(chunk!.weights.every(weight => weight === 1)).toBe(true)
})

test('tokens have the weights of their text', async () => {
  const [chunk] = (await tiny()).chunks('a (lighthouse:1.5) sea')
  const at = chunk!.ids.indexOf(633)
  expect(chunk!.weights[at]).toBe(1.5)
  expect(chunk!.weights.filter(weight => weight === 1.5)).toHaveLength(1)
})

test('a prompt longer than a chunk continues in the next one without splitting a phrase', async () => {
  const reader = await tiny()
  const phrase = 'the sea by the sea by the sea, '
  const chunks = reader.chunks(phrase.repeat(12))
  expect(chunks.length).toBe(2)
  const comma = reader.chunks(',')[0]!.ids[1]
  // The first chunk ends with a comma: the phrase that didn't fit is whole in the next.
  const first = chunks[0]!.ids
  const end = first.indexOf(first.at(-1)!)
  expect(first[end - 1]).toBe(comma)
  const words = (ids: readonly number[]) => ids.slice(1, ids.indexOf(662))
  expect(chunks.flatMap(({ ids }) => words(ids)).length).toBe(12 * words(reader.chunks(phrase)[0]!.ids).length)
})

test.each([
  // With 55 words before it, the comma and what follows are the last 20 tokens of the chunk.
  [55, 57],
  [54, 76],
])(
  'a phrase moves to the next chunk if its comma is within 20 tokens, as in A1111: comma after %i words',
  async (words, end) => {
    const tokenizer = await defaultClipTokenizer('end')
    const [first] = tokenizer.chunks(`${'cat '.repeat(words)}, ${'dog '.repeat(40)}`)
    const endToken = tokenizer.chunks('')[0]!.ids[1]
    expect(first!.ids.indexOf(endToken!)).toBe(end)
  },
)

test('an exclamation mark is a word of its own, as in OpenCLIP', async () => {
  expect((await defaultClipTokenizer('first')).chunks('cat!')[0]!.ids.slice(1, 4)).toEqual([2368, 256, 49407])
})

test('BREAK pads its chunk; an empty prompt is one empty chunk', async () => {
  const reader = await tiny()
  expect(reader.chunks('a BREAK b').map(({ ids }) => ids.indexOf(662))).toEqual([2, 2])
  expect(reader.chunks('')).toEqual([{ ids: [661, ...Array(76).fill(662)], weights: Array(77).fill(1) }])
})

testWithShared('weights', 'CLIP’s vocabulary gives CLIP’s tokens', async () => {
  const reader = await readTokenizer(shared('weights/clip'))
  const ids = (text: string) => {
    const all = reader.chunks(text)[0]!.ids
    return all.slice(1, all.indexOf(49407))
  }
  expect(ids('a photo of an astronaut riding a horse on mars')).toEqual([
    320, 1125, 539, 550, 18376, 6765, 320, 4558, 525, 7496,
  ])
  expect(ids("It's 2 naïve   Café's 日本 🎉")).toEqual([
    585, 568, 273, 1097, 35689, 563, 15304, 568, 39121, 19277, 361, 3986,
  ])
})

test('a vocabulary can be in tokenizer.json, with merges as strings or pairs', async () => {
  const own = 'test/fixtures/diffusion/models/sd1/tokenizer'
  const vocab = JSON.parse(await readFile(join(own, 'vocab.json'), 'utf8'))
  const lines = (await readFile(join(own, 'merges.txt'), 'utf8')).split('\n').slice(1).filter(Boolean)
  const prompt = 'a lighthouse by the sea, (oil:1.2) painting'
  const expected = (await readTokenizer(own)).chunks(prompt)
  for (const merges of [lines, lines.map(line => line.split(' '))]) {
    const folder = await mkdtemp(join(tmpdir(), 'overscan-tokenizer-'))
    expect(hasTokenizer(folder)).toBe(false)
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify({ version: '1.0', model: { vocab, merges } }))
    expect(hasTokenizer(folder)).toBe(true)
    expect((await readTokenizer(folder)).chunks(prompt)).toEqual(expected)
    await rm(folder, { recursive: true })
  }
})
