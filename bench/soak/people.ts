import type { APIMessage } from 'discord.js'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { encodePng } from '../../src/inference/image/png.js'

/** A request that has no answer after this long was never accepted: its bot ended first. In milliseconds. */
const UNACCEPTED_AFTER_MS = 20_000

type Request = {
  readonly person: string
  readonly channel: string
  readonly prompt: string
  readonly askedAt: number
  accepted: boolean
  /** The result's messages that are there now, and how many there were. */
  readonly results: Map<string, APIMessage>
  posted: number
  /** The text that told the person why there is no result. */
  refusal?: string
}

export type Counts = {
  readonly asked: number
  readonly accepted: number
  readonly delivered: number
  /** Jobs that ended with a sentence, not with pictures. */
  readonly refused: number
  readonly twice: number
  /** Results that were posted a second time, which was deleted at once. */
  readonly takenBack: number
  readonly lost: number
  readonly misplaced: number
}

/** People in several channels who ask again as soon as they have got their pictures, and what became of each request. */
export async function soakPeople(discord: DiscordEmulator, peopleCount: number, picture?: Uint8Array) {
  const requests = new Map<string, Request>()
  const data = picture ?? (await encodePng({ data: new Uint8Array(32 * 32 * 3).fill(90), width: 32, height: 32 }))
  const image = { name: 'plain.png', data }
  const channels = ['one', 'two', 'three'].map(name => discord.createChannel(name).id)
  const unsubscribe = [
    discord.on('message', message => note(message)),
    discord.on('edit', message => note(message)),
    discord.on('delete', ({ id }) => {
      for (const { results } of requests.values()) if (results.delete(id)) return
    }),
  ]

  function note(message: APIMessage): void {
    const request = requests.get(requestIdOf(message) ?? '')
    if (!request) return
    const text = JSON.stringify(message.components ?? [])
    if (message.attachments.some(({ filename }) => filename.startsWith('overscan-'))) {
      if (!request.results.has(message.id)) request.posted++
      request.results.set(message.id, message)
    } else if (!/"custom_id"/.test(text) && text !== '[]') request.refusal = text
  }

  const isOpen = ({ accepted, results, refusal, askedAt }: Request) =>
    results.size === 0 && refusal === undefined && (accepted || Date.now() - askedAt < UNACCEPTED_AFTER_MS)

  return {
    /** How many requests have no end yet. */
    open: () => [...requests.values()].filter(isOpen).length,
    asked: () => requests.size,
    async ask(): Promise<void> {
      const number = requests.size
      const person = discord.person(`Person ${number % peopleCount}`)
      const channel = channels[number % channels.length]!
      const prompt = `request ${number} of ${person.user.id}`
      const sent = await person.slash('zoom', { image, variations: 1, prompt, seed: number }, { channel })
      sent.acknowledged.catch(() => {}) // its bot was stopped
      const about = { person: person.user.id, channel, prompt, askedAt: Date.now() }
      requests.set(sent.id, { ...about, accepted: false, results: new Map(), posted: 0 })
    },
    onQueued(job: string): void {
      const request = requests.get(job)
      if (request) request.accepted = true
    },
    close(): void {
      for (const end of unsubscribe) end()
    },
    counts(): Counts {
      const all = [...requests.values()]
      const count = (is: (request: Request) => boolean) => all.filter(is).length
      return {
        asked: all.length,
        accepted: count(({ accepted, results }) => accepted || results.size > 0),
        delivered: count(({ results }) => results.size > 0),
        refused: count(({ accepted, results, refusal }) => accepted && results.size === 0 && refusal !== undefined),
        twice: count(({ results }) => results.size > 1),
        takenBack: count(({ results, posted }) => results.size === 1 && posted > 1),
        lost: count(({ accepted, results, refusal }) => accepted && results.size === 0 && refusal === undefined),
        misplaced: count(request => [...request.results.values()].some(message => isMisplaced(message, request))),
      }
    },
    /** The sentences of refused jobs, and the ids of lost ones. */
    details: () =>
      [...requests].flatMap(([id, { accepted, results, refusal }]) =>
        accepted && results.size === 0 ? [{ id, refusal: refusal ?? 'lost' }] : [],
      ),
  }
}

/** The interaction that a message answers: named in the nonce of an ordinary one. */
function requestIdOf({ nonce, interaction_metadata }: APIMessage): string | undefined {
  return nonce === undefined ? interaction_metadata?.id : String(nonce).replace(/\D+$/, '')
}

function isMisplaced(message: APIMessage, { person, channel, prompt }: Request): boolean {
  const text = JSON.stringify(message.components)
  return message.channel_id !== channel || !text.includes(`<@${person}>`) || !text.includes(`${prompt}`)
}
