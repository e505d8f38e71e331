import type { Extent } from '../image/geometry.js'
import { workerProcess } from '../runtime/worker-process.js'
import type { SegmentPrompt, SegmentSize } from './prompt.js'
import { listSegmentModelNames, segmentModelFolder } from './segment-folder.js'

/**
 * The masks that a prompt may mean, on the coarse grid of the network. A pixel of the grid is 128 where the network is undecided, more
 * on the object, less elsewhere: interpolated to the picture's size and cut at 128, they are the masks.
 */
export type SegmentMasks = {
  /** Of the picture, in pixels. */
  readonly picture: Extent
  /** The part of the grid, from its top left corner, that the picture covers, in cells and fractions of them. */
  readonly content: Extent
  /** PNG with one channel of 8 bits each. */
  readonly masks: Readonly<Record<SegmentSize, Uint8Array>>
  /** The size to show where nobody chose one. A mask that is none of the three is in `masks` at this size. */
  readonly best: SegmentSize
}

/** What the process is given. Without `picture` it answers `unknown` where it no longer has the picture's embedding. */
export type SegmentTask = {
  readonly folder: string
  readonly key: string
  readonly picture?: Uint8Array
  readonly prompt: SegmentPrompt
}

/** In milliseconds: large networks take half a minute on a slow machine. */
const TIMEOUT_MS = 120_000

/** The process keeps embeddings for this long after the last click, in milliseconds. */
const IDLE_MS = 10 * 60_000

/**
 * Selects objects by points or a box, in a process with limits. It is another one than the painter's: a click must not wait until a
 * picture is painted. The embedding of a picture is computed once and kept, those of the least recently used pictures are dropped.
 */
export interface SegmentService {
  /** Whether a segment model is installed. */
  isAvailable(): boolean
  /**
   * @param key of the picture: the same key always has the same picture
   * @param picture called where the embedding has to be computed
   * @throws UserError `segment-model-missing`, `picture-too-demanding`, those of `checkPrompt` and of the picture
   */
  select(key: string, picture: () => Promise<Uint8Array>, prompt: SegmentPrompt): Promise<SegmentMasks>
  close(): Promise<void>
}

export function createSegmentService(modelFolder: string): SegmentService {
  const worker = workerProcess<SegmentTask, SegmentMasks | 'unknown'>(import.meta.url, 'segment-tasks', {
    timeoutMs: TIMEOUT_MS,
    idleMs: IDLE_MS,
  })
  return {
    isAvailable: () => listSegmentModelNames(modelFolder).length > 0,
    async select(key, picture, prompt) {
      const task = { folder: segmentModelFolder(modelFolder), key, prompt }
      const known = await worker.run(task)
      if (known !== 'unknown') return known
      const answer = await worker.run({ ...task, picture: await picture() })
      if (answer === 'unknown') throw new Error('the embedding was not computed')
      return answer
    },
    close: worker.close,
  }
}
