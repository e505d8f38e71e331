import { parse } from 'node:path'
import { UserError } from '../../../../user-error.js'

/** An embedding that prompts can name: its name stands for `count` tokens, whose ids start at `firstId`. */
export type PromptEmbedding = { readonly name: string; readonly count: number; readonly firstId: number }

/** A piece of a prompt: text, or the embedding that it names. */
export type PromptPiece = string | PromptEmbedding

/** Split a text at the names of embeddings. Names count as whole words, in any case; the longest comes first. */
export function splitAtEmbeddings(text: string, embeddings: readonly PromptEmbedding[]): PromptPiece[] {
  if (embeddings.length === 0) return [text]
  const byName = new Map(embeddings.map(one => [one.name.toLowerCase(), one]))
  // With a group, the names stay in the result.
  return text
    .split(namePattern([...byName.keys()], 'giu'))
    .map(piece => byName.get(piece.toLowerCase()) ?? piece)
    .filter(piece => piece !== '')
}

/**
 * Refuse a prompt that names an embedding which can't be read.
 *
 * @param pickles names of files
 * @throws UserError `embedding-is-pickle`
 */
export function refusePickledEmbeddings(prompts: readonly string[], pickles: readonly string[]): void {
  const used = pickles.find(file => {
    const pattern = namePattern([parse(file).name], 'iu')
    return prompts.some(prompt => pattern.test(prompt))
  })
  if (used !== undefined) throw new UserError({ code: 'embedding-is-pickle', file: used })
}

function namePattern(names: readonly string[], flags: string): RegExp {
  const escaped = [...names]
    .sort((a, b) => b.length - a.length)
    .map(name => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`(?<![\\p{L}\\p{N}_])(${escaped.join('|')})(?![\\p{L}\\p{N}_])`, flags)
}
