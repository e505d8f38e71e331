import sharp from 'sharp'
import { expect, test } from 'vitest'
import { landscapeFile, useTestBot } from '../support/e2e.js'
import { buttonsOf, waitForButton } from '../support/emulator.js'

// The other reading of Discord's rule: a reply to an answer to an interaction counts as a mention as well.
const world = useTestBot({ mentionInInteractionReplies: true })

test('a mask that replies to an interaction’s response is interpreted too', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const sent = await ada.slash('zoom', { image: await landscapeFile(96, 64), variations: 1 })
  const message = await waitForButton(discord, sent, 'Recipe')
  const half = await sharp({ create: { width: 96, height: 64, channels: 3, background: '#000' } })
    .composite([{ input: { create: { width: 20, height: 64, channels: 3, background: '#fff' } }, left: 0, top: 0 }])
    .png()
    .toBuffer()
  const reply = await ada.sendMessage('fog', { files: [{ name: 'mask.png', data: half }], replyTo: message })
  await discord.waitUntil(
    () =>
      discord
        .messages()
        .some(one => one.message_reference?.message_id === reply.id && buttonsOf(one).includes('Paint')),
    { what: 'a confirmation' },
  )
  expect(message.author.id).toBe(discord.applicationId)
})
