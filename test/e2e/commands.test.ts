import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { memorySettings } from '../../src/settings/settings-file.js'
import { landscapeFile, recipesIn, useTestBot } from '../support/e2e.js'
import {
  buttonsOf,
  holdNextJob,
  isPrivate,
  shownAttachments,
  textOf,
  waitForButton,
  waitForRefusal,
} from '../support/emulator.js'
import { shared, testWithShared } from '../support/shared.js'

const world = useTestBot()

describe('edit commands', () => {
  test.each<[string, Record<string, string | number | boolean>, unknown, [number, number], RegExp]>([
    ['zoom', { factor: 3 }, { kind: 'zoom', factor: 3, grow: false }, [48, 32], /Zoom Out 3×/],
    ['zoom', { factor: 2, keep: 'pixels' }, { kind: 'zoom', factor: 2, grow: true }, [96, 64], /same pixels/],
    ['zoom', { aspect: '1:1' }, { kind: 'zoom', factor: 1 }, [48, 48], /to 1:1/],
    ['zoom', { anchor: 'top-left' }, { kind: 'zoom', anchor: 'top-left' }, [48, 32], /Zoom Out 1\.5× \(top left\)/],
    ['extend', { left: '25%', bottom: '16' }, { kind: 'extend' }, [60, 48], /Extend left 25%, bottom 16 px/],
    ['square', {}, { kind: 'square' }, [48, 48], /Make Square/],
    ['fit', { shape: '16:9' }, { kind: 'fit', width: 16, height: 9 }, [57, 32], /Fit 16:9/],
    ['fit', { shape: '128x128px' }, { kind: 'fit', exact: true }, [128, 128], /Fit 128×128 pixels/],
  ])('/%s %j', async (name, options, edit, size, heading) => {
    const sent = await world.discord
      .person('Ada')
      .slash(name, { image: await landscapeFile(), variations: 2, ...options })
    const grid = await waitForButton(world.discord, sent, 'U1')
    expect(shownAttachments(grid).map(({ width, height }) => [width, height])).toEqual([size, size])
    expect((await recipesIn(world.discord, grid))[0]).toMatchObject({ edit })
    expect(textOf(grid)).toMatch(heading)
    // An ordinary message, so that a reply to it reaches the bot; what showed the progress is gone.
    expect(grid.interaction_metadata).toBeUndefined()
    await world.discord.waitUntil(() => world.discord.messages().length === 1, { what: 'the progress to go' })
  })

  test('outpainting keeps the old picture byte for byte', async () => {
    const image = await landscapeFile()
    const { discord } = world
    for (const [name, options] of [
      ['zoom', { factor: 1.5, keep: 'pixels' }],
      ['zoom', { factor: 1.5, keep: 'pixels', anchor: 'bottom-right' }],
      ['extend', { right: '50%' }],
      ['square', {}],
    ] as const) {
      const sent = await discord.person('Ada').slash(name, { image, variations: 1, ...options })
      const message = await waitForButton(discord, sent, 'Recipe')
      const [recipe] = await recipesIn(discord, message)
      const { x, y, width, height } = recipe!.old
      const [whole] = shownAttachments(message)
      const part = sharp(await discord.download(whole!)).extract({ left: x, top: y, width, height })
      expect(await part.removeAlpha().raw().toBuffer()).toEqual(await sharp(image.data).removeAlpha().raw().toBuffer())
    }
  })

  test('an anchor stays in the recipe and with 🔄', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const sent = await ada.slash('zoom', { image: await landscapeFile(), factor: 2, anchor: 'right', variations: 2 })
    const grid = await waitForButton(discord, sent, '🔄')
    const repeated = await waitForButton(discord, await ada.press(grid, '🔄'), '🔄')
    expect(textOf(repeated)).toContain('Zoom Out 2× (right)')
    for (const recipe of [...(await recipesIn(discord, grid)), ...(await recipesIn(discord, repeated))]) {
      expect(recipe).toMatchObject({ edit: { anchor: 'right' }, old: { x: 24, y: 8, width: 24, height: 16 } })
    }
  })

  testWithShared('photos', 'an emoji fits into Discord’s 256 kB', async () => {
    const data = await readFile(shared('photos/chelsea.png'))
    const sent = await world.discord
      .person('Ada')
      .slash('fit', { image: { name: 'chelsea.png', data }, shape: '128x128px', variations: 1 })
    const [emoji] = shownAttachments(await waitForButton(world.discord, sent, 'Recipe'))
    expect([emoji!.width, emoji!.height]).toEqual([128, 128])
    expect(emoji!.size).toBeLessThan(256 * 1024)
  })

  test.each<[string, Record<string, string | number>, RegExp]>([
    ['extend', {}, /Nothing would be added/],
    ['extend', { left: 'a lot' }, /isn’t a valid length for left/],
    ['square', { image: 'square' }, /already has that shape/],
    ['fit', { shape: 'round' }, /isn’t a valid aspect ratio/],
    ['fit', { shape: '1:900' }, /limit is 16384 pixels on a side/],
    ['extend', { left: '9000', top: '9000' }, /limit is 50 megapixels/],
    ['zoom', { factor: 1 }, /adds nothing/],
    ['vary', {}, /only vary pictures that I painted myself/],
  ])('/%s %j is answered with an error', async (name, options, sentence) => {
    const image = options.image ? await landscapeFile(40, 40) : await landscapeFile()
    const { image: _, ...rest } = options
    const sent = await world.discord.person('Ada').slash(name, { image, ...rest })
    expect(await waitForRefusal(world.discord, sent)).toMatch(sentence)
    expect(world.discord.messages().filter(message => !isPrivate(message))).toEqual([])
  })

  test('/vary takes a picture of the bot that a person saved', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const first = await waitForButton(
      discord,
      await ada.slash('zoom', { image: await landscapeFile(), variations: 1 }),
      'Recipe',
    )
    const data = await discord.download(shownAttachments(first)[0]!)
    const varied = await ada.slash('vary', { image: { name: 'saved.png', data }, strength: 'subtle' })
    expect((await recipesIn(discord, await waitForButton(discord, varied, 'U1')))[1]).toMatchObject({
      edit: { kind: 'vary' },
    })
  })

  test('/imagine says which model is missing, and how to get one', async () => {
    const sent = await world.discord.person('Ada').slash('imagine', { prompt: 'a lighthouse' })
    expect(await waitForRefusal(world.discord, sent)).toMatch(/need a diffusion model, and none is installed/)
  })

  test('options that the engine ignores are named', async () => {
    const sent = await world.discord
      .person('Ada')
      .slash('zoom', { image: await landscapeFile(), prompt: 'snow', variations: 1 })
    expect(textOf(await waitForButton(world.discord, sent, 'Recipe'))).toMatch(
      /Your prompt was ignored: “fill” can’t read text\. The bot’s owner can install a model that reads text/,
    )
  })

  test('spoilers stay hidden, also in the results of their buttons', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const sent = await ada.slash('zoom', { image: await landscapeFile(), spoiler: true, variations: 1 })
    const message = await waitForButton(discord, sent, 'Recipe')
    const grid = await waitForButton(discord, await ada.press(message, 'Make Square'), 'U1')
    const picked = await waitForButton(discord, await ada.press(grid, 'U1'), 'Recipe')
    for (const one of [message, grid, picked]) {
      const gallery = one.components?.find(component => component.type === 12)
      expect(gallery && 'items' in gallery && gallery.items.every(item => item.spoiler)).toBe(true)
    }
  })

  test('every picture has an alt text', async () => {
    const sent = await world.discord
      .person('Ada')
      .slash('zoom', { image: await landscapeFile(), seed: 7, prompt: 'two hills' })
    const grid = await waitForButton(world.discord, sent, 'U1')
    const gallery = grid.components?.find(component => component.type === 12)
    const texts = gallery && 'items' in gallery ? gallery.items.map(item => item.description) : []
    expect(texts).toEqual([7, 8].map(seed => `Zoom Out 1.5×, seed ${seed}: two hills`))
  })
})

