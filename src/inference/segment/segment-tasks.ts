import { UserError } from '../../user-error.js'
import { readPicture } from '../image/decode.js'
import type { Extent } from '../image/geometry.js'
import { encodeMask } from '../image/mask-file.js'
import { encodeObjectSheet } from '../mask/object-sheet.js'
import type { Candidate, Selection } from './candidate.js'
import { type ObjectSearch, searchObjects } from './object-search.js'
import { checkPrompt, SEGMENT_SIZES } from './prompt.js'
import { type Embedding, loadSegmentModel, type SegmentModel } from './segment-model.js'
import type { FoundObjects, SegmentAnswer, SegmentMasks, SegmentTask } from './segment-service.js'

/** Of all embeddings that are kept: 4 MB for a picture with MobileSAM, 16 MB with SAM 2. */
const KEPT_BYTES = 128 * 1024 * 1024

/** Steps of a grey level per unit of a logit: edges are within 16 of 0, and finer steps move them by less than a tenth of a cell. */
const GREY_PER_LOGIT = 8

/** The longer side of a sheet, in pixels: the network's masks are a quarter of it. */
const SHEET_SIDE = 1024

/** A hundred kilobytes each. */
const KEPT_SHEETS = 64

/** In the order of their last use. */
const embeddings = new Map<string, Embedding>()
let opened: { readonly folder: string; readonly model: Promise<SegmentModel> } | undefined

/** Under way, by their pictures. */
const searches = new Map<string, ObjectSearch>()

/** The oldest first. */
const foundObjects = new Map<string, FoundObjects>()

/** The process's side of segment-service.ts. */
export default async function runSegmentTask(task: SegmentTask): Promise<SegmentAnswer> {
  const { folder, key, picture } = task
  const id = `${folder}\0${key}`
  const found = foundObjects.get(id)
  if (task.do === 'find-objects' && found) return found
  const kept = embeddings.get(id)
  if (!kept && !picture) return 'unknown'
  const model = await openModel(folder)
  const embedding = kept ?? (await model.encode((await readPicture(picture!)).pixels))
  keepEmbedding(id, embedding)
  if (task.do === 'find-objects') return findObjects(id, model, embedding)
  const selection = await model.decode(embedding, checkPrompt(task.prompt, embedding.picture))
  return masksOf(selection, embedding)
}

/** A part of the search. @throws UserError `objects-not-found` */
async function findObjects(id: string, model: SegmentModel, embedding: Embedding): Promise<SegmentAnswer> {
  const search = searches.get(id) ?? searchObjects(model, embedding)
  searches.set(id, search)
  const isDone = await search.continue()
  if (!isDone) return 'more'
  searches.delete(id)
  const size = sheetSize(embedding.picture)
  const objects = search.objects(size)
  if (objects.length === 0) throw new UserError({ code: 'objects-not-found' })
  const sheet = await encodeObjectSheet(
    objects.map(({ mask }) => mask),
    size,
  )
  const found = { sheet, shares: objects.map(({ share }) => share) }
  foundObjects.set(id, found)
  for (const old of foundObjects.keys()) if (foundObjects.size > KEPT_SHEETS) foundObjects.delete(old)
  return found
}

function sheetSize({ width, height }: Extent): Extent {
  const scale = Math.min(1, SHEET_SIDE / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
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

function keepEmbedding(id: string, embedding: Embedding): void {
  embeddings.delete(id)
  embeddings.set(id, embedding)
  let bytes = [...embeddings.values()].reduce((sum, one) => sum + bytesOf(one), 0)
  for (const [old, one] of embeddings) {
    if (bytes <= KEPT_BYTES || old === id) break
    embeddings.delete(old)
    searches.delete(old)
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

function greyPicture({ logits: { width, height, data } }: Candidate): Promise<Uint8Array> {
  // A clamped array rounds, and cuts at 0 and 255.
  const grey = new Uint8ClampedArray(data.length)
  for (let at = 0; at < data.length; at++) grey[at] = 128 + data[at]! * GREY_PER_LOGIT
  return encodeMask({ width, height, data: new Uint8Array(grey.buffer) })
}
