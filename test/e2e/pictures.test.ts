import type { APIMessage } from 'discord.js'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Person } from '../../src/discord-emulator/emulator.js'
import { landscapeFile, largeLandscapeFile, recipesIn, useSharedTestBot } from '../support/e2e.js'
import { buttonsOf, isPrivate, shownAttachments, textOf, waitForButton, waitForRefusal } from '../support/emulator.js'

const world = useSharedTestBot()

let count = 0
const newPerson = () => world.discord.person(`Person ${++count}`)

const OCTET_STREAM = 'application/octet-stream'

/** Messages of Bob that show a picture of 48×32 pixels, each in another way. */
const KINDS: Readonly<Record<string, () => Promise<APIMessage>>> = {
  'a file without a type': () => post({ name: 'hills.png', contentType: null }),
  'a file of type octet-stream': () => post({ name: 'HILLS.PNG', contentType: OCTET_STREAM }),
  'a file that only its bytes tell': () => post({ name: 'upload', contentType: OCTET_STREAM }),
  'a forward': async () => newPerson().forward(await post({ name: 'hills.png' })),
  'a forward of a forward': async () => newPerson().forward(await newPerson().forward(await post({ name: 'a.png' }))),
  'a forward of a file without a type': async () =>
    newPerson().forward(await post({ name: 'upload', contentType: null })),
  'a link to another site': async () => {
    const url = `https://example.com/${++count}.png`
    await world.discord.hostPicture(url, (await landscapeFile()).data)
    return newPerson().sendMessage(`look: ${url}`)
  },
  'a link to an attachment': async () => {
    const { attachments } = await post({ name: 'hills.png' })
    return newPerson().sendMessage(attachments[0]!.url)
  },
  'a sticker': async () =>
    newPerson().sendMessage('', { stickers: [{ name: 'hills', format: 'png', data: (await landscapeFile()).data }] }),
}

async function post(file: { name: string; contentType?: string | null; spoiler?: boolean }): Promise<APIMessage> {
  return newPerson().sendMessage('look at this', { files: [{ ...file, data: (await landscapeFile()).data }] })
}

async function submit(
  person: Person,
  message: APIMessage,
  command: string,
  values: Parameters<Person['submitModal']>[1],
) {
  const modal = await person.messageCommand(message, command)
  expect((await modal.acknowledged).type).toBe(9)
  return person.submitModal(modal, values)
}

const sizes = (message: APIMessage) => shownAttachments(message).map(({ width, height }) => [width, height])[0]

describe.each(Object.entries(KINDS))('%s is a picture', (_name, show) => {
  test('for every command under Apps', async () => {
    const { discord } = world
    const [person, message] = [newPerson(), await show()]
    await waitForButton(discord, await person.messageCommand(message, 'Zoom out'), 'U1')
    for (const command of ['Extend…', 'Fit…', 'Repaint region…', 'Remove…']) {
      expect((await (await person.messageCommand(message, command)).acknowledged).type, command).toBe(9)
    }
    const card = await waitForButton(
      discord,
      await submit(person, message, 'Repaint region…', { 'cells-3': ['5'] }),
      'Paint',
    )
    expect(isPrivate(card)).toBe(true)
    const recipe = await person.messageCommand(message, 'Recipe')
    expect(await waitForRefusal(discord, recipe)).toMatch(/doesn’t contain its recipe/)
  })
})

test.each(['anim.gif', 'anim.webp'])(
  'of an animation (%s) the first frame is used, and the answer says so',
  async name => {
    const { discord } = world
    const image = { name, data: await animation(name.split('.')[1] as 'gif' | 'webp') }
    const sent = await newPerson().slash('zoom', { image, variations: 1 })
    expect(textOf(await waitForButton(discord, sent, 'Recipe'))).toMatch(
      /only the first frame of the animation was used/,
    )
  },
)

