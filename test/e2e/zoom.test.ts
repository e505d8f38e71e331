import { readFile } from 'node:fs/promises'
import type { APIMessage } from 'discord.js'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bot } from '../../src/bot/start-bot.js'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { encodePng } from '../../src/inference/image/png.js'
import { readPngTexts } from '../../src/inference/image/png-texts.js'
import { parseParameters } from '../../src/inference/pipeline/recipe.js'
import { landscape } from '../contracts/engine.js'
import { pngBomb } from '../support/bomb.js'
import {
  buttonsOf,
  holdNextJob,
  shownAttachments,
  startTestBot,
  startTestDiscord,
  textOf,
  waitForButton,
  waitForRefusal,
} from '../support/emulator.js'
import { shared, testWithShared } from '../support/shared.js'

let discord: DiscordEmulator
let bot: Bot | undefined

beforeEach(async () => {
  discord = await startTestDiscord()
  bot = await startTestBot(discord)
})
afterEach(async () => {
  await bot?.close()
  const { violations } = discord
  await discord.close()
  expect(violations).toEqual([])
})

const picture = async (width = 48, height = 32) => ({
  name: 'hills.png',
  data: await encodePng(landscape(width, height)),
})

async function recipes(message: APIMessage) {
  const files = await Promise.all(shownAttachments(message).map(attachment => discord.download(attachment)))
  return files.map(file => parseParameters(readPngTexts(file).parameters ?? ''))
}

async function pixelsOf(file: Uint8Array, box?: { x: number; y: number; width: number; height: number }) {
  const image = sharp(file)
  return (box ? image.extract({ left: box.x, top: box.y, width: box.width, height: box.height }) : image)
    .raw()
    .toBuffer()
}

