import { CLIP_MERGES } from './clip-merges.js'

/**
 * CLIP's vocabulary, in the order of OpenAI's code (github.com/openai/CLIP, `simple_tokenizer.py`): each byte as a character, each
 * at the end of a word, the merged pairs, and two special tokens.
 *
 * @returns the id of each of the 49,408 tokens, and the merges as “first second”
 */
export function clipVocabulary(): { vocab: Readonly<Record<string, number>>; merges: readonly string[] } {
  const merges = CLIP_MERGES.split('\n')
  const bytes = byteCharacters()
  const words = [...bytes, ...bytes.map(byte => `${byte}</w>`), ...merges.map(pair => pair.replace(' ', ''))]
  return {
    vocab: Object.fromEntries([...words, '<|startoftext|>', '<|endoftext|>'].map((token, id) => [token, id])),
    merges,
  }
}

/** The character of each byte: its own where that is visible, else one from U+0100 on. Visible ones come first. */
function byteCharacters(): string[] {
  const isVisible = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173)
  const bytes = Array.from({ length: 256 }, (_, byte) => byte)
  const hidden = bytes.filter(byte => !isVisible(byte)).map((_, index) => 256 + index)
  return [...bytes.filter(isVisible), ...hidden].map(code => String.fromCodePoint(code))
}