describe('commands under Apps', () => {
  test('Make Square paints at once; Fit… asks for the shape', async () => {
    const { discord } = world
    const [person, message] = [newPerson(), await post({ name: 'hills.png' })]
    expect(sizes(await waitForButton(discord, await person.messageCommand(message, 'Make Square'), 'U1'))).toEqual([
      48, 48,
    ])
    expect(sizes(await waitForButton(discord, await submit(person, message, 'Fit…', { shape: '2:1' }), 'U1'))).toEqual([
      64, 32,
    ])
    expect(await waitForRefusal(discord, await submit(person, message, 'Fit…', { shape: 'wide' }))).toMatch(
      /isn’t a valid aspect ratio/,
    )
  })

  test('a forwarded result shows its pictures without the source, and its recipe', async () => {
    const { discord } = world
    const person = newPerson()
    const sent = await person.slash('zoom', { image: await landscapeFile(), prompt: 'hills', variations: 1 })
    const forwarded = await newPerson().forward(await waitForButton(discord, sent, 'Recipe'))
    const answer = await person.messageCommand(forwarded, 'Recipe')
    expect(await waitForRefusal(discord, answer)).toMatch(/Prompt: hills/)
    // One picture is zoomed at once: the source is none of them.
    const grid = await waitForButton(discord, await person.messageCommand(forwarded, 'Zoom out'), 'U1')
    expect((await recipesIn(discord, grid))[0]).toMatchObject({ edit: { kind: 'zoom' } })
  })

  test('Repaint region… on a picture that replies to another person’s message asks for the area', async () => {
    const person = newPerson()
    const first = await newPerson().sendMessage('show me')
    const reply = await newPerson().sendMessage('here', { files: [await landscapeFile()], replyTo: first })
    expect((await (await person.messageCommand(reply, 'Repaint region…')).acknowledged).type).toBe(9)
  })

  test('say what a message without a picture has', async () => {
    const { discord } = world
    const person = newPerson()
    const data = Buffer.from('{}')
    const lottie = await newPerson().sendMessage('', { stickers: [{ name: 'dance', format: 'lottie', data }] })
    expect(await waitForRefusal(discord, await person.messageCommand(lottie, 'Zoom out'))).toMatch(/vector animation/)
    const words = await newPerson().sendMessage('no picture')
    expect(await waitForRefusal(discord, await person.messageCommand(words, 'Zoom out'))).toMatch(/has no picture/)
    const text = await newPerson().sendMessage('', { files: [{ name: 'a.txt', data, contentType: 'text/plain' }] })
    expect(await waitForRefusal(discord, await person.messageCommand(text, 'Extend…'))).toMatch(/has no picture/)
    const bytes = await newPerson().sendMessage('', { files: [{ name: 'thing', data, contentType: OCTET_STREAM }] })
    expect(await waitForRefusal(discord, await person.messageCommand(bytes, 'Zoom out'))).toMatch(
      /can’t read that file as a picture/,
    )
  })
})

