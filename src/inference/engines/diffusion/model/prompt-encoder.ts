import { UserError } from '../../../../user-error.js'
import type { Extent } from '../../../image/geometry.js'
import type { PromptTokenizer, TokenChunk } from '../prompt/tokenizer.js'
import type { ModelFiles } from './model-files.js'
import type { ClipTextEncoder, PromptEmbedding } from './text-encoder.js'
import type { Conditioning } from './unet.js'

/** The prompts of one step. */
export type Prompts = { readonly positive: readonly string[]; readonly negative: string | undefined }
export type EncodedPrompts = { readonly positive: readonly Conditioning[]; readonly negative: Conditioning }

/**
 * Encode prompts. All conditionings have the same number of tokens: shorter prompts are padded with empty chunks.
 *
 * @param prompts a negative prompt that is undefined stands for none: SDXL then gets zeros instead of an embedding, as in
 *   diffusers and A1111's web UI
 * @param size of the picture in pixels; an input of SDXL
 * @param clipSkip which layer of the text encoder is used, counted from the last, 1; default is the model's usual layer
 * @throws UserError `clip-skip`
 */
export type EncodePrompts = (prompts: Prompts, size: Extent, clipSkip?: number) => Promise<EncodedPrompts>

export type PromptEncoder = { readonly tokenizer: PromptTokenizer; readonly encoder: ClipTextEncoder }

/** Scores of beauty, 0 to 10, that diffusers and A1111's web UI give SDXL's refiner for the prompts. */
const AESTHETIC_SCORES = { positive: 6, negative: 2.5 } as const

/** SDXL's time ids: original size, crop offset, and target size, or the refiner's score (Podell et al. 2023, sections 2.2 and 2.5). */
function timeIdsOf({ family, isRefiner }: ModelFiles, { width, height }: Extent, score: number): number[] | undefined {
  if (family !== 'sdxl') return undefined
  return [height, width, 0, 0, ...(isRefiner ? [score] : [height, width])]
}

/** SDXL's prompt and negative prompt take 1.3 MB. A schedule like [from:to:when] has one pair for each change. */
const MAX_RECENT_PROMPTS = 32

/**
 * Encodes prompts with all text encoders of a model. The latest results are kept: all pictures of a job have the same prompts.
 *
 * @param afterUse is called when the encoders are not needed for now
 */
export function promptEncoder(
  files: ModelFiles,
  encoders: readonly PromptEncoder[],
  afterUse: () => Promise<void> = async () => {},
): EncodePrompts {
  /** Oldest first. */
  const recent = new Map<string, Promise<EncodedPrompts>>()
  const encode = encoderOf(files, encoders)
  return (prompts, size, clipSkip) => {
    const key = JSON.stringify([prompts, size, clipSkip])
    const encoded = recent.get(key) ?? encode(prompts, size, clipSkip).finally(afterUse)
    recent.delete(key)
    recent.set(key, encoded)
    encoded.catch(() => recent.delete(key))
    if (recent.size > MAX_RECENT_PROMPTS) recent.delete(recent.keys().next().value!)
    return encoded
  }
}

function encoderOf(files: ModelFiles, encoders: readonly PromptEncoder[]): EncodePrompts {
  return async ({ positive, negative }, size, clipSkip) => {
    for (const { encoder } of encoders) {
      if (clipSkip !== undefined && !(await encoder.hasLayer(clipSkip))) {
        throw new UserError({ code: 'clip-skip', model: files.name, clipSkip })
      }
    }
    const prompts = [negative, ...positive]
    // All prompts of a step need the same number of chunks.
    const chunksByEncoder = encoders.map(({ tokenizer }) => prompts.map(prompt => tokenizer.chunks(prompt ?? '')))
    const chunkCount = Math.max(...chunksByEncoder.flat().map(chunks => chunks.length))
    const conditionings: Conditioning[] = []
    for (const [index, prompt] of prompts.entries()) {
      const encoded: PromptEmbedding[] = []
      for (const [which, { tokenizer, encoder }] of encoders.entries()) {
        const chunks = padChunks(chunksByEncoder[which]![index]!, chunkCount, tokenizer)
        const embedding = await encoder.encode(chunks, clipSkip)
        encoded.push(files.zerosForNoPrompt && prompt === undefined ? zerosLike(embedding) : embedding)
      }
      const timeIds = timeIdsOf(files, size, AESTHETIC_SCORES[index === 0 ? 'negative' : 'positive'])
      const promptEmbeds = concatenateEmbeds(encoded)
      conditionings.push({ promptEmbeds, pooledPromptEmbeds: encoded.at(-1)!.pooledEmbeds, timeIds })
    }
    const [encodedNegative, ...encodedPositive] = conditionings
    return { positive: encodedPositive, negative: encodedNegative! }
  }
}

function zerosLike({ embeds, pooledEmbeds }: PromptEmbedding): PromptEmbedding {
  const zeros = (values: Float32Array) => new Float32Array(values.length)
  return { embeds: { ...embeds, data: zeros(embeds.data) }, pooledEmbeds: pooledEmbeds && zeros(pooledEmbeds) }
}

function padChunks(chunks: readonly TokenChunk[], count: number, tokenizer: PromptTokenizer): TokenChunk[] {
  const [empty] = tokenizer.chunks('')
  return [...chunks, ...Array<TokenChunk>(count - chunks.length).fill(empty!)]
}

/** The embeddings of several text encoders, concatenated along the last axis. */
function concatenateEmbeds(encoded: readonly PromptEmbedding[]): PromptEmbedding['embeds'] {
  if (encoded.length === 1) return encoded[0]!.embeds
  const widths = encoded.map(({ embeds }) => embeds.dims[2]!)
  const width = widths.reduce((sum, one) => sum + one, 0)
  const rows = encoded[0]!.embeds.dims[1]!
  const data = new Float32Array(rows * width)
  let from = 0
  for (const [index, { embeds }] of encoded.entries()) {
    const part = widths[index]!
    for (let row = 0; row < rows; row++)
      data.set(embeds.data.subarray(row * part, (row + 1) * part), row * width + from)
    from += part
  }
  return { data, dims: [1, rows, width] }
}
