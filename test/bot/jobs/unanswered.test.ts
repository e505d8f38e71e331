import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createUnansweredInteractions, type UnansweredStore } from '../../../src/bot/jobs/unanswered.js'
import { createInteractionResponder } from '../../../src/bot/messages/interaction-responder.js'
import { problemMessage, translationsFor } from '../../../src/i18n/i18n.js'
import { sendTryCommand, startEmulator } from '../../discord-emulator/client.js'
import { textOf } from '../../support/emulator.js'

const log = pino({ level: 'silent' })

function memoryStore(): UnansweredStore & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>()
  const claimed = new Set<string>()
  return {
    entries,
    putEntry: async (_, field, text) => void entries.set(field, text),
    getEntry: async (_, field) => entries.get(field),
    getEntries: async () => new Map(entries),
    deleteEntry: async (_, field) => void entries.delete(field),
    claim: async name => !claimed.has(name) && Boolean(claimed.add(name)),
  }
}

const unansweredIn = (store: UnansweredStore, isShared: boolean, isOpenJob = async (_id: string) => false) =>
  createUnansweredInteractions(store, isShared, isOpenJob, log)

/** Ada's command, acknowledged by a bot that notes it. */
async function acknowledgedCommand(isEphemeral: boolean, store = memoryStore()) {
  const discord = await startEmulator()
  const { client, sent, interaction } = await sendTryCommand(discord)
  const bot = unansweredIn(store, false)
  const responder = createInteractionResponder(
    interaction,
    error => expect.unreachable(String(error)),
    address => bot.note(address, 'de'),
  )
  await responder.defer(isEphemeral)
  return { discord, client, sent, store, bot, interaction }
}

const SENTENCE = problemMessage({ code: 'interrupted' }, translationsFor('de'))

test.each([true, false])('a person whose bot ended is told so at the next start (ephemeral: %s)', async isEphemeral => {
  const { discord, client, sent, store } = await acknowledgedCommand(isEphemeral)
  onTestFinished(unansweredIn(store, false).finishOthers(client))
  const answers = () => [sent.message(), ...sent.followUps()].flatMap(one => (one ? [textOf(one)] : []))
  await discord.waitUntil(() => answers().includes(SENTENCE), { what: 'the answer', timeoutMs: 20_000 })
  expect(store.entries.size).toBe(0)
})

test('whoever has an answer, or a job, hears nothing', async () => {
  const { client, store, bot, interaction, sent } = await acknowledgedCommand(false)
  await bot.settle(interaction.id)
  expect(store.entries.size).toBe(0)
  onTestFinished(unansweredIn(store, false).finishOthers(client))
  await new Promise(resolve => setTimeout(resolve, 200))
  expect(sent.followUps()).toEqual([])
})

test('whoever has a job that another bot takes over hears nothing of an interruption', async () => {
  const { client, store, interaction, sent } = await acknowledgedCommand(false)
  const asked: string[] = []
  const next = unansweredIn(store, false, async id => {
    asked.push(id)
    return true
  })
  onTestFinished(next.finishOthers(client))
  await expect.poll(() => asked).toEqual([interaction.id])
  expect(store.entries.size).toBe(1)
  await next.settleOther(interaction.id)
  expect(store.entries.size).toBe(0)

  // It was taken over and delivered between two looks.
  const { client: other, store: shared, interaction: its } = await acknowledgedCommand(false)
  const late = unansweredIn(shared, false, async id => {
    await late.settleOther(id)
    return false
  })
  onTestFinished(late.finishOthers(other))
  await expect.poll(() => shared.entries.has(its.id)).toBe(false)
  await new Promise(resolve => setTimeout(resolve, 200))
  expect(sent.followUps()).toEqual([])
})

test('a bot that shares its store leaves the others their time, and its own requests alone', async () => {
  const { client, store, bot } = await acknowledgedCommand(false)
  onTestFinished(unansweredIn(store, true).finishOthers(client))
  onTestFinished(bot.finishOthers(client))
  await new Promise(resolve => setTimeout(resolve, 200))
  expect(store.entries.size).toBe(1)
})

test('a note of another version is dropped', async () => {
  const store = memoryStore()
  store.entries.set('1', '{"version":2}')
  store.entries.set('2', 'no JSON')
  const { client } = await acknowledgedCommand(false, store)
  onTestFinished(unansweredIn(store, false).finishOthers(client))
  await expect.poll(() => store.entries.has('1') || store.entries.has('2')).toBe(false)
})
