import { describe, expect, test } from 'vitest'
import type { Person } from '../../src/discord-emulator/emulator.js'
import { memorySettings } from '../../src/settings/settings-file.js'
import { landscapeFile, largeLandscapeFile, useTestBot } from '../support/e2e.js'
import { buttonsOf, holdNextJob, shownAttachments, textOf, waitForButton, waitForRefusal } from '../support/emulator.js'

const world = useTestBot()

/** The role of everybody, which has the server's id. */
const everybody = () => ({ id: world.discord.guild.id })

/** A person who manages the server. */
function manager() {
  const { discord } = world
  const person = discord.person('Boss')
  person.addRole(discord.role('managers', ['ManageGuild']))
  return person
}

async function setRule(command: string, options: Parameters<Person['slash']>[1]): Promise<string> {
  return waitForRefusal(world.discord, await manager().slash(`settings ${command}`, options))
}

const zoom = async (name = 'Ada', options: Record<string, string | number> = {}, channel?: string) =>
  world.discord
    .person(name)
    .slash('zoom', { image: await landscapeFile(), variations: 1, ...options }, channel ? { channel } : {})

describe('the server’s rules:', () => {
  test('only managers can change them', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    for (const [command, options] of [
      ['settings buttons', { who: 'author' }],
      ['settings safety', { spoiler: 'always' }],
      ['queue pause', {}],
      ['queue clear', {}],
    ] as const) {
      expect(await waitForRefusal(discord, await ada.slash(command, options))).toMatch(
        /Only people who can manage this server/,
      )
    }
  })

  test('channels', async () => {
    const { discord } = world
    const there = discord.createChannel('pictures')
    expect(await setRule('channel', { channel: there, allowed: true })).toContain(`<#${there.id}>`)
    expect(await waitForRefusal(discord, await zoom())).toBe(`I don’t paint in this channel. Use <#${there.id}>.`)
    expect(buttonsOf(await waitForButton(discord, await zoom('Ada', {}, there.id), 'Recipe'))).toContain('Zoom Out 2×')
    await setRule('channel', { channel: there, allowed: false })
    expect(buttonsOf(await waitForButton(discord, await zoom(), 'Recipe'))).toContain('Zoom Out 2×')
  })

  test('roles that go first', async () => {
    const { discord } = world
    const patrons = discord.role('patrons')
    expect(await setRule('first', { role: patrons, allowed: true })).toContain(`Priority: <@&${patrons.id}>`)
    discord.person('Vip').addRole(patrons)
    const { begun } = holdNextJob()
    const running = await discord.person('Zoe').slash('zoom', { image: await landscapeFile() })
    await waitForButton(discord, running, 'Cancel')
    await begun
    const early = await zoom('Ada')
    expect(textOf(await waitForButton(discord, early, 'Cancel'))).toContain('You’re next')
    const late = await zoom('Vip')
    expect(textOf(await waitForButton(discord, late, 'Cancel'))).toContain('You’re next')
    await discord.waitUntil(() => textOf(early.message()!).includes('Position 2 in the queue'), {
      what: 'another place',
    })
    await discord.person('Zoe').press(running.message()!, 'Cancel')
    const [first] = await Promise.all([waitForButton(discord, late, 'Recipe'), waitForButton(discord, early, 'Recipe')])
    expect(buttonsOf(first)).toContain('Zoom Out 2×')
    expect(await setRule('first', { role: patrons, allowed: false })).toContain('Priority: none')
  })

  test('roles', async () => {
    const { discord } = world
    const painters = discord.role('painters')
    await setRule('role', { role: painters, allowed: true })
    expect(await waitForRefusal(discord, await zoom())).toBe(
      `In this server only <@&${painters.id}> can use me. Ask a server manager for that role.`,
    )
    discord.person('Ada').addRole(painters)
    expect(buttonsOf(await waitForButton(discord, await zoom(), 'Recipe'))).toContain('Zoom Out 2×')
  })

  test('quotas in pictures: the most generous role counts, and the person is told when the quota is reset', async () => {
    const { discord } = world
    const patrons = discord.role('patrons')
    await setRule('quota', { role: everybody(), pictures: 2, per: 'day' })
    expect(await setRule('quota', { role: patrons, pictures: 100 })).toContain(
      `<@&${patrons.id}>: 100 pictures per hour`,
    )
    const first = await waitForButton(discord, await zoom('Ada', { variations: 4 }), 'U1')
    expect(shownAttachments(first)).toHaveLength(2) // what was left of four
    const spent = await waitForRefusal(discord, await zoom())
    expect(spent).toMatch(/You have used all 2 pictures per day\. Try again <t:(\d+):R>\./)
    const until = Number(/<t:(\d+)/.exec(spent)?.[1]) - Date.now() / 1000
    expect(until).toBeGreaterThan(23 * 3600)
    expect(await waitForRefusal(discord, await discord.person('Ada').slash('info'))).toMatch(
      /Your remaining quota: 0 pictures per day/,
    )
    discord.person('Ada').addRole(patrons)
    expect(shownAttachments(await waitForButton(discord, await zoom('Ada', { variations: 4 }), 'U1'))).toHaveLength(4)
    await setRule('quota', { role: everybody(), pictures: 0 })
    expect(buttonsOf(await waitForButton(discord, await zoom('Bob'), 'Recipe'))).toContain('Zoom Out 2×')
  })

  test('quotas in GPU seconds', async () => {
    const { discord } = world
    await setRule('quota', { role: everybody(), seconds: 1, per: 'hour' })
    const image = await largeLandscapeFile()
    await waitForButton(discord, await discord.person('Ada').slash('zoom', { image, variations: 1 }), 'Recipe')
    expect(await waitForRefusal(discord, await zoom())).toMatch(/used all 1 GPU seconds per hour/)
    expect(buttonsOf(await waitForButton(discord, await zoom('Bob'), 'Recipe'))).toContain('Zoom Out 2×')
  })

  test('jobs that failed, or were cancelled before they began, are not counted', async () => {
    const { discord } = world
    await setRule('quota', { role: everybody(), pictures: 2 })
    const broken = await discord.person('Ada').slash('square', { image: await landscapeFile(64, 64), variations: 2 })
    expect(await waitForRefusal(discord, broken)).toMatch(/already has that shape/)
    const { letGo } = holdNextJob()
    await waitForButton(discord, await zoom('Bob'), 'Cancel')
    const waiting = await zoom('Ada', { variations: 2 })
    await discord.person('Ada').press(await waitForButton(discord, waiting, 'Cancel'), 'Cancel')
    expect(await waitForRefusal(discord, waiting)).toBe('Cancelled.')
    letGo()
    expect(shownAttachments(await waitForButton(discord, await zoom('Ada', { variations: 2 }), 'U1'))).toHaveLength(2)
  })

  test('the limit of variations, which people’s defaults can’t exceed', async () => {
    const { discord } = world
    await setRule('defaults', { variations: 2 })
    const ada = discord.person('Ada')
    const image = await landscapeFile()
    expect(shownAttachments(await waitForButton(discord, await ada.slash('zoom', { image }), 'U1'))).toHaveLength(2)
    expect(await waitForRefusal(discord, await ada.slash('settings mine', { variations: 1 }))).toMatch(
      /Variations \(maximum\): 1/,
    )
    expect(shownAttachments(await waitForButton(discord, await ada.slash('zoom', { image }), 'Recipe'))).toHaveLength(1)
    expect(
      shownAttachments(await waitForButton(discord, await ada.slash('zoom', { image, variations: 4 }), 'U1')),
    ).toHaveLength(2)
  })

  test('forbidden words, in any spelling, which can be allowed again', async () => {
    const { discord } = world
    await setRule('words', { add: 'Gore' })
    expect(await waitForRefusal(discord, await zoom('Ada', { prompt: 'much GÓRE!' }))).toMatch(/“gore” isn’t allowed/)
    expect(buttonsOf(await waitForButton(discord, await zoom('Ada', { prompt: 'gorgeous' }), 'Recipe'))).toContain(
      'Remix',
    )
    const offered = await manager().autocomplete('settings words', { allow: 'go' }, 'allow')
    expect(offered).toEqual([{ name: 'gore', value: 'gore' }])
    await setRule('words', { allow: 'gore' })
    expect(buttonsOf(await waitForButton(discord, await zoom('Ada', { prompt: 'gore' }), 'Recipe'))).toContain('Remix')
  })

  test('who may use buttons', async () => {
    const { discord } = world
    await setRule('buttons', { who: 'author' })
    const message = await waitForButton(discord, await zoom(), 'Recipe')
    const bob = discord.person('Bob')
    expect(await waitForRefusal(discord, await bob.press(message, 'Zoom Out 2×'))).toMatch(/Only the person who asked/)
    expect(await waitForRefusal(discord, await bob.press(message, 'Recipe'))).toMatch(/Seed/)
    expect(buttonsOf(await waitForButton(discord, await manager().press(message, 'Make Square'), 'U1'))).toContain('U2')
  })

  test('only age-restricted channels, and spoilers', async () => {
    const { discord } = world
    const adults = discord.createChannel('adults', { nsfw: true })
    await setRule('safety', { 'restricted-only': true, spoiler: 'always' })
    expect(await waitForRefusal(discord, await zoom())).toMatch(/only in age-restricted channels/)
    const message = await waitForButton(discord, await zoom('Ada', {}, adults.id), 'Recipe')
    const gallery = message.components?.find(component => component.type === 12)
    expect(gallery && 'items' in gallery && gallery.items[0]?.spoiler).toBe(true)
  })

  test('the audit channel logs results, refusals and changes', async () => {
    const { discord } = world
    const audit = discord.createChannel('audit')
    await setRule('audit', { channel: audit })
    const message = await waitForButton(discord, await zoom(), 'Recipe')
    await setRule('words', { add: 'gore' })
    await waitForRefusal(discord, await zoom('Ada', { prompt: 'gore' }))
    const lines = await discord.waitUntil(
      () => (discord.messages(audit.id).length >= 4 ? discord.messages(audit.id).map(textOf) : undefined),
      { what: 'the audit channel to be written' },
    )
    expect(lines.join('\n')).toMatch(new RegExp(`Zoom Out 1.5× https://discord.com/channels/\\d+/\\d+/${message.id}`))
    expect(lines.join('\n')).toMatch(/changed the settings: Blocked words: \|\|gore\|\|/)
    expect(lines.join('\n')).toMatch(/isn’t allowed in prompts/)
    // It may be lost without harm.
    discord.deleteChannel(audit.id)
    expect(buttonsOf(await waitForButton(discord, await zoom(), 'Recipe'))).toContain('Zoom Out 2×')
  })

  test('the queue: paused, also after a restart, resumed, drained, cleared', async () => {
    const { discord } = world
    const settings = await memorySettings()
    await world.restart({ settings })
    const queue = async (what: string) => waitForRefusal(discord, await manager().slash(`queue ${what}`))
    expect(await queue('pause')).toMatch(/paused/)
    await world.restart({ settings })
    const waits = await zoom()
    expect(textOf(await waitForButton(discord, waits, 'Cancel'))).toMatch(
      /managers of this server have paused the queue/,
    )
    const bobs = await zoom('Bob')
    await waitForButton(discord, bobs, 'Cancel')
    expect(await queue('clear')).toBe('2 waiting requests were cancelled.')
    expect(await waitForRefusal(discord, waits)).toBe('Cancelled.')
    const again = await zoom()
    await waitForButton(discord, again, 'Cancel')
    expect(await queue('resume')).toMatch(/open/)
    expect(buttonsOf(await waitForButton(discord, again, 'Recipe'))).toContain('Zoom Out 2×')
    expect(await queue('drain')).toMatch(/closed to new requests/)
    expect(await waitForRefusal(discord, await zoom())).toMatch(/closed the queue to new requests/)
    expect(await queue('show')).toMatch(/closed to new requests/)
  })
})

