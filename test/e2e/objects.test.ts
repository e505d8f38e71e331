import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { APIMessage, APIStringSelectComponent } from 'discord.js'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { intersectionOverUnion } from '../../bench/select/objects.js'
import type { Person } from '../../src/discord-emulator/emulator.js'
import { decodeMask, resizeMask } from '../../src/inference/image/mask-file.js'
import { decodeObjectSheet, unionOf } from '../../src/inference/mask/object-sheet.js'
import { landscapeFile, recipesIn, useSharedTestBot } from '../support/e2e.js'
import {
  buttonsOf,
  isPrivate,
  shownAttachments,
  startTestBot,
  startTestDiscord,
  textOf,
  waitForButton,
  waitForRefusal,
} from '../support/emulator.js'
import { writeSegmentModel } from '../support/segment-models.js'

const folder = mkdtempSync(join(tmpdir(), 'overscan-objects-'))
beforeAll(async () => {
  await writeSegmentModel(join(folder, 'discs', 'tiny'))
  vi.stubEnv('MODEL_FOLDER', join(folder, 'discs'))
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const world = useSharedTestBot({}, { drawingLink: async () => 'https://bot.example/paint' })

function menuOf(message: APIMessage): APIStringSelectComponent {
  const rows = (message.components ?? []) as { components?: { type: number }[] }[]
  const menu = rows.flatMap(row => row.components ?? []).find(({ type }) => type === 3)
  if (!menu) throw new Error('the message has no menu')
  return menu as APIStringSelectComponent
}

const chosenIn = (message: APIMessage) => menuOf(message).options.flatMap(one => (one.default ? [one.value] : []))

async function fileIn(message: APIMessage, name: string): Promise<Buffer> {
  return world.discord.download(message.attachments.find(({ filename }) => filename === name)!)
}

/** Choose from a menu. @returns the message with the confirmation */
async function choose(person: Person, message: APIMessage, numbers: readonly string[]): Promise<APIMessage> {
  await person.select(message, menuOf(message).custom_id, numbers)
  return world.discord.waitUntil(
    () =>
      world.discord
        .messages(message.channel_id)
        .find(one => one.id === message.id && buttonsOf(one).includes('Paint') && `${chosenIn(one)}` === `${numbers}`),
    { what: 'a confirmation', timeoutMs: 30_000 },
  )
}

test('Vary (Region) shows numbered objects; those that are chosen are repainted, also after a restart', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const sent = await ada.slash('zoom', { image: await landscapeFile(96, 64), variations: 1, prompt: 'fog' })
  const result = await waitForButton(discord, sent, 'Vary (Region)')
  const link = await waitForButton(discord, await ada.press(result, 'Vary (Region)'), 'Numbered objects…')
  const shown = await waitForButton(discord, await ada.press(link, 'Numbered objects…'), 'Cancel')
  expect([isPrivate(shown), buttonsOf(shown)]).toEqual([true, ['Cancel']])
  expect(shownAttachments(shown).map(({ filename }) => filename)).toEqual(['overlay.webp'])
  const { options, min_values, max_values } = menuOf(shown)
  expect([min_values, max_values]).toEqual([1, options.length])
  expect(options[0]!.label).toMatch(/^1 · \d+% of the picture$/)

  await world.restart({ drawingLink: async () => 'https://bot.example/paint' })
  const first = await choose(ada, shown, ['1'])
  expect(textOf(first)).toMatch(/Repaint this area\?.*the objects you chose/s)
  const second = await choose(ada, first, ['2', '3'])
  const masks = await decodeObjectSheet(await fileIn(second, 'objects.png'))
  const mask = await decodeMask(await fileIn(second, 'mask.png'))
  const expected = unionOf([masks[1]!, masks[2]!], masks[0]!)
  expect(intersectionOverUnion(mask, await resizeMask(expected, mask))).toBeGreaterThan(0.95)
  // The buttons of a confirmation keep the menu.
  await ada.press(second, 'Grow')
  const grown = await discord.waitUntil(
    () =>
      discord
        .messages()
        .find(one => one.id === second.id && textOf(one) !== textOf(second) && chosenIn(one).length > 1),
    { what: 'a larger area' },
  )
  const painted = await waitForButton(discord, await ada.press(grown, 'Paint'), 'U1')
  expect(painted.message_reference?.message_id).toBe(result.id)
  expect((await recipesIn(discord, painted))[0]).toMatchObject({ edit: { kind: 'inpaint' }, prompt: 'fog' })
})

test('/remove without a mask shows the numbers, and takes them afterwards', async () => {
  const { discord } = world
  // Somebody who has looked at nothing yet.
  const cleo = discord.person('Cleo')
  const image = await landscapeFile(96, 64)
  expect(await cleo.autocomplete('remove', {}, 'object')).toEqual([])
  const shown = await waitForButton(discord, await cleo.slash('remove', { image }), 'Cancel')
  expect(buttonsOf(shown)).toEqual(['Open the editor', 'Cancel'])
  const count = menuOf(shown).options.length
  const offered = await cleo.autocomplete('remove', {}, 'object')
  expect(offered).toHaveLength(count)
  expect(offered[0]).toEqual({ name: expect.stringMatching(/^1 · \d+% of the picture$/), value: '1' })
  const more = await cleo.autocomplete('remove', { object: '1, ' }, 'object')
  expect(more[0]!.value).toBe('1, 2')

  const sent = await cleo.slash('remove', { image, object: '1, 2' })
  const confirmation = await waitForButton(discord, sent, 'Paint')
  expect([isPrivate(confirmation), chosenIn(confirmation)]).toEqual([true, ['1', '2']])
  expect(textOf(confirmation)).toMatch(/Remove this\?/)
  const painted = await waitForButton(discord, await cleo.press(confirmation, 'Paint'), 'U1')
  expect((await recipesIn(discord, painted))[0]).toMatchObject({ edit: { kind: 'remove' } })
})

test.each<[string, Record<string, unknown>, RegExp]>([
  ['a number that is none of them', { object: '99' }, /no object 99 on this picture. Choose from 1 to \d+/],
  ['no numbers', { object: 'the dog' }, /“the dog” isn’t a list of object numbers. Write them like 1, 3/],
  ['a mask, too', { object: '1', mask: true }, /a mask and objects. Use one of them/],
])('/inpaint with %s is answered with a sentence', async (_, { mask, ...options }, sentence) => {
  const image = await landscapeFile(96, 64)
  const sent = await world.discord
    .person('Ada')
    .slash('inpaint', { image, ...(mask === true && { mask: image }), ...(options as { object: string }) })
  expect(await waitForRefusal(world.discord, sent)).toMatch(sentence)
})

test('an empty form of Apps → Remove… shows the objects; only who asked may choose', async () => {
  const { discord } = world
  const [ada, bob] = [discord.person('Ada'), discord.person('Bob')]
  const message = await ada.sendMessage('look', { files: [await landscapeFile(96, 64)] })
  const offer = await waitForButton(discord, await bob.messageCommand(message, 'Remove…'), 'Mask or grid cells…')
  const modal = await bob.press(offer, 'Mask or grid cells…')
  await modal.acknowledged
  expect(JSON.stringify(modal.callback())).toContain('Leave all empty to choose numbered objects')
  const shown = await waitForButton(discord, await bob.submitModal(modal, {}), 'Cancel')
  await expect(ada.select(shown, menuOf(shown).custom_id, ['1'])).rejects.toThrow(/can't see/)
  const confirmation = await choose(bob, shown, ['1'])
  expect(textOf(confirmation)).toMatch(/Remove this\?/)
})

test('Numbered objects… asks which of several pictures is meant', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const pictures = [await landscapeFile(96, 64), { ...(await landscapeFile(120, 80)), name: 'second.png' }]
  const message = await ada.sendMessage('look', { files: pictures })
  const offer = await waitForButton(discord, await ada.messageCommand(message, 'Remove…'), 'Numbered objects…')
  const modal = await ada.press(offer, 'Numbered objects…')
  await modal.acknowledged
  const shown = await waitForButton(discord, await ada.submitModal(modal, { which: ['1'] }), 'Cancel')
  const confirmation = await choose(ada, shown, ['1'])
  expect(textOf(confirmation)).toMatch(/Remove this\?/)
  const painted = await waitForButton(discord, await ada.press(confirmation, 'Paint'), 'U1')
  expect(shownAttachments(painted)[0]).toMatchObject({ width: 120, height: 80 })
})

test('where no object is found, the editor and the form are offered, and the command’s prompt is kept', async () => {
  await writeSegmentModel(join(folder, 'unsure', 'tiny'), 'samexporter', [0, 0, 0, 0])
  vi.stubEnv('MODEL_FOLDER', join(folder, 'unsure'))
  const discord = await startTestDiscord()
  const bot = await startTestBot(discord, { drawingLink: async () => 'https://bot.example/paint' })
  try {
    const sent = await discord.person('Ada').slash('inpaint', { image: await landscapeFile(), prompt: 'a barn' })
    const offer = await waitForButton(discord, sent, 'Open the editor')
    expect(isPrivate(offer)).toBe(true)
    expect(buttonsOf(offer)).toContain('Mask or grid cells…')
    expect(textOf(offer)).toContain('a barn')
    expect(discord.violations).toEqual([])
  } finally {
    await bot.close()
    await discord.close()
  }
})