describe('a picture that is a spoiler stays hidden:', () => {
  const galleries = (message: APIMessage) => (message.components ?? []).filter(component => component.type === 12)
  const isHidden = (message: APIMessage) =>
    galleries(message).length > 0 &&
    galleries(message).every(one => 'items' in one && one.items.every(({ spoiler }) => spoiler))

  async function hiddenResult(person: Person): Promise<APIMessage> {
    const options = { image: await landscapeFile(), variations: 1, spoiler: true }
    return waitForButton(world.discord, await person.slash('zoom', options), 'Recipe')
  }

  const HIDDEN: Readonly<Record<string, () => Promise<APIMessage>>> = {
    'by its name': () => post({ name: 'SPOILER_a.png' }),
    'by its flag': () => post({ name: 'a.png', spoiler: true }),
    'in a forward': async () => newPerson().forward(await post({ name: 'a.png', spoiler: true })),
    'in a forward of a hidden result': async () => newPerson().forward(await hiddenResult(newPerson())),
    'in a hidden link': async () => {
      const url = `https://example.com/${++count}.png`
      await world.discord.hostPicture(url, (await landscapeFile()).data)
      return newPerson().sendMessage(`careful: ||${url}||`)
    },
    'as a hidden result that was downloaded and sent again': async () => {
      const [file] = shownAttachments(await hiddenResult(newPerson()))
      return newPerson().sendMessage('', { files: [{ name: 'x.png', data: await world.discord.download(file!) }] })
    },
  }

  test.each(Object.entries(HIDDEN))(
    '%s, in results, confirmations and what is painted of them',
    async (_name, show) => {
      const { discord } = world
      const [person, message] = [newPerson(), await show()]
      expect(isHidden(await waitForButton(discord, await person.messageCommand(message, 'Zoom out'), 'U1'))).toBe(true)
      const asked = await submit(person, message, 'Repaint region…', { 'cells-3': ['5'] })
      const card = await waitForButton(discord, asked, 'Paint')
      expect(isHidden(card)).toBe(true)
      const grid = await waitForButton(discord, await person.press(card, 'Paint'), 'U1')
      expect(isHidden(grid)).toBe(true)
      const single = await waitForButton(discord, await person.press(grid, 'U1'), 'Recipe')
      expect(isHidden(single)).toBe(true)
      const original = await waitForButton(discord, await person.press(single, 'Original'), 'Zoom Out 2×')
      expect(isHidden(original)).toBe(true)
    },
  )

  test('where the mask is a hidden copy of an open picture, uploaded or as a reply', async () => {
    const { discord } = world
    const person = newPerson()
    const message = await post({ name: 'a.png' })
    const { data } = await landscapeFile()
    const mask = { name: 'SPOILER_mask.png', data: await scribbled(data) }
    const card = await waitForButton(discord, await submit(person, message, 'Remove…', { mask: [mask] }), 'Paint')
    expect(isHidden(card)).toBe(true)
    const sent = await person.slash('zoom', { image: await landscapeFile(), variations: 1 })
    const result = await waitForButton(discord, sent, 'Recipe')
    const [shown] = shownAttachments(result)
    const copy = { name: 'SPOILER_mask.png', data: await scribbled(await discord.download(shown!)) }
    const reply = await person.sendMessage('', { files: [copy], replyTo: result, ping: false })
    expect(isHidden(await waitForButton(discord, await person.messageCommand(reply, 'Remove…'), 'Paint'))).toBe(true)
  })

  test('in /recipe, in previews, and in a journey', async () => {
    const { discord } = world
    const person = newPerson()
    const previews: boolean[] = []
    const stop = discord.on('edit', message => {
      if (galleries(message).length > 0 && buttonsOf(message).includes('Cancel')) previews.push(isHidden(message))
    })
    const image = { ...(await largeLandscapeFile()), name: 'SPOILER_large.png' }
    const large = await waitForButton(discord, await person.slash('zoom', { image, variations: 1 }), 'Recipe')
    stop()
    expect(previews).not.toContain(false)
    expect(isHidden(large)).toBe(true)

    const result = await hiddenResult(person)
    const data = await discord.download(shownAttachments(result)[0]!)
    const source = await discord.download(result.attachments.find(({ filename }) => filename.startsWith('source'))!)
    const again = await person.slash('recipe', {
      image: { name: 'x.png', data },
      source: { name: 'source.png', data: source },
    })
    expect(isHidden(await waitForButton(discord, again, 'Recipe'))).toBe(true)
    const journey = await waitForButton(discord, await person.press(result, 'Journey'), 'Delete')
    expect(isHidden(journey)).toBe(true)
    expect(textOf(journey)).toMatch(/journey/)
  })
})

/** Two frames of 64×64 pixels. */
async function animation(format: 'gif' | 'webp'): Promise<Buffer> {
  const frame = (background: string) =>
    sharp({ create: { width: 64, height: 64, channels: 3, background } })
      .png()
      .toBuffer()
  const frames = [await frame('#48a'), await frame('#a84')]
  return sharp(frames, { join: { animated: true } })
    .toFormat(format)
    .toBuffer()
}

/** A copy of a picture with a red bar in its middle. */
async function scribbled(picture: Buffer): Promise<Buffer> {
  const bar = { create: { width: 40, height: 8, channels: 3 as const, background: '#f00' } }
  return sharp(picture)
    .composite([{ input: bar, left: 20, top: 20 }])
    .png()
    .toBuffer()
}
