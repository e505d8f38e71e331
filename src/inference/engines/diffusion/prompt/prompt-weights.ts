/** A part of a prompt, and how much it counts: 1 is usual. */
export type WeightedText = { readonly text: string; readonly weight: number }

/** Where the prompt goes on in a new chunk. */
export const CHUNK_BREAK = 'break'

/** What round brackets without a number multiply by; square ones divide. */
const EMPHASIS_FACTOR = 1.1

const TOKEN = /\\[()[\]\\]|\\|\(|\[|:\s*([+-]?\d*\.?\d+)\s*\)|\)|\]|[^\\()[\]:]+|:/g

/**
 * What is emphasised in a prompt, in the grammar of A1111's web UI: `(a)` counts 1.1 times, `[a]` 1.1 times less, `(a:1.3)`
 * 1.3 times; nested ones multiply; a backslash takes a bracket as it is; `BREAK` begins a new chunk. Brackets that are not
 * closed reach to the end.
 */
export function parsePromptWeights(prompt: string): (WeightedText | typeof CHUNK_BREAK)[] {
  const parts: { text: string; weight: number; isBreak?: true }[] = []
  const round: number[] = []
  const square: number[] = []
  const multiply = (from: number, by: number) => {
    for (const part of parts.slice(from)) part.weight *= by
  }
  for (const [token, number] of prompt.matchAll(TOKEN)) {
    if (token.length === 2 && token.startsWith('\\')) parts.push({ text: token[1]!, weight: 1 })
    else if (token === '(') round.push(parts.length)
    else if (token === '[') square.push(parts.length)
    else if (number !== undefined && round.length > 0) multiply(round.pop()!, Number(number))
    else if (token === ')' && round.length > 0) multiply(round.pop()!, EMPHASIS_FACTOR)
    else if (token === ']' && square.length > 0) multiply(square.pop()!, 1 / EMPHASIS_FACTOR)
    else {
      for (const [index, text] of token.split(/\s*\bBREAK\b\s*/).entries()) {
        if (index > 0) parts.push({ text: '', weight: 1, isBreak: true })
        parts.push({ text, weight: 1 })
      }
    }
  }
  for (const from of round) multiply(from, EMPHASIS_FACTOR)
  for (const from of square) multiply(from, 1 / EMPHASIS_FACTOR)
  return mergeEqualWeights(parts)
}

/** Neighbours of the same weight are one part; empty ones go. */
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
