import sharp from 'sharp'
import { expect, test } from 'vitest'
import { landscapeFile, recipesIn, useTestBot } from '../support/e2e.js'
import { buttonsOf, shownAttachments, textOf, waitForButton, waitForRefusal } from '../support/emulator.js'

const world = useTestBot()

const sizeOf = (message: Parameters<typeof shownAttachments>[0]) =>
  shownAttachments(message).map(({ width, height }) => [width, height])

test('Upscale (Subtle) doubles a picture, in a single answer to it, and the buttons paint on from there', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const sent = await ada.slash('zoom', {
    image: await landscapeFile(96, 64),
    variations: 1,
    model: 'fill:pde',
    prompt: 'hills',
  })
  const small = await waitForButton(discord, sent, 'Recipe')
  expect(buttonsOf(small).slice(0, 2)).toEqual(['Upscale (Subtle)', 'Upscale (Creative)'])
  const large = await waitForButton(discord, await ada.press(small, 'Upscale (Subtle)'), 'Recipe')
  expect(sizeOf(large)).toEqual([[192, 128]])
  expect(textOf(large)).toMatch(/Upscale 2×/)
  expect(large.message_reference?.message_id).toBe(small.id)
  expect((await recipesIn(discord, large))[0]).toMatchObject({
    edit: { kind: 'upscale', scale: 2 },
    engine: 'lanczos',
    prompt: 'hills',
  })
  expect(buttonsOf(large)).not.toContain('Remix')
  // Painting on takes an engine that paints, and not the upscaler.
  const wider = await waitForButton(discord, await ada.press(large, '➡️'), 'U1')
  expect((await recipesIn(discord, wider))[0]).toMatchObject({ edit: { kind: 'extend' }, engine: 'fill' })
  expect(sizeOf(wider)[0]).toEqual([288, 128])
  expect(await waitForRefusal(discord, await ada.press(large, 'Vary (Strong)'))).toMatch(/diffusion model/)
  const creative = await waitForRefusal(discord, await ada.press(small, 'Upscale (Creative)'))
  expect(creative).toMatch(/none is installed.*overscan models add sd15/)
})

test('/upscale and Upscale under Apps', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const image = await landscapeFile(96, 64)
  const sent = await ada.slash('upscale', { image, scale: 4, upscaler: 'lanczos', spoiler: true })
  const hidden = await waitForButton(discord, sent, 'Recipe')
  expect(sizeOf(hidden)).toEqual([[384, 256]])
  const again = await waitForButton(discord, await ada.press(hidden, 'Upscale (Subtle)'), 'Recipe')
  expect(sizeOf(again)).toEqual([[768, 512]])
  const gallery = again.components?.find(component => component.type === 12)
  expect(gallery && 'items' in gallery && gallery.items.every(item => item.spoiler)).toBe(true)
  const unknown = await ada.slash('upscale', { image, upscaler: 'fill' })
  expect(await waitForRefusal(discord, unknown)).toMatch(/no model “fill”.*lanczos/)

  const posted = await discord.person('Bob').sendMessage('look', { files: [image] })
  const doubled = await waitForButton(discord, await ada.messageCommand(posted, 'Upscale'), 'Recipe')
  expect(sizeOf(doubled)).toEqual([[192, 128]])
})

test('Upscale (History) puts the pixels of earlier pictures back, as far as their messages are there', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const image = await landscapeFile(96, 64)
  const first = await sharp(image.data).removeAlpha().raw().toBuffer()
  const sent = await ada.slash('zoom', { image, factor: 2, model: 'fill:pde', variations: 1 })
  const second = await waitForButton(discord, sent, 'Recipe')
  const grid = await waitForButton(discord, await ada.press(second, 'Zoom Out 2×'), 'U1')
  const third = await waitForButton(discord, await ada.press(grid, 'U2'), 'Recipe')
  const large = await waitForButton(discord, await ada.press(third, 'Upscale (History)'), 'Recipe')
  expect(sizeOf(large)).toEqual([[384, 256]])
  expect(textOf(large)).toMatch(/Upscale 4×, from history[\s\S]*the detail of 2 earlier pictures was put back(?!;)/)
  expect(large.message_reference?.message_id).toBe(third.id)
  expect((await recipesIn(discord, large))[0]?.edit).toEqual({
    kind: 'upscale',
    scale: 4,
    history: { width: 384, height: 256, pictures: 2, end: 'first' },
  })
  const part = (message: typeof large, box: { left: number; top: number; width: number; height: number }) =>
    discord.download(message.attachments[0]!).then(file => sharp(file).extract(box).removeAlpha().raw().toBuffer())
  expect(first.equals(await part(large, { left: 144, top: 96, width: 96, height: 64 }))).toBe(true)

  // Downloaded and uploaded again, in the same channel.
  const again = { name: 'again.png', data: Buffer.from(await discord.download(third.attachments[0]!)) }
  const options = { image: again, detail: 'from history', scale: 2 }
  const doubled = await waitForButton(discord, await ada.slash('upscale', options), 'Recipe')
  expect(textOf(doubled)).toMatch(/the detail of 1 earlier picture was put back; more would make it too large/)
  const middle = await sharp(await discord.download(second.attachments[0]!))
    .removeAlpha()
    .raw()
    .toBuffer()
  expect(middle.equals(await part(doubled, { left: 48, top: 32, width: 96, height: 64 }))).toBe(true)

  // The first picture travels with the second message. Without that message nobody knows it.
  await discord.deleteMessage(second)
  const cut = await waitForButton(discord, await ada.press(third, 'Upscale (History)'), 'Recipe')
  expect(sizeOf(cut)).toEqual([[192, 128]])
  expect(textOf(cut)).toMatch(/of 1 earlier picture was put back; the pictures before that weren’t found/)

  const fresh = { name: 'fresh.png', data: image.data }
  const unknown = await ada.slash('upscale', { image: fresh, detail: 'from history' })
  expect(await waitForRefusal(discord, unknown)).toMatch(/no earlier version with more detail/)
})

test('a picture that would be too large to go on with is refused at once', async () => {
  const data = await sharp({ create: { width: 1800, height: 1800, channels: 3, background: '#345' } })
    .png()
    .toBuffer()
  const sent = await world.discord.person('Ada').slash('upscale', { image: { name: 'large.png', data }, scale: 4 })
  expect(await waitForRefusal(world.discord, sent)).toMatch(/7200×7200; the limit is 50 megapixels\. Choose 2×/)
})
