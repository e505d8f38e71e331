import {
  type APIMessage,
  ApplicationCommandType,
  AttachmentFlags,
  type Message,
  StickerFormatType,
  type TextChannel,
} from 'discord.js'
import { describe, expect, test } from 'vitest'
import { createRateLimiter } from '../../src/discord-emulator/rate-limits.js'
import { loginAnsweringClient, loginClient, pngFile, startEmulator, toUpload } from './client.js'

const LOOK = { name: 'Look', type: ApplicationCommandType.Message } as const

/** What a bot receives of a message by a message command. */
async function lookingBot() {
  const discord = await startEmulator()
  const seen: Message[] = []
  const { settled } = await loginAnsweringClient(
    discord,
    async interaction => {
      if (!interaction.isMessageContextMenuCommand()) return
      seen.push(interaction.targetMessage)
      await interaction.reply('seen')
    },
    [LOOK],
  )
  return {
    discord,
    async look(message: APIMessage) {
      await (await discord.person('Ada').messageCommand(message, 'Look')).response()
      await settled()
      expect(discord.violations).toEqual([])
      return seen.at(-1)!
    },
  }
}

describe('what a message holds', () => {
  test('a forward holds a snapshot of the message, and that of a forward the first one', async () => {
    const { discord, look } = await lookingBot()
    const original = await discord.person('Bob').sendMessage('look', { files: [await pngFile()] })
    const forwarded = await discord.person('Cy').forward(original)
    const again = await discord.person('Dan').forward(forwarded)
    for (const message of [forwarded, again]) {
      const seen = await look(message)
      expect([seen.content, seen.attachments.size, seen.reference?.type]).toEqual(['', 0, 1])
      const snapshot = seen.messageSnapshots.first()
      expect(snapshot?.content).toBe('look')
      expect(snapshot?.attachments.map(({ name }) => name)).toEqual(['a.png'])
      expect(await fetch(snapshot!.attachments.first()!.url).then(({ status }) => status)).toBe(200)
    }
  })

  test('attachments have the flag of spoilers by name or by mark, and may lack a type', async () => {
    const { discord, look } = await lookingBot()
    const { data } = await pngFile()
    const message = await discord.person('Bob').sendMessage('', {
      files: [
        { name: 'SPOILER_a.png', data },
        { name: 'b.png', data, spoiler: true },
        { name: 'c', data, contentType: null },
      ],
    })
    const attachments = [...(await look(message)).attachments.values()]
    expect(attachments.map(({ flags }) => flags.has(AttachmentFlags.IsSpoiler))).toEqual([true, true, false])
    expect(attachments.map(({ contentType }) => contentType)).toEqual(['image/png', 'image/png', null])
  })

  test('links show pictures: those elsewhere by Discord’s proxy, those of attachments by themselves', async () => {
    const { discord, look } = await lookingBot()
    const { data } = await pngFile()
    await discord.hostPicture('https://example.com/a/b.png', data)
    const [attachment] = (await discord.person('Bob').sendMessage('', { files: [await pngFile()] })).attachments
    const message = await discord
      .person('Bob')
      .sendMessage(`https://example.com/a/b.png ${attachment!.url} https://example.com/none`)
    const { embeds } = await look(message)
    expect(embeds.map(({ thumbnail }) => thumbnail?.url)).toEqual(['https://example.com/a/b.png', attachment!.url])
    const { proxyURL } = embeds[0]!.thumbnail!
    expect(proxyURL).toContain(`${discord.url}/external/`)
    expect(Buffer.from(await (await fetch(proxyURL!)).arrayBuffer())).toEqual(data)
  })

  test('stickers have their files', async () => {
    const { discord, look } = await lookingBot()
    const { data } = await pngFile()
    const message = await discord.person('Bob').sendMessage('', {
      stickers: [
        { name: 'wave', format: 'png', data },
        { name: 'dance', format: 'lottie', data: Buffer.from('{}') },
      ],
    })
    const [wave, dance] = [...(await look(message)).stickers.values()]
    expect([wave!.format, dance!.format]).toEqual([StickerFormatType.PNG, StickerFormatType.Lottie])
    expect(Buffer.from(await (await fetch(wave!.url)).arrayBuffer())).toEqual(data)
  })

  test('without the message content intent a bot sees no forward of other people', async () => {
    const discord = await startEmulator()
    const client = await loginClient(discord)
    const original = await discord.person('Bob').sendMessage('look', { files: [await pngFile()] })
    const { id } = await discord.person('Cy').forward(original)
    const channel = (await client.channels.fetch(discord.channel.id)) as TextChannel
    expect((await channel.messages.fetch(id)).messageSnapshots.size).toBe(0)
  })
})

describe('rate limits, once they are enforced', () => {
  const post = (discord: Awaited<ReturnType<typeof startEmulator>>, channel: string) =>
    fetch(`${discord.url}/api/v10/channels/${channel}/messages`, {
      method: 'POST',
      headers: { authorization: `Bot ${discord.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ content: 'x' }),
    })

  test('a route refuses the sixth message of a channel within 5 s, and no other channel', async () => {
    const discord = await startEmulator()
    discord.enforceRateLimits()
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(discord, discord.channel.id)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 429])
    const refused = answers.find(({ status }) => status === 429)!
    expect(await refused.json()).toMatchObject({ global: false, retry_after: expect.any(Number) })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.headers.get('x-ratelimit-scope')).toBe('user')
    // Those that Discord's OpenAPI document has, of accepted and of refused requests.
    for (const { headers } of answers) {
      for (const name of ['Limit', 'Remaining', 'Reset', 'Reset-After', 'Bucket']) {
        expect(headers.get(`X-RateLimit-${name}`), name).toMatch(/^[\da-f.]+$/)
      }
    }
    expect((await post(discord, discord.createChannel('other').id)).status).toBe(200)
    discord.clock.advance(5000)
    expect((await post(discord, discord.channel.id)).status).toBe(200)
  })

  test('the 51st request of a second is refused, whatever its route; answers to interactions are not counted', () => {
    let now = 0
    const limiter = createRateLimiter({ clock: { now: () => now } })
    const get = (channel: number) => () => limiter.take('GET', '/channels/{channel}', `/channels/${channel}`)
    for (let channel = 0; channel < 50; channel++) get(channel)()
    expect(get(50)).toThrow(expect.objectContaining({ status: 429, scope: 'global', retryAfterSeconds: 1 }))
    limiter.take('POST', '/interactions/{id}/{token}/callback', '/interactions/1/t/callback')
    now = 1000
    expect(get(50)()).toMatchObject({ 'x-ratelimit-remaining': '49' })
  })

  test('discord.js keeps them by itself', async () => {
    const discord = await startEmulator()
    const channel = (await (await loginClient(discord)).channels.fetch(discord.channel.id)) as TextChannel
    discord.enforceRateLimits()
    const file = toUpload(await pngFile())
    await Promise.all(Array.from({ length: 6 }, () => channel.send({ files: [file] })))
    expect(discord.messages()).toHaveLength(6)
    expect(discord.requestLog.filter(({ status }) => status === 429)).toEqual([])
  })
})
