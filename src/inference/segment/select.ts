import { UserError } from '../../user-error.js'
import { readPicture } from '../image/decode.js'
import { countPainted, type Mask } from '../image/pixels.js'
import { candidateMask, defaultGrow, maskOfSize } from './candidate.js'
import { type PictureObject, searchObjects } from './object-search.js'
import { checkPrompt, type SegmentPrompt, type SegmentSize } from './prompt.js'
import { segmentModelFolder } from './segment-folder.js'
import { loadSegmentModel, type SegmentModel } from './segment-model.js'

/** Which object, and how its mask is made. */
export type ObjectRequest = {
  readonly prompt: SegmentPrompt
  /** The mask that the network thinks is best if undefined. */
  readonly size?: SegmentSize | undefined
  /** In pixels of the picture; {@link defaultGrow} if undefined. */
  readonly grow?: number | undefined
}

/** @property share of the picture, from 0 to 1 @property iou as the network predicts it, before growing */
export type SelectedObject = { readonly mask: Mask; readonly share: number; readonly iou: number }

/** Selects objects on files, with a model that stays open. */
export interface ObjectSelector {
  /** @throws UserError of the picture, of `checkPrompt`, `selection-found-nothing`, `mask-full` */
  select(picture: Uint8Array, request: ObjectRequest): Promise<SelectedObject>
  /** All objects, the largest first. @param grow as in {@link ObjectRequest} @throws UserError of the picture, `objects-not-found` */
  findObjects(picture: Uint8Array, grow?: number): Promise<PictureObject[]>
  close(): Promise<void>
}

/** @throws UserError `segment-model-missing`; its model is loaded with the first picture */
export function openObjectSelector(modelFolder: string): ObjectSelector {
  const folder = segmentModelFolder(modelFolder)
  let loading: Promise<SegmentModel> | undefined
  const openModel = () => {
    loading ??= loadSegmentModel(folder)
    return loading
  }
  return {
    async select(picture, { prompt, size, grow }) {
      const { pixels } = await readPicture(picture)
      const checked = checkPrompt(prompt, pixels)
      const model = await openModel()
      const selection = await model.decode(await model.encode(pixels), checked)
      const chosen = maskOfSize(selection, size)
      const mask = candidateMask(chosen, pixels, grow ?? defaultGrow(pixels))
      const share = countPainted(mask) / mask.data.length
      if (share === 0) throw new UserError({ code: 'selection-found-nothing' })
      if (share === 1) throw new UserError({ code: 'mask-full' })
      return { mask, share, iou: chosen.iou }
    },
    async findObjects(picture, grow) {
      const { pixels } = await readPicture(picture)
      const model = await openModel()
      const search = searchObjects(model, await model.encode(pixels))
      while (!(await search.continue())) {}
      const objects = search.objects(pixels, grow)
      if (objects.length === 0) throw new UserError({ code: 'objects-not-found' })
      return objects
    },
    async close() {
      await (await loading?.catch(() => undefined))?.close()
    },
  }
}