test('a person’s second request waits behind other people’s first ones', async () => {
  const { discord } = world
  holdNextJob()
  await waitForButton(discord, await zoom('Cy'), 'Cancel')
  const [ada, bob] = [discord.person('Ada'), discord.person('Bob')]
  await waitForButton(discord, await zoom('Ada'), 'Cancel')
  const second = await zoom('Ada', { factor: 2 })
  expect(textOf(await waitForButton(discord, second, 'Cancel'))).toMatch(/Position 2 in the queue/)
  const bobs = await zoom('Bob', { factor: 3 })
  expect(textOf(await waitForButton(discord, bobs, 'Cancel'))).toMatch(/Position 2 in the queue/)
  const text = await waitForRefusal(discord, await bob.slash('queue show'))
  expect(
    text
      .split('\n')
      .slice(2)
      .map(line => /<@(\d+)>/.exec(line)?.[1]),
  ).toEqual([ada, bob, ada].map(one => one.user.id))
})

test('limits of waiting jobs per person, and the owner’s limits everywhere', async () => {
  const { discord } = world
  await world.restart({ environment: { QUEUE_LIMIT_PER_PERSON: '1', PERSON_PICTURES_PER_HOUR: '7' } })
  const { letGo } = holdNextJob()
  await waitForButton(discord, await zoom(), 'Cancel')
  await waitForButton(discord, await zoom(), 'Cancel')
  expect(await waitForRefusal(discord, await zoom())).toMatch(/You already have 1 requests in the queue/)
  const more = await zoom('Ada', { variations: 4 })
  expect(await waitForRefusal(discord, more)).toMatch(/requests in the queue/)
  letGo()
  const channel = discord.person('Bob').dmChannel()
  const message = await waitForButton(discord, await zoom('Bob', { variations: 4 }, channel), 'U1')
  expect(shownAttachments(message)).toHaveLength(4)
  expect(
    shownAttachments(await waitForButton(discord, await zoom('Bob', { variations: 4 }, channel), 'U1')),
  ).toHaveLength(3)
  expect(await waitForRefusal(discord, await zoom('Bob', {}, channel))).toMatch(/used all 7 pictures per hour/)
})

test('a waiting job shows its estimated start, from measured times', async () => {
  const { discord } = world
  await waitForButton(discord, await zoom(), 'Recipe')
  holdNextJob()
  await waitForButton(discord, await zoom('Bob'), 'Cancel')
  const waiting = await waitForButton(discord, await zoom(), 'Cancel')
  expect(textOf(waiting)).toMatch(/You’re next, starts <t:\d+:R>/)
})
