import { type Client, type Message, SnowflakeUtil } from 'discord.js'
import { z } from 'zod'
import { sentence, wordsFor } from '../../i18n/i18n.js'
import { engineNamed, installedEngines } from '../../inference/engines/registry.js'
import { editSchema, takesMask } from '../../inference/pipeline/edit.js'
import { optionsSchema } from '../../inference/pipeline/options.js'
import type { PaintResult } from '../../inference/pipeline/paint.js'
import { VARIATIONS } from '../../inference/pipeline/request.js'
import { ended, type JobState } from '../../queue/queue.js'
import { type Problem, ProblemError } from '../../user-error.js'
import type { Parts } from '../deps.js'
import { isSpoiler } from '../handlers/buttons.js'
import { permitted } from '../jobs/policy.js'
import { paintOrder } from '../jobs/submit.js'
import { resumedResponder } from '../messages/interaction-responder.js'
import { problemOf } from '../messages/reply-with-error.js'
import { messageAt, sheetOf } from '../messages/result-files.js'
import { type Here, hereOfPerson } from '../request-context.js'

/** A picture in one of our messages that somebody may draw on, and who. */
export const regionSchema = z.strictObject({
  person: z.string(),
  server: z.string().optional(),
  channel: z.string(),
  message: z.string(),
  index: z.int().min(0).max(3),
  /** Discord's name of the person's language. */
  locale: z.string().optional(),
})
export type Region = z.infer<typeof regionSchema>

/** What somebody asks for on the page: to repaint or remove what they drew, or to add to the sides. */
export const regionWishSchema = z.strictObject({
  edit: editSchema.refine(({ kind }) => kind === 'inpaint' || kind === 'remove' || kind === 'extend'),
  prompt: z.string().max(1000),
  variations: z.int().min(VARIATIONS.min).max(VARIATIONS.max).optional(),
  engine: z.string().max(100).optional(),
  options: optionsSchema.optional(),
})
export type RegionWish = z.infer<typeof regionWishSchema>

export type OpenedRegion = {
  readonly picture: Uint8Array
  readonly prompt: string
  readonly negative: string
  /** What the picture was painted by. */
  readonly engine: string | undefined
  readonly engines: readonly { readonly name: string; readonly reads: boolean }[]
}

/** How a job that was asked for on the page stands. */
export type RegionJob =
  | { readonly state: 'waiting'; readonly place: number }
  | { readonly state: 'running'; readonly done: number; readonly preview?: Uint8Array }
  | { readonly state: 'done'; readonly pictures: readonly Uint8Array[]; readonly next: readonly Region[] }
  | { readonly state: 'failed'; readonly said: string }

/** Pictures that people draw on, in a page of ours. */
export interface Regions {
  /** @throws ProblemError `attachment-missing` and those of the fetcher */
  open(region: Region): Promise<OpenedRegion>
  /**
   * Paint it, for all to see in the channel.
   *
   * @param mask PNG of the picture's size, white where it is to be painted; for edits that take one
   * @returns the job's id
   * @throws ProblemError whatever stands against it
   */
  paint(region: Region, wish: RegionWish, mask: Uint8Array | undefined): Promise<string>
  /** Undefined where there is no such job of this person. */
  job(region: Region, id: string): RegionJob | undefined
  /** A problem in words for the person. */
  say(region: Region, problem: Problem): string
}

/** For how long the end of a job can be asked for, in milliseconds, and how much is kept of all of them, in bytes. */
const KEPT = 30 * 60_000
const MOST_KEPT = 256 * 1024 * 1024

type Kept = { readonly person: string; readonly since: number; job: RegionJob }

