import { expect, test } from 'vitest'
import { landscapeFile, useTestBot } from '../support/e2e.js'
import { buttonsOf, textOf, waitForButton, waitForRefusal } from '../support/emulator.js'

const world = useTestBot()

test('ephemeral answers are in the person’s language, public ones in the server’s', async () => {
  const { discord } = world
  const [heidi, boss] = [discord.person('Heidi', { locale: 'de' }), discord.person('Boss', { locale: 'fr' })]
  boss.addRole(discord.role('managers', ['ManageGuild']))
  expect(await waitForRefusal(discord, await heidi.slash('square', { image: await landscapeFile(64, 64) }))).toMatch(
    /hat diese Form schon/,
  )
  expect(await waitForRefusal(discord, await heidi.slash('info'))).toMatch(/Ich male, was außerhalb/)
  const english = await waitForButton(
    discord,
    await heidi.slash('zoom', { image: await landscapeFile(), variations: 1 }),
    'Recipe',
  )
  expect(textOf(english)).toMatch(/Zoom Out/)

  expect(await waitForRefusal(discord, await boss.slash('settings language', { language: 'ja' }))).toMatch(
    /Langue ?: 日本語/,
  )
  const japanese = await waitForButton(
    discord,
    await heidi.slash('zoom', { image: await landscapeFile(), variations: 1 }),
    'レシピ',
  )
  expect(textOf(japanese)).toMatch(/ズームアウト 1.5×/)
  expect(buttonsOf(japanese)).toContain('正方形にする')
  // Its dialogs are for the person alone.
  const modal = await heidi.press(japanese, 'カスタムズーム')
  await modal.acknowledged
  expect(modal.callback()?.title).toBe('Eigener Zoom')
})

test('a person can set another language than their Discord client’s', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  await waitForRefusal(discord, await ada.slash('settings mine', { language: 'es' }))
  expect(await waitForRefusal(discord, await ada.slash('models'))).toMatch(/No hay ningún modelo de difusión/)
  const channel = ada.dmChannel()
  const message = await waitForButton(
    discord,
    await ada.slash('zoom', { image: await landscapeFile(), variations: 1 }, { channel }),
    'Receta',
  )
  expect(textOf(message)).toMatch(/Alejar 1.5×/)
})

test('commands are registered in every language', async () => {
  const { discord } = world
  const registered = discord.requestLog.find(({ method, path }) => method === 'PUT' && path.endsWith('/commands'))
  const bodies = registered?.body as { name: string; name_localizations?: Record<string, string> }[]
  expect(bodies).toHaveLength(24)
  for (const { name, name_localizations: names } of bodies) {
    expect(Object.keys(names ?? {}).sort(), name).toEqual(['de', 'es-419', 'es-ES', 'fr', 'ja'])
  }
})

test('autocomplete is in the person’s language', async () => {
  const choices = await world.discord
    .person('Heidi', { locale: 'de' })
    .autocomplete('fit', { shape: 'server' }, 'shape')
  expect(choices).toEqual([
    { name: 'Serverbanner (960×540)', value: '960x540px' },
    { name: 'Serversymbol (512×512)', value: '512x512px' },
  ])
})
