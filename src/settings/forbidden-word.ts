/** Scripts that are written without spaces between words. */
const UNSPACED_SCRIPTS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u

/**
 * The first of `words` that a text contains, in any letter case, width, and with or without accents. Only whole words
 * count ("ass" is not in "grass"), except in scripts without spaces.
 */
export function findForbiddenWord(text: string, words: readonly string[]): string | undefined {
  const normalText = normalized(text)
  const textWords = ` ${wordsOf(normalText)} `
  return words.find(word => {
    const normalWord = normalized(word)
    if (UNSPACED_SCRIPTS.test(normalWord)) return normalText.includes(normalWord)
    const phrase = wordsOf(normalWord)
    return phrase !== '' && textWords.includes(` ${phrase} `)
  })
}

/** The words of a text, with one space between two of them. */
function wordsOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, ' ').trim()
}

function normalized(text: string): string {
  return (
    text
      .normalize('NFKD')
      // Accents only: Japanese voicing marks are combining characters too, but they make another letter.
      .replace(/[\u0300-\u036f]/g, '')
      .normalize('NFC')
      .toLowerCase()
  )
}
