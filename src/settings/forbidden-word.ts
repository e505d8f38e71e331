/** Scripts that put no spaces between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u

/**
 * The first of `words` that a text holds, however it is written: letter case, accents and width don't count. Whole
 * words only ("ass" is not in "grass"), except in scripts without spaces.
 */
export function findForbiddenWord(text: string, words: readonly string[]): string | undefined {
  const plain = plained(text)
  const spaced = ` ${plain.replace(/[^\p{L}\p{N}]+/gu, ' ').trim()} `
  return words.find(word => {
    const wanted = plained(word)
    if (UNSPACED.test(wanted)) return plain.includes(wanted)
    const inWords = wanted.replace(/[^\p{L}\p{N}]+/gu, ' ').trim()
    return inWords !== '' && spaced.includes(` ${inWords} `)
  })
}

function plained(text: string): string {
  // Japanese voicing marks are combining characters as well, but make another letter.
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
}
