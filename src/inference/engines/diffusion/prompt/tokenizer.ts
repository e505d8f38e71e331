import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Tokenizer } from '@huggingface/tokenizers'
import { z } from 'zod'
import { readModelText } from '../../../onnx/model-file.js'
import type { clipVocabulary } from './clip-vocabulary.js'
import { type PromptEmbedding, type PromptPiece, splitAtEmbeddings } from './prompt-embeddings.js'
import { CHUNK_BREAK, parsePromptWeights } from './prompt-weights.js'

/** Tokens of a prompt in one chunk, without the start and end tokens. */
export const CHUNK_TOKENS = 75

/**
 * A phrase that doesn't fit moves to the next chunk if its comma is at most this many tokens back, the comma included
 * (A1111's default).
 */
const MAX_COMMA_BACKTRACK_TOKENS = 20

/** The input of one run of the text encoder: CHUNK_TOKENS + 2 token ids, and their weights. */
export type TokenChunk = { readonly ids: readonly number[]; readonly weights: readonly number[] }

/** Splits prompts into chunks of tokens. */
export interface PromptTokenizer {
  /** At least one chunk; more for prompts longer than {@link CHUNK_TOKENS} tokens, or with `BREAK`. */
  chunks(prompt: string): TokenChunk[]
}

const tokenSchema = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)])

const jsonObject = z.record(z.string(), z.unknown())

const configSchema = z.object({
  bos_token: tokenSchema.default('<|startoftext|>'),
  eos_token: tokenSchema.default('<|endoftext|>'),
  pad_token: tokenSchema.default('<|endoftext|>'),
})

/** The parts of `tokenizer.json` that differ between models. Merges are strings or pairs. */
const tokenizerJsonSchema = z.object({
  model: z.object({
    vocab: z.record(z.string(), z.int().nonnegative()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()]).transform(pair => pair.join(' '))])),
  }),
})

/** Whether a folder has a vocabulary that {@link readTokenizer} reads. */
export function hasTokenizer(folder: string): boolean {
  const has = (name: string) => existsSync(join(folder, name))
  return (has('vocab.json') && has('merges.txt')) || has('tokenizer.json')
}

/**
 * CLIP's byte pair encoding with a model's own vocabulary, from `vocab.json` and `merges.txt` or from `tokenizer.json`.
 * The special tokens are those of `special_tokens_map.json` and `tokenizer_config.json`.
 *
 * @throws Error if a file is missing or invalid
 */
export async function readTokenizer(
  folder: string,
  embeddings: readonly PromptEmbedding[] = [],
): Promise<PromptTokenizer> {
  const text = async (name: string) => {
    const found = await readModelText(join(folder, name))
    if (found === undefined) throw new Error(`${name} is missing`)
    return found
  }
  const json = async (name: string) => jsonObject.parse(JSON.parse((await readModelText(join(folder, name))) ?? '{}'))
  const [tokenizerConfig, specialTokens] = [await json('tokenizer_config.json'), await json('special_tokens_map.json')]
  // As in transformers: the map is of an older format and counts more, unless the config has the newer format.
  const isNewFormat = 'added_tokens_decoder' in tokenizerConfig
  const config = configSchema.parse(
    isNewFormat ? { ...specialTokens, ...tokenizerConfig } : { ...tokenizerConfig, ...specialTokens },
  )
  if (!existsSync(join(folder, 'vocab.json'))) {
    const { model } = tokenizerJsonSchema.parse(JSON.parse(await text('tokenizer.json')))
    return createPromptTokenizer(
      model.vocab,
      bytePairTokenizer(model.vocab, model.merges, config.eos_token),
      config,
      embeddings,
    )
  }
  const vocab = z.record(z.string(), z.int().nonnegative()).parse(JSON.parse(await text('vocab.json')))
  const merges = (await text('merges.txt'))
    .split('\n')
    .filter(line => line.includes(' ') && !line.startsWith('#version'))
  return createPromptTokenizer(vocab, bytePairTokenizer(vocab, merges, config.eos_token), config, embeddings)
}

