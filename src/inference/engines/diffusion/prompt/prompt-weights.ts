/** A part of a prompt and its weight; 1 is neutral. */
export type WeightedText = { readonly text: string; readonly weight: number }

/** Marks where the prompt continues in a new chunk (A1111's `BREAK`). */
export const CHUNK_BREAK = 'break'

/** Round brackets without a number multiply the weight by this; square brackets divide by it. */
const EMPHASIS_FACTOR = 1.1

const TOKEN = /\\[()[\]\\]|\\|\(|\[|:\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*\)|\)|\]|[^\\()[\]:]+|:/g

/**
 * Parse the weights of a prompt in A1111's emphasis syntax: `(a)` has weight 1.1, `[a]` 1 / 1.1, `(a:1.3)` 1.3; nested
 * weights multiply; a backslash escapes a bracket; `BREAK` starts a new chunk. An unclosed bracket extends to the end.
 */
export function parsePromptWeights(prompt: string): (WeightedText | typeof CHUNK_BREAK)[] {
  const parts: { text: string; weight: number; isBreak?: true }[] = []
  const openRound: number[] = []
  const openSquare: number[] = []
  const multiply = (from: number, by: number) => {
    for (const part of parts.slice(from)) part.weight *= by
  }
  for (const [token, number] of prompt.matchAll(TOKEN)) {
    if (token.length === 2 && token.startsWith('\\')) parts.push({ text: token[1]!, weight: 1 })
    else if (token === '(') openRound.push(parts.length)
    else if (token === '[') openSquare.push(parts.length)
    else if (number !== undefined && openRound.length > 0) multiply(openRound.pop()!, Number(number))
    else if (token === ')' && openRound.length > 0) multiply(openRound.pop()!, EMPHASIS_FACTOR)
    else if (token === ']' && openSquare.length > 0) multiply(openSquare.pop()!, 1 / EMPHASIS_FACTOR)
    else {
      for (const [index, text] of token.split(/\s*\bBREAK\b\s*/).entries()) {
        if (index > 0) parts.push({ text: '', weight: 1, isBreak: true })
        parts.push({ text, weight: 1 })
      }
    }
  }
  for (const from of openRound) multiply(from, EMPHASIS_FACTOR)
  for (const from of openSquare) multiply(from, 1 / EMPHASIS_FACTOR)
  return mergeEqualWeights(parts)
}

/** Merge neighbours of equal weight; drop empty parts. */
function mergeEqualWeights(
  parts: readonly { text: string; weight: number; isBreak?: true }[],
): (WeightedText | typeof CHUNK_BREAK)[] {
  const result: (WeightedText | typeof CHUNK_BREAK)[] = []
  for (const { text, weight, isBreak } of parts) {
    const last = result.at(-1)
    if (isBreak) result.push(CHUNK_BREAK)
    else if (text === '') continue
    else if (last && last !== CHUNK_BREAK && last.weight === weight) {
      result[result.length - 1] = { text: last.text + text, weight }
    } else result.push({ text, weight })
  }
  return result
}