export function regionDesk(client: Client<true>, parts: Parts): Regions {
  const { queue, masks, fetchAttachment, log } = parts
  const kept = new Map<string, Kept>()

  async function found(region: Region) {
    const message = await messageAt(client, region.channel, region.message)
    if (!message) throw new ProblemError({ code: 'attachment-missing' })
    return { message, sheet: await sheetOf(message, region.index, fetchAttachment) }
  }

  function keep(id: string, person: string): Kept {
    for (const [old, { since }] of kept) if (Date.now() - since > KEPT) kept.delete(old)
    const one: Kept = { person, since: Date.now(), job: { state: 'waiting', place: 1 } }
    kept.set(id, one)
    return one
  }

  /** Follow a job beside the one who brings its pictures to Discord. @returns them, if it came to that */
  async function watch(id: string, one: Kept, here: Here): Promise<PaintResult | undefined> {
    for await (const state of queue.follow(id)) {
      if (state.state === 'done') return state.result
      one.job = shown(state, here)
      if (ended(state)) return undefined
    }
    return undefined
  }

  return {
    async open(region) {
      const { sheet } = await found(region)
      return {
        picture: sheet.bytes,
        prompt: sheet.recipe?.prompt ?? '',
        negative: sheet.recipe?.options?.negative ?? '',
        engine: sheet.recipe?.engine,
        engines: installedEngines().map(({ name }) => ({ name, reads: engineNamed(name).reads })),
      }
    },

    async paint(region, { edit, ...wish }, mask) {
      const here = await hereOfPerson(client, region, parts)
      permitted({ edit, ...wish }, here)
      const { message, sheet } = await found(region)
      const drawing = takesMask(edit) ? await drawnOn(sheet.bytes, mask) : undefined
      const source = sheet.bytes
      const spoiler = isSpoiler(message)
      const order = { edit, ...wish, source, mask: drawing?.mask, parent: message.id, spoiler }
      // Like a message of the person's own, of which the answer goes to the channel.
      const id = SnowflakeUtil.generate().toString()
      const { person, channel } = region
      const address = { kind: 'message', id, person, channel, parent: message.id } as const
      const answer = resumedResponder(client, address, error => log.warn(error, 'progress was left behind'))
      await new Promise<void>((resolve, reject) => {
        const begin = async () => {
          const one = keep(id, person)
          resolve()
          return watch(id, one, here)
        }
        let result: Promise<PaintResult | undefined> = Promise.resolve(undefined)
        const queued = async () => {
          result = begin()
          result.catch(error => {
            log.warn(error, 'a job is not followed for its page')
            lost(id, sentence(problemOf(error), here.words))
          })
        }
        let message: Message | undefined
        const delivered = (one: Message) => {
          message = one
        }
        paintOrder({ id, queued, delivered }, answer, order, here, parts)
          .then(async () => finish(id, await result.catch(() => undefined), message, region))
          .catch(reject)
      })
      return id
    },

    job(region, id) {
      const one = kept.get(id)
      return one?.person === region.person ? one.job : undefined
    },

    say: ({ locale }, problem) => sentence(problem, wordsFor(locale ?? null)),
  }

  function lost(id: string, said: string): void {
    const one = kept.get(id)
    if (one) one.job = { state: 'failed', said }
  }

  function finish(id: string, result: PaintResult | undefined, delivered: Message | undefined, region: Region): void {
    const one = kept.get(id)
    if (!one || !result) return
    const next = delivered
      ? result.pictures.map((_, index) => ({ ...region, channel: delivered.channelId, message: delivered.id, index }))
      : []
    one.job = { state: 'done', pictures: result.pictures.map(({ png }) => png), next }
    // Who asked last sees it, whatever is forgotten for it.
    const all = [...kept].filter(([, { job }]) => job.state === 'done')
    while (all.length > 1 && all.reduce((sum, [, { job }]) => sum + bytesOf(job), 0) > MOST_KEPT)
      kept.delete(all.shift()![0])
  }

  async function drawnOn(picture: Uint8Array, mask: Uint8Array | undefined) {
    if (!mask) throw new ProblemError({ code: 'mask-missing' })
    return masks.change(mask, picture, 'same')
  }
}

function bytesOf(job: RegionJob): number {
  return job.state === 'done' ? job.pictures.reduce((sum, { length }) => sum + length, 0) : 0
}

function shown(state: Exclude<JobState, { state: 'done' }>, { words }: Here): RegionJob {
  switch (state.state) {
    case 'waiting':
      return { state: 'waiting', place: state.place }
    case 'running':
      return { state: 'running', done: state.done, ...(state.preview && { preview: state.preview }) }
    case 'failed':
      return { state: 'failed', said: sentence(state.problem, words) }
    case 'cancelled':
      return { state: 'failed', said: sentence({ code: 'cancelled' }, words) }
  }
}