const CLIP_END = '<|endoftext|>'

let clip: Promise<ReturnType<typeof clipVocabulary> & { bytePairs: Tokenizer }> | undefined

async function openClip() {
  const { clipVocabulary } = await import('./clip-vocabulary.js')
  const { vocab, merges } = clipVocabulary()
  return { vocab, merges, bytePairs: bytePairTokenizer(vocab, merges, CLIP_END) }
}

/** CLIP's byte pair encoding with CLIP's vocabulary, for models without their own. @param pad the padding token */
export async function defaultClipTokenizer(
  pad: 'end' | 'first',
  embeddings: readonly PromptEmbedding[] = [],
): Promise<PromptTokenizer> {
  // It takes a fifth of a second to make, and SDXL has two.
  clip ??= openClip()
  const { vocab, bytePairs } = await clip
  const tokens = { bos_token: '<|startoftext|>', eos_token: CLIP_END, pad_token: pad === 'end' ? CLIP_END : '!' }
  return createPromptTokenizer(vocab, bytePairs, tokens, embeddings)
}

function createPromptTokenizer(
  vocab: Readonly<Record<string, number>>,
  bytePairs: Tokenizer,
  { bos_token, eos_token, pad_token }: z.infer<typeof configSchema>,
  embeddings: readonly PromptEmbedding[],
): PromptTokenizer {
  const idOf = (token: string) => {
    const id = vocab[token]
    if (id === undefined) throw new Error(`the vocabulary has no ${token}`)
    return id
  }
  const [bos, eos, pad, comma] = [idOf(bos_token), idOf(eos_token), idOf(pad_token), vocab[',</w>']]
  const idsOf = (text: string) => bytePairs.encode(text, { add_special_tokens: false }).ids

  const idsOrEmbedding = (piece: PromptPiece) => (typeof piece === 'string' ? idsOf(piece) : [piece])

  const chunkOf = (tokens: readonly { id: number; weight: number }[]): TokenChunk => {
    const padding = CHUNK_TOKENS - tokens.length
    // The end token comes before the padding.
    return {
      ids: [bos, ...tokens.map(({ id }) => id), eos, ...Array<number>(padding).fill(pad)],
      weights: [1, ...tokens.map(({ weight }) => weight), 1, ...Array<number>(padding).fill(1)],
    }
  }

  return {
    chunks(prompt) {
      const chunks: TokenChunk[] = []
      let openChunk: { id: number; weight: number }[] = []
      let lastComma = -1
      const closeChunk = (count = openChunk.length) => {
        chunks.push(chunkOf(openChunk.slice(0, count)))
        openChunk = openChunk.slice(count)
        lastComma = -1
      }
      for (const part of parsePromptWeights(prompt)) {
        if (part === CHUNK_BREAK) {
          closeChunk()
          continue
        }
        for (const id of splitAtEmbeddings(part.text, embeddings).flatMap(idsOrEmbedding)) {
          if (openChunk.length === CHUNK_TOKENS) {
            const isNear = lastComma >= 0 && openChunk.length - lastComma <= MAX_COMMA_BACKTRACK_TOKENS
            closeChunk(isNear && id !== comma ? lastComma + 1 : CHUNK_TOKENS)
          }
          if (typeof id === 'number') {
            if (id === comma) lastComma = openChunk.length
            openChunk.push({ id, weight: part.weight })
            continue
          }
          // An embedding is never split.
          if (openChunk.length + id.count > CHUNK_TOKENS) closeChunk()
          for (let at = 0; at < id.count; at++) openChunk.push({ id: id.firstId + at, weight: part.weight })
        }
      }
      if (openChunk.length > 0 || chunks.length === 0) closeChunk()
      return chunks
    },
  }
}

/** Splits text into byte pairs as CLIP does: the content of its `tokenizer.json`. */
function bytePairTokenizer(
  vocab: Readonly<Record<string, number>>,
  merges: readonly string[],
  unknownToken: string,
): Tokenizer {
  const json = {
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
  return new Tokenizer(json, {})
}
