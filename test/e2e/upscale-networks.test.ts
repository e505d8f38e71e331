import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { landscapeFile, recipesIn, useSharedTestBot } from '../support/e2e.js'
import { shownAttachments, waitForButton, waitForRefusal } from '../support/emulator.js'
import { upscalerFile } from '../support/upscalers.js'

// Networks in models/upscale, used through Discord. The weights of the small one are random.

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-upscalers-'))
  await mkdir(join(folder, 'upscale'))
  await writeFile(join(folder, 'upscale', 'compact.safetensors'), upscalerFile('srvgg-x4'))
  vi.stubEnv('MODEL_FOLDER', folder)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const world = useSharedTestBot()

test('/upscale uses the installed network, offers it with Lanczos, and takes either', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const image = await landscapeFile(96, 64)
  const offered = (typed: string) => ada.autocomplete('upscale', { upscaler: typed }, 'upscaler')
  expect((await offered('')).map(({ value }) => value)).toEqual(['upscale/compact', 'lanczos'])
  expect((await offered('COMP')).map(({ value }) => value)).toEqual(['upscale/compact'])
  const pixels = []
  for (const [upscaler, engine] of [
    [undefined, 'upscale/compact'],
    ['upscale/compact', 'upscale/compact'],
    ['compact', 'upscale/compact'],
    ['lanczos', 'lanczos'],
  ] as const) {
    const sent = await ada.slash('upscale', { image, scale: 4, ...(upscaler && { upscaler }) })
    const large = await waitForButton(discord, sent, 'Recipe')
    expect((await recipesIn(discord, large))[0]).toMatchObject({ engine })
    expect(shownAttachments(large).map(({ width, height }) => [width, height])).toEqual([[384, 256]])
    pixels.push(await world.pixels(shownAttachments(large)[0]!))
  }
  expect(pixels[0]!.equals(pixels[1]!) && pixels[0]!.equals(pixels[2]!)).toBe(true)
  expect(pixels[0]!.equals(pixels[3]!)).toBe(false)
})

test('a network enlarges what is around the pixels of earlier pictures', async () => {
  const { discord } = world
  const ada = discord.person('Bea')
  const image = await landscapeFile(96, 64)
  const zoomed = await waitForButton(
    discord,
    await ada.slash('zoom', { image, factor: 2, model: 'fill:pde', variations: 1 }),
    'Recipe',
  )
  const large = await waitForButton(discord, await ada.press(zoomed, 'Upscale (History)'), 'Recipe')
  expect((await recipesIn(discord, large))[0]).toMatchObject({ engine: 'upscale/compact', edit: { scale: 2 } })
  const [shown] = shownAttachments(large)
  const middle = await sharp(await discord.download(shown!))
    .extract({ left: 48, top: 32, width: 96, height: 64 })
    .removeAlpha()
    .raw()
    .toBuffer()
  expect(middle.equals(await sharp(image.data).removeAlpha().raw().toBuffer())).toBe(true)
})

test('a server sets its upscaler', async () => {
  const { discord } = world
  const manager = discord.person('Mia')
  manager.addRole(discord.role('managers', ['ManageGuild']))
  const offered = await manager.autocomplete('settings defaults', { upscaler: 'lan' }, 'upscaler')
  expect(offered.map(({ value }) => value)).toEqual(['lanczos'])
  const saved = await waitForRefusal(discord, await manager.slash('settings defaults', { upscaler: 'lanczos' }))
  expect(saved).toContain('Upscaler: lanczos')
  const sent = await manager.slash('upscale', { image: await landscapeFile(96, 64) })
  const large = await waitForButton(discord, sent, 'Recipe')
  expect((await recipesIn(discord, large))[0]).toMatchObject({ engine: 'lanczos' })
})