describe('zooming out', () => {
  test('by command, picking one picture, and by button, also after a restart', async () => {
    const ada = discord.person('Ada')
    const options = { image: await picture(96, 48), seed: 7, prompt: 'more *hills*', variations: 4 }
    const sent = await ada.slash('zoom', options)
    expect((await sent.acknowledged).afterMs).toBeLessThan(3000)
    const grid = await waitForButton(discord, sent, 'U1')
    expect(buttonsOf(grid)).toEqual(['U1', 'U2', 'U3', 'U4', '🔄', 'V1', 'V2', 'V3', 'V4'])
    expect(textOf(grid)).toMatch(/Zoom Out 1\.5×[\s\S]*more \\\*hills\\\*[\s\S]*seeds 7, 8, 9, 10/)
    expect(await recipes(grid)).toMatchObject([7, 8, 9, 10].map(seed => ({ seed, prompt: 'more *hills*' })))
    const gallery = grid.components?.find(component => component.type === 12)
    expect(gallery && 'items' in gallery && gallery.items.map(item => item.description?.length ?? 0)).toHaveLength(4)

    const picked = await waitForButton(discord, await ada.press(grid, 'U2'), 'Zoom Out 1.5×')
    const [second] = await Promise.all(grid.attachments.slice(1, 2).map(one => discord.download(one)))
    const single = await discord.download(picked.attachments[0]!)
    expect(single).toEqual(second)

    const farther = await waitForButton(discord, await ada.press(picked, 'Zoom Out 1.5×'), 'U1')
    const [again] = await recipes(farther)
    expect(again).toMatchObject({ edit: { kind: 'zoom', factor: 1.5, grow: false }, prompt: 'more *hills*' })
    expect(again?.old).toEqual({ x: 16, y: 8, width: 64, height: 32 })

    await bot?.close()
    bot = undefined
    discord.expireAttachments()
    bot = await startTestBot(discord)
    const bob = discord.person('Bob')
    const after = await waitForButton(discord, await bob.press(picked, 'Zoom Out 2×'), 'U1')
    expect((await recipes(after))[0]).toMatchObject({ edit: { kind: 'zoom', factor: 2, grow: false } })
  })

  test('progress is shown with previews, no two edits nearer than two seconds, the end excepted', async () => {
    // Large enough to be still in work when a preview may be shown.
    const sent = await discord.person('Ada').slash('zoom', { image: await picture(1400, 1100), variations: 1 })
    await waitForButton(discord, sent, 'Recipe')
    const edits = discord.requestLog.filter(one => one.method === 'PATCH' && one.path.includes('@original'))
    expect(edits.length).toBeGreaterThan(1)
    expect(edits.some(edit => edit.files.some(file => file.name === 'preview.jpg'))).toBe(true)
    for (const [index, edit] of edits.entries()) {
      if (index > 0) expect(edit.at - edits[index - 1]!.at).toBeGreaterThanOrEqual(1900)
    }
  })

  test('🔄 repaints the grid from its source', async () => {
    const ada = discord.person('Ada')
    const sent = await ada.slash('zoom', { image: await picture(), seed: 1, factor: 2, variations: 2 })
    const first = await waitForButton(discord, sent, '🔄')
    const redone = await waitForButton(discord, await ada.press(first, '🔄'), '🔄')
    const [before, after] = await Promise.all([recipes(first), recipes(redone)])
    expect(after).toHaveLength(2)
    expect(after[0]).toMatchObject({ edit: before[0]!.edit, source: before[0]!.source })
    expect(after[0]!.seed).not.toBe(before[0]!.seed)
    const [one, other] = await Promise.all([first, redone].map(({ attachments }) => discord.download(attachments[0]!)))
    expect(await pixelsOf(other!, after[0]!.old)).toEqual(await pixelsOf(one!, before[0]!.old))
    expect(await pixelsOf(other!)).not.toEqual(await pixelsOf(one!))
    // And so can what was done again.
    expect(buttonsOf(await waitForButton(discord, await ada.press(redone, '🔄'), '🔄'))).toContain('U2')
  })

  test('the second job shows its place in the queue, and moves up when the first is cancelled', async () => {
    const ada = discord.person('Ada')
    const bob = discord.person('Bob')
    const { begun } = holdNextJob()
    const first = await ada.slash('zoom', { image: await picture() })
    const running = await waitForButton(discord, first, 'Cancel')
    await begun
    const second = await bob.slash('zoom', { image: await picture(), variations: 1 })
    const waiting = await waitForButton(discord, second, 'Cancel')
    expect(textOf(waiting)).toContain('You’re next')

    // Bob can't stop what is Ada's.
    expect(await waitForRefusal(discord, await bob.press(running, 'Cancel'))).toMatch(/Only the person who asked/)
    await ada.press(running, 'Cancel')
    expect(await waitForRefusal(discord, first)).toBe('Cancelled.')
    expect(discord.messages().some(message => message.id === running.id)).toBe(false)
    expect(buttonsOf(await waitForButton(discord, second, 'Recipe'))).toContain('Zoom Out 1.5×')
  })

  testWithShared('photos', 'real photos zoom out', async () => {
    const ada = discord.person('Ada')
    const data = await readFile(shared('photos/rocket.jpg'))
    const sent = await ada.slash('zoom', { image: { name: 'rocket.jpg', data }, factor: 1.2, variations: 1 })
    const result = await waitForButton(discord, sent, 'Recipe')
    expect(shownAttachments(result).map(({ width, height }) => [width, height])).toEqual([[640, 427]])
  })
})

