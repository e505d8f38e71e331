import { readPicture } from '../image/decode.js'
import { encodeMask } from '../image/mask-file.js'
import type { Candidate, Selection } from './candidate.js'
import { checkPrompt, SEGMENT_SIZES } from './prompt.js'
import { type Embedding, loadSegmentModel, type SegmentModel } from './segment-model.js'
import type { SegmentMasks, SegmentTask } from './segment-service.js'

/** Of all embeddings that are kept: 4 MB for a picture with MobileSAM, 16 MB with SAM 2. */
const KEPT_BYTES = 128 * 1024 * 1024

/** Steps of a grey level per unit of a logit: edges are within 16 of 0, and finer steps move them by less than a tenth of a cell. */
const GREY_PER_LOGIT = 8

/** In the order of their last use. */
const embeddings = new Map<string, Embedding>()
let opened: { readonly folder: string; readonly model: Promise<SegmentModel> } | undefined

/** The process's side of segment-service.ts. */
export default async function runSegmentTask({
  folder,
  key,
  picture,
  prompt,
}: SegmentTask): Promise<SegmentMasks | 'unknown'> {
  const id = `${folder}\0${key}`
  const kept = embeddings.get(id)
  if (!kept && !picture) return 'unknown'
  const model = await openModel(folder)
  const embedding = kept ?? (await model.encode((await readPicture(picture!)).pixels))
  keep(id, embedding)
  const selection = await model.decode(embedding, checkPrompt(prompt, embedding.picture))
  return masksOf(selection, embedding)
}

/** One model is open at a time. One that can't be opened is tried again by the next task. */
async function openModel(folder: string): Promise<SegmentModel> {
  if (opened?.folder !== folder) {
    const last = opened
    opened = { folder, model: loadSegmentModel(folder) }
    await (await last?.model.catch(() => undefined))?.close()
  }
  return opened.model.catch(error => {
    opened = undefined
    throw error
  })
}

function keep(id: string, embedding: Embedding): void {
  embeddings.delete(id)
  embeddings.set(id, embedding)
  let bytes = [...embeddings.values()].reduce((sum, one) => sum + bytesOf(one), 0)
  for (const [old, one] of embeddings) {
    if (bytes <= KEPT_BYTES || old === id) break
    embeddings.delete(old)
    bytes -= bytesOf(one)
  }
}

function bytesOf({ tensors }: Embedding): number {
  return Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0)
}

async function masksOf({ masks, best }: Selection, { picture }: Embedding): Promise<SegmentMasks> {
  const sized = SEGMENT_SIZES.find(size => masks[size] === best)
  // The mask for a prompt without ambiguity replaces the one in the middle.
  const shown = sized ? masks : { ...masks, medium: best }
  const [small, medium, large] = await Promise.all(SEGMENT_SIZES.map(size => greyPicture(shown[size])))
  return {
    picture,
    content: best.logits.content,
    masks: { small: small!, medium: medium!, large: large! },
    best: sized ?? 'medium',
  }
}

function grey(logit: number): number {
  return Math.min(255, Math.max(0, Math.round(128 + logit * GREY_PER_LOGIT)))
}

function greyPicture({ logits }: Candidate): Promise<Uint8Array> {
  const { width, height, data } = logits
  return encodeMask({ width, height, data: Uint8Array.from(data, grey) })
}
