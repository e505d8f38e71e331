import type { DrawingJobState } from '../../protocol/drawing.js'
import { type Box, type PictureRecipe, readRecipe } from '../png-recipe.js'
import { fetchPicture } from './editor-api.js'

/** A picture that was opened or painted on this page. */
export type EditorPicture = {
  /** The job that painted it, or `opened`. */
  readonly job: string
  /** Of the pictures of the job, from 0. */
  readonly index: number
  /** Milliseconds since 1970; 0 for the opened one. */
  readonly painted: number
  /** Opens it in the editor; undefined if it could not be sent to the channel. */
  readonly token?: string | undefined
  /** The token of the picture that it was painted from. */
  readonly parent?: string
  /** With its recipe. */
  readonly file: Blob
  readonly thumbnail: Blob
  readonly width: number
  readonly height: number
  readonly recipe?: PictureRecipe | undefined
  /** The place of the picture that it was painted from, in its pixels. */
  readonly source: Box
}

/** Longer side, in pixels. */
const THUMBNAIL_SIDE = 192

type Results = Extract<DrawingJobState, { state: 'done' }>['pictures']

/** Load the pictures of a job. A lost connection is waited for. @throws RefusedError */
export async function loadResults(job: string, results: Results, parent: string): Promise<EditorPicture[]> {
  const painted = Date.now()
  return Promise.all(
    results.map(async ({ url, token }, index) => ({
      job,
      index,
      painted,
      token,
      parent,
      ...(await describe(await fetchPicture(url, parent))),
    })),
  )
}

/** The picture that a link opened. */
export async function openedPicture(file: Blob, token: string): Promise<EditorPicture> {
  return { job: 'opened', index: 0, painted: 0, token, ...(await describe(file)) }
}

async function describe(file: Blob) {
  const recipe = await readRecipe(file)
  const { thumbnail, width, height } = await shrink(file)
  return { file, thumbnail, width, height, recipe, source: recipe?.source ?? { x: 0, y: 0, width, height } }
}

/** A thumbnail, and the size of the whole picture. */
async function shrink(file: Blob) {
  const bitmap = await createImageBitmap(file)
  const { width, height } = bitmap
  const scale = Math.min(1, THUMBNAIL_SIDE / Math.max(width, height))
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)))
  const context = canvas.getContext('2d')!
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  return { thumbnail: await canvas.convertToBlob({ type: 'image/png' }), width, height }
}
