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

/** All objects of a picture, the largest first. */
export type FoundObjects = {
  /** The masks, see object-sheet.ts; of the picture's size, or 1024 pixels long if that is longer. */
  readonly sheet: Uint8Array
  /** Of the picture, from 0 to 1, one for each object. */
  readonly shares: readonly number[]
}

/** What the process is given. Without `picture` it answers `unknown` where it no longer has the picture's embedding. */
export type SegmentTask = {
  readonly folder: string
  readonly key: string
  readonly picture?: Uint8Array
} & ({ readonly do: 'select'; readonly prompt: SegmentPrompt } | { readonly do: 'find-objects' })

/** `more`: the search goes on with the next task, so that clicks come between. */
export type SegmentAnswer = SegmentMasks | FoundObjects | 'unknown' | 'more'

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
  /**
   * Find all objects, once for each picture. Takes about ten seconds on two quiet cores, a minute at most.
   *
   * @param key and `picture` as for `select`
   * @throws UserError `segment-model-missing`, `picture-too-demanding`, `objects-not-found`, those of the picture
   */
  findObjects(key: string, picture: () => Promise<Uint8Array>): Promise<FoundObjects>
  close(): Promise<void>
}

export function createSegmentService(modelFolder: string): SegmentService {
  const worker = workerProcess<SegmentTask, SegmentAnswer>(import.meta.url, 'segment-tasks', {
    timeoutMs: TIMEOUT_MS,
    idleMs: IDLE_MS,
  })

  /** Give the process the picture where it needs it. */
  async function run(
    task: SegmentTask,
    picture: () => Promise<Uint8Array>,
  ): Promise<Exclude<SegmentAnswer, 'unknown'>> {
    const answer = await worker.run(task)
    if (answer !== 'unknown') return answer
    const second = await worker.run({ ...task, picture: await picture() })
    if (second === 'unknown') throw new Error('the embedding was not computed')
    return second
  }

  return {
    isAvailable: () => listSegmentModelNames(modelFolder).length > 0,
    async select(key, picture, prompt) {
      const folder = segmentModelFolder(modelFolder)
      return (await run({ do: 'select', folder, key, prompt }, picture)) as SegmentMasks
    },
    async findObjects(key, picture) {
      const folder = segmentModelFolder(modelFolder)
      for (;;) {
        const answer = await run({ do: 'find-objects', folder, key }, picture)
        if (answer !== 'more') return answer as FoundObjects
      }
    },
    close: worker.close,
  }
}