describe('text commands, whose answer is ephemeral', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    [
      'info',
      {},
      /Overscan 0\.1\.0[\s\S]*Models: fill[\s\S]*Device: \d+ × \S[\s\S]*0 running, 0 waiting[\s\S]*Started <t:\d+:R>/,
    ],
    ['help', {}, /\/zoom[\s\S]*\/forget-me/],
    ['help', { command: 'extend' }, /Example: `\/extend image:/],
    ['models', {}, /\*\*fill\*\*, fill:exemplar, fill:texture, fill:pde: built in[\s\S]*No diffusion model/],
    ['queue show', {}, /Nothing is waiting/],
    ['settings show', {}, /Variations \(maximum\): 4[\s\S]*Your settings/],
    ['forget-me', {}, /You had no saved settings/],
  ])('/%s %j', async (name, options, text) => {
    const sent = await world.discord.person('Ada').slash(name, options)
    expect(await waitForRefusal(world.discord, sent)).toMatch(text)
  })

  test('/help explains every command', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const text = await waitForRefusal(discord, await ada.slash('help'))
    expect(text.length).toBeLessThan(4000)
    for (const name of [
      'zoom',
      'extend',
      'square',
      'fit',
      'inpaint',
      'remove',
      'vary',
      'imagine',
      'upscale',
      'recipe',
    ]) {
      expect(text).toContain(`/${name}`)
      expect(await waitForRefusal(discord, await ada.slash('help', { command: name }))).toContain(`/${name}`)
    }
  })

  test('/recipe says how a picture was painted, and with its source repaints it byte for byte', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const source = await landscapeFile()
    const sent = await ada.slash('zoom', { image: source, seed: 11, variations: 1, prompt: 'fog' })
    const message = await waitForButton(discord, sent, 'Recipe')
    const data = await discord.download(shownAttachments(message)[0]!)
    const image = { name: 'saved.png', data }
    expect(await waitForRefusal(discord, await ada.slash('recipe', { image }))).toMatch(/Seed: 11/)

    const again = await waitForButton(discord, await ada.slash('recipe', { image, source }), 'Recipe')
    expect(await discord.download(shownAttachments(again)[0]!)).toEqual(data)

    const other = await landscapeFile(40, 40)
    expect(await waitForRefusal(discord, await ada.slash('recipe', { image, source: other }))).toMatch(
      /isn’t the picture/,
    )
    expect(await waitForRefusal(discord, await ada.slash('recipe', { image: source }))).toMatch(
      /doesn’t contain its recipe/,
    )
  })

  test('/queue shows running and waiting jobs, and lets people cancel their own', async () => {
    const { discord } = world
    const [ada, bob] = [discord.person('Ada'), discord.person('Bob')]
    const { letGo } = holdNextJob()
    const first = await ada.slash('zoom', { image: await landscapeFile(), variations: 4 })
    await waitForButton(discord, first, 'Cancel')
    const second = await bob.slash('square', { image: await landscapeFile(), variations: 2 })
    await waitForButton(discord, second, 'Cancel')
    const text = await waitForRefusal(discord, await ada.slash('queue show'))
    expect(text).toMatch(new RegExp(`\\d+% · Zoom Out 1.5× · 4 pictures · <@${ada.user.id}>`))
    expect(text).toMatch(new RegExp(`#1 · Make Square · 2 pictures · <@${bob.user.id}>`))

    const [own] = await bob.autocomplete('queue cancel', {}, 'job')
    expect(own!.name).toContain('Make Square')
    expect(await waitForRefusal(discord, await ada.slash('queue cancel', { job: String(own!.value) }))).toMatch(
      /Only the person/,
    )
    expect(await waitForRefusal(discord, await bob.slash('queue cancel', { job: String(own!.value) }))).toBe(
      'Cancelled.',
    )
    expect(await waitForRefusal(discord, second)).toBe('Cancelled.')
    expect(await waitForRefusal(discord, await bob.slash('queue cancel', { job: '123' }))).toMatch(/has already ended/)
    letGo()
    expect(buttonsOf(await waitForButton(discord, first, 'U1'))).toContain('U4')
  })

  test('/forget-me deletes settings and cancels waiting jobs', async () => {
    await world.restart({ settings: await memorySettings() })
    const { discord } = world
    const ada = discord.person('Ada')
    await waitForRefusal(discord, await ada.slash('settings mine', { variations: 1 }))
    const { begun } = holdNextJob()
    const running = await ada.slash('zoom', { image: await landscapeFile() })
    await waitForButton(discord, running, 'Cancel')
    await begun
    expect(await waitForRefusal(discord, await ada.slash('forget-me'))).toMatch(/settings are deleted.*cancelled \(1\)/)
    expect(await waitForRefusal(discord, running)).toBe('Cancelled.')
    expect(await waitForRefusal(discord, await ada.slash('settings show'))).toMatch(
      /Your settings\*\*\nVariations \(maximum\): Default\nModel: Default\n/,
    )
  })
})

test('autocomplete suggests the installed models', async () => {
  const choices = await world.discord.person('Ada').autocomplete('extend', { model: 'f' }, 'model')
  const names = ['fill', 'fill:exemplar', 'fill:texture', 'fill:pde']
  expect(choices).toEqual(names.map(name => ({ name, value: name })))
  const narrower = await world.discord.person('Ada').autocomplete('extend', { model: 'pd' }, 'model')
  expect(narrower).toEqual([{ name: 'fill:pde', value: 'fill:pde' }])
})

test('an unknown model is refused by its name', async () => {
  const sent = await world.discord.person('Ada').slash('zoom', { image: await landscapeFile(), model: 'dreamshaper' })
  expect(await waitForRefusal(world.discord, sent)).toMatch(/no model “dreamshaper”. Choose one of: fill/)
})
