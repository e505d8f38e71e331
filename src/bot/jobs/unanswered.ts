import type { Client } from 'discord.js'
import type { Logger } from 'pino'
import { z } from 'zod'
import { problemMessage, translationsFor } from '../../i18n/i18n.js'
import { parseJson } from '../../parse-json.js'
import { type InteractionAddress, replyAddressSchema } from '../messages/responder.js'
import { resumeResponder } from '../messages/resume-responder.js'
import { textView } from '../views/message-view.js'
import { isQueueUnreachable } from './retry.js'

/** The map of interactions that were acknowledged and have neither an answer nor a job, by their ids. */
const UNANSWERED = 'unanswered'

/** An interaction can be answered for this long. In milliseconds. */
const LIFETIME_MS = 14 * 60_000

/** No other bot works on an interaction for this long before its job is in the queue. In milliseconds. */
const SHARED_GRACE_MS = 5 * 60_000

/** Time between two searches, in milliseconds. */
const SEARCH_INTERVAL_MS = 60_000

const noteSchema = z.object({
  version: z.literal(1),
  address: replyAddressSchema,
  locale: z.string().nullable(),
})

/** The part of the store that all bots of a token share. */
export type UnansweredStore = {
  putEntry(map: string, field: string, text: string): Promise<void>
  getEntry(map: string, field: string): Promise<string | undefined>
  getEntries(map: string): Promise<Map<string, string>>
  deleteEntry(map: string, field: string): Promise<void>
  claim(name: string, seconds: number): Promise<boolean>
}

/** Remembers who waits for an answer, so that nobody sees "thinking …" for ever where the bot that acknowledged them ended. */
export interface UnansweredInteractions {
  /** The person sees that an answer follows. */
  note(address: InteractionAddress, locale: string | null): void
  /** The answer was sent, or another record holds the request. */
  settle(id: string): Promise<void>
  /** Another bot's job was found: its record leads to an answer. */
  settleOther(id: string): Promise<void>
  /** Answer those of bots that have ended, now and then again. @returns a function that stops it */
  finishOthers(client: Client<true>): () => void
}

/**
 * @param isShared whether other bots use the store at the same time
 * @param isOpenJob whether a job was accepted and is not acknowledged
 */
export function createUnansweredInteractions(
  store: UnansweredStore,
  isShared: boolean,
  isOpenJob: (id: string) => Promise<boolean>,
  log: Logger,
): UnansweredInteractions {
  /** Of this process, with the last change of each in the store. */
  const own = new Map<string, Promise<void>>()

  async function finish(client: Client<true>): Promise<void> {
    for (const [id, text] of await store.getEntries(UNANSWERED)) {
      if (own.has(id)) continue
      const note = parseNote(text)
      const age = Date.now() - (note?.address.received ?? 0)
      if (note && isShared && age < SHARED_GRACE_MS) continue
      // Whoever takes a job over deletes its note before it acknowledges the job: so in this order, none is missed.
      if (await isOpenJob(id)) continue
      if ((await store.getEntry(UNANSWERED, id)) === undefined) continue
      if (!(await store.claim(`unanswered:${id}`, LIFETIME_MS / 1000))) continue
      await store.deleteEntry(UNANSWERED, id)
      if (!note || age > LIFETIME_MS) continue
      const warn = (error: unknown) => log.warn(error, 'interrupted request not answered')
      const responder = resumeResponder(client, note.address, warn)
      const sentence = problemMessage({ code: 'interrupted' }, translationsFor(note.locale))
      await responder.notify(textView(sentence)).then(() => log.info({ job: id }, 'interrupted request answered'), warn)
    }
  }

  return {
    note(address, locale) {
      const text = JSON.stringify({ version: 1, address, locale } satisfies z.input<typeof noteSchema>)
      const put = store.putEntry(UNANSWERED, address.id, text)
      own.set(
        address.id,
        put.catch(error => log.warn(error, 'interaction not noted')),
      )
    },
    async settle(id) {
      const noted = own.get(id)
      if (!noted) return
      await noted
      await store.deleteEntry(UNANSWERED, id).catch(error => log.warn(error, 'interaction still noted'))
      own.delete(id)
    },
    settleOther: id => store.deleteEntry(UNANSWERED, id),
    finishOthers(client) {
      const search = () =>
        void finish(client).catch(error =>
          log[isQueueUnreachable(error) ? 'debug' : 'warn'](error, 'interrupted requests not found'),
        )
      search()
      const timer = setInterval(search, SEARCH_INTERVAL_MS).unref()
      return () => clearInterval(timer)
    },
  }
}

/** Undefined where another version wrote it. */
function parseNote(text: string): { address: InteractionAddress; locale: string | null } | undefined {
  const { data: note } = noteSchema.safeParse(parseJson(text))
  return note?.address.kind === 'interaction' ? { address: note.address, locale: note.locale } : undefined
}