describe('errors are shown only to the person, and nothing else is left:', () => {
  test.each<[string, () => Promise<Record<string, unknown>>, RegExp]>([
    [
      'no picture',
      async () => ({ image: { name: 'a.png', data: Buffer.from('no picture') } }),
      /read that file as a picture/,
    ],
    ['an empty file', async () => ({ image: { name: 'a.png', data: Buffer.alloc(0) } }), /read that file as a picture/],
    [
      'a picture that was cut off',
      async () => ({ image: { name: 'a.png', data: (await picture(300, 200)).data.subarray(0, 9000) } }),
      /damaged/,
    ],
    [
      'a photo of an iPhone (its first bytes)',
      async () => ({
        image: { name: 'IMG_1.HEIC', data: Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1') },
      }),
      /HEIC.*iPhone/,
    ],
    ['a bomb of 200 megapixels', async () => ({ image: { name: 'bomb.png', data: pngBomb() } }), /200 megapixels/],
  ])('%s', async (_, options, sentence) => {
    const sent = await discord.person('Ada').slash('zoom', (await options()) as never)
    expect(await waitForRefusal(discord, sent)).toMatch(sentence)
    expect(discord.messages().filter(message => ((message.flags ?? 0) & 64) === 0)).toEqual([])
  })

  test('forged buttons', async () => {
    const ada = discord.person('Ada')
    const message = await waitForButton(
      discord,
      await ada.slash('zoom', { image: await picture(), variations: 1 }),
      'Recipe',
    )
    for (const forged of ['v1:picture:zoom-9:0:1', 'v1:picture:take:3:1', 'v2:picture:take:0:1', 'x'.repeat(100)]) {
      expect(await waitForRefusal(discord, await ada.pressForged(message, forged))).toMatch(
        /too old, or isn’t mine|can’t find/,
      )
    }
    expect(await waitForRefusal(discord, await ada.pressForged(message, `v1:job:cancel:123:${ada.user.id}`))).toMatch(
      /has already ended/,
    )
  })
})

describe('the bot and Discord', () => {
  test('commands are registered once, not at each start', async () => {
    const puts = () => discord.requestLog.filter(one => one.method === 'PUT' && one.path.endsWith('/commands')).length
    expect(puts()).toBe(1)
    await bot?.close()
    bot = await startTestBot(discord)
    expect(puts()).toBe(1)
  })

  test('autocomplete suggests factors', async () => {
    const choices = await discord.person('Ada').autocomplete('zoom', { factor: '' }, 'factor')
    expect(choices.map(choice => choice.value)).toEqual([1.5, 2, 3, 4])
  })

  test('deleting the progress message cancels the job', async () => {
    const ada = discord.person('Ada')
    const first = holdNextJob()
    const cys = await discord.person('Cy').slash('zoom', { image: await picture(), variations: 1 })
    await first.begun
    holdNextJob()
    const message = await waitForButton(discord, await ada.slash('zoom', { image: await picture() }), 'Cancel')
    await discord.deleteMessage(message)
    // The bot learns of it when it wants to show that the job has begun.
    first.letGo()
    await waitForButton(discord, cys, 'Recipe')
    // The next person does not wait for what nobody wants any more.
    const bobs = await discord.person('Bob').slash('zoom', { image: await picture(), variations: 1 })
    expect(buttonsOf(await waitForButton(discord, bobs, 'Recipe'))).toContain('Zoom Out 2×')
  })

  test('after fifteen minutes the pictures arrive by an ordinary message', async () => {
    const ada = discord.person('Ada')
    const { letGo } = holdNextJob()
    const slow = await ada.slash('zoom', { image: await picture(), variations: 2 })
    await waitForButton(discord, slow, 'Cancel')
    discord.clock.advance(16 * 60_000)
    letGo()
    const message = await waitForButton(discord, slow, 'U1')
    expect(message.interaction_metadata).toBeUndefined()
    // What showed the progress is gone, too old for the interaction though it was.
    await discord.waitUntil(() => discord.messages().every(({ id }) => id === message.id), {
      what: 'the progress to go',
    })
    expect(buttonsOf(await waitForButton(discord, await ada.press(message, 'U1'), 'Recipe'))).toContain('Zoom Out 2×')
  })

  test('a result that is too large for Discord becomes WebP, and its buttons work', async () => {
    const ada = discord.person('Ada')
    await waitForRefusal(discord, await ada.slash('settings mine', { variations: 1 }))
    // A little smaller than Discord takes, and its result is a little larger.
    const side = 1864
    const data = new Uint8Array(side * side * 3)
    for (let at = 0; at < data.length; at += 65_536) crypto.getRandomValues(data.subarray(at, at + 65_536))
    const image = { name: 'noise.png', data: await encodePng({ width: side, height: side, data }) }
    const single = await waitForButton(discord, await ada.slash('extend', { image, right: '200' }), 'Recipe')
    expect(shownAttachments(single).map(one => one.content_type)).toEqual(['image/webp'])
    const again = await waitForButton(discord, await ada.press(single, 'Vary (Strong)'), 'Recipe')
    expect(shownAttachments(again).map(({ width, height }) => [width, height])).toEqual([[side + 200, side]])
  })

  test('requests are repeated after a rate limit and a server error', async () => {
    discord.injectFault({ method: 'PATCH', path: /@original/, times: 1 }, { status: 429, retryAfter: 0.2 })
    discord.injectFault({ method: 'POST', path: /callback/, times: 1 }, { status: 502 })
    const sent = await discord.person('Ada').slash('zoom', { image: await picture(), variations: 1 })
    expect(buttonsOf(await waitForButton(discord, sent, 'Recipe'))).toContain('Zoom Out 1.5×')
  })
})
