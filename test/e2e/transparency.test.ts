import sharp from 'sharp'
import { expect, test } from 'vitest'
import { landscape } from '../contracts/engine.js'
import { recipesIn, useTestBot } from '../support/e2e.js'
import { isPrivate, shownAttachments, textOf, waitForButton, waitForRefusal } from '../support/emulator.js'

const world = useTestBot()

/** A landscape; a disc in it is transparent, with a soft edge, or all around the disc is. */
async function sticker(kind: 'hole' | 'disc', width = 64, height = 64) {
  const rgb = landscape(width, height).data
  const alphaAt = (at: number) => {
    const inside = Math.min(
      255,
      Math.max(0, 128 + 32 * (20 - Math.hypot((at % width) - 32, Math.floor(at / width) - 32))),
    )
    return Math.round(kind === 'disc' ? inside : 255 - inside)
  }
  const data = Buffer.from(
    Array.from({ length: width * height }, (_, at) => [...rgb.subarray(at * 3, at * 3 + 3), alphaAt(at)]).flat(),
  )
  const png = await sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer()
  return { name: `${kind}.png`, data: png }
}

async function rgba(file: Buffer) {
  const { data } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  const alpha = data.filter((_, at) => at % 4 === 3)
  return { data, alpha, hasHoles: alpha.some(value => value < 255) }
}

test('/inpaint without a mask fills the transparent parts, after asking; V repaints them', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const image = await sticker('hole')
  const confirmation = await waitForButton(discord, await ada.slash('inpaint', { image, variations: 2 }), 'Paint')
  expect(isPrivate(confirmation)).toBe(true)
  expect(textOf(confirmation)).toMatch(
    /Fill the transparent parts\?\*\*\n43% of the picture · the transparent part of the picture/,
  )
  expect(shownAttachments(confirmation).map(({ filename }) => filename)).toEqual(['overlay.webp'])

  const result = await waitForButton(discord, await ada.press(confirmation, 'Paint'), 'U1')
  const [before, after] = [await rgba(image.data), await rgba(await discord.download(shownAttachments(result)[0]!))]
  expect(after.hasHoles).toBe(false)
  for (const [at, value] of before.alpha.entries()) {
    if (value === 255) expect(after.data.subarray(at * 4, at * 4 + 4)).toEqual(before.data.subarray(at * 4, at * 4 + 4))
  }

  const again = await waitForButton(discord, await ada.press(result, '🔄'), 'U1')
  expect((await rgba(await discord.download(shownAttachments(again)[0]!))).hasHoles).toBe(false)
  const varied = await waitForButton(discord, await ada.press(result, 'V1'), 'U1')
  expect((await recipesIn(discord, varied))[0]?.edit).toEqual({ kind: 'vary', strength: 'strong' })
})

test('/inpaint without a mask and without transparent parts says so', async () => {
  const ada = world.discord.person('Ada')
  const data = await sharp(landscape(64, 64).data, { raw: { width: 64, height: 64, channels: 3 } })
    .png()
    .toBuffer()
  const sent = await ada.slash('inpaint', { image: { name: 'photo.png', data } })
  expect(await waitForRefusal(world.discord, sent)).toMatch(/the picture has no transparent parts/)
  const keeping = await ada.slash('inpaint', { image: await sticker('hole'), 'keep-alpha': true })
  expect(await waitForRefusal(world.discord, keeping)).toMatch(/don’t know where to paint\. Send a mask/)
})

test('a picture that has its shape already is filled by /square, and varied where it was filled', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const image = await sticker('disc')
  const square = await waitForButton(discord, await ada.slash('square', { image, variations: 1 }), 'Recipe')
  const filled = await rgba(await discord.download(shownAttachments(square)[0]!))
  expect(filled.hasHoles).toBe(false)
  const varied = await waitForButton(discord, await ada.press(square, 'Vary (Strong)'), 'U1')
  const other = await rgba(await discord.download(shownAttachments(varied)[0]!))
  const changed = (at: number) =>
    !filled.data.subarray(at * 4, at * 4 + 4).equals(other.data.subarray(at * 4, at * 4 + 4))
  expect(changed(32 * 64 + 32)).toBe(false)
  expect([...Array(64 * 64).keys()].filter(changed).length).toBeGreaterThan(200)
})

test('keep-alpha leaves the transparency as it is, and so do the buttons under the result', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const image = await sticker('disc')
  const { alpha } = await rgba(image.data)
  const mask = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#000' } })
    .composite([{ input: { create: { width: 20, height: 30, channels: 3, background: '#fff' } }, left: 25, top: 0 }])
    .png()
    .toBuffer()
  const options = { image, mask: { name: 'mask.png', data: mask }, 'keep-alpha': true, variations: 1 }
  const confirmation = await waitForButton(discord, await ada.slash('remove', options), 'Paint')
  const result = await waitForButton(discord, await ada.press(confirmation, 'Paint'), 'Recipe')
  const varied = await waitForButton(discord, await ada.press(result, 'Vary (Strong)'), 'U1')
  for (const message of [result, varied]) {
    expect((await rgba(await discord.download(shownAttachments(message)[0]!))).alpha).toEqual(alpha)
    expect((await recipesIn(discord, message))[0]?.edit).toMatchObject({ keepAlpha: true })
  }
  const extended = await waitForButton(discord, await ada.press(result, '➡️'), 'U1')
  expect((await recipesIn(discord, extended))[0]?.edit).toMatchObject({ kind: 'extend', keepAlpha: true })
})

test('the answer says that the first frame of an animation was used', async () => {
  const { discord } = world
  const frames = Buffer.concat([landscape(48, 32).data, landscape(48, 32).data.map(value => 255 - value)])
  const raw = { width: 48, height: 64, channels: 3, pageHeight: 32 } as const
  for (const format of ['gif', 'webp'] as const) {
    const data = await sharp(frames, { raw }).toFormat(format).toBuffer()
    const sent = await discord.person('Ada').slash('zoom', { image: { name: `wave.${format}`, data }, variations: 1 })
    expect(textOf(await waitForButton(discord, sent, 'Recipe'))).toMatch(
      /only the first frame of the animation was used/,
    )
  }
})
