import {
  ApplicationCommandType,
  type Interaction,
  type ModalSubmitInteraction,
  type RESTPostAPIApplicationCommandsJSONBody,
} from 'discord.js'
import { describe, expect, test } from 'vitest'
import { loginAnsweringClient, pngFile, rejectionOf, startEmulator, TRY } from './client.js'

type Field = { type: number; custom_id: string } & Record<string, unknown>
const dialog = (...fields: Field[]) => ({
  title: 'Paint',
  custom_id: 'paint',
  components: fields.map(component => ({ type: 18, label: component.custom_id, component })),
})
const choices = (...values: string[]) => values.map(value => ({ label: value, value }))

const words = { type: 4, style: 1, custom_id: 'words', max_length: 10 }
const mask = { type: 19, custom_id: 'mask' }
const styles = { type: 3, custom_id: 'styles', options: choices('oil', 'ink', 'pen'), min_values: 2, max_values: 3 }

const COMMANDS: RESTPostAPIApplicationCommandsJSONBody[] = [
  TRY,
  { name: 'Zoom Out', type: ApplicationCommandType.Message },
]

/** A bot that responds to everything with this modal, and the submitted data. */
async function asking(
  fields: Field[],
  answer: (one: ModalSubmitInteraction) => Promise<unknown> = one => one.reply('thanks'),
) {
  const discord = await startEmulator()
  const received: ModalSubmitInteraction[] = []
  const { settled } = await loginAnsweringClient(
    discord,
    async (interaction: Interaction) => {
      if (interaction.isModalSubmit()) {
        received.push(interaction)
        await answer(interaction)
      } else if (interaction.isCommand()) await interaction.showModal(dialog(...fields))
    },
    COMMANDS,
  )
  const ada = discord.person('Ada')
  const asked = async (where = {}) => {
    const sent = await ada.slash('try', {}, where)
    await sent.acknowledged
    return sent
  }
  return { discord, ada, asked, received, settled }
}

test('a modal with text, a file and several choices', async () => {
  const { discord, ada, asked, received, settled } = await asking([words, mask, styles])
  const png = await pngFile('mask.png')
  const values = { words: 'more sky', mask: [png], styles: ['oil', 'pen'] }
  await (await ada.submitModal(await asked(), values)).response()
  const [{ fields }] = received as [ModalSubmitInteraction]
  expect(fields.getTextInputValue('words')).toBe('more sky')
  expect(fields.getStringSelectValues('styles')).toEqual(['oil', 'pen'])
  const upload = fields.getUploadedFiles('mask', true).first()!
  expect([upload.name, upload.ephemeral, await discord.download(upload)]).toEqual(['mask.png', true, png.data])
  await settled()
  expect(discord.violations).toEqual([])
})

test('optional fields can be left out', async () => {
  const fields = [words, mask, styles].map(field => ({ ...field, required: false }))
  const { ada, asked, received, discord } = await asking(fields)
  await (await ada.submitModal(await asked(), {})).response()
  const [{ fields: got }] = received as [ModalSubmitInteraction]
  expect(got.getTextInputValue('words')).toBe('')
  expect(got.getStringSelectValues('styles')).toEqual([])
  expect(got.getUploadedFiles('mask')?.size ?? 0).toBe(0)
  expect(discord.violations).toEqual([])
})

test('initial values are submitted unless they are changed', async () => {
  const chosen = { ...styles, options: styles.options.map(one => ({ ...one, default: one.value !== 'ink' })) }
  const { ada, asked, received, discord } = await asking([{ ...words, value: 'sea', required: false }, chosen])
  for (const values of [{}, { words: '', styles: ['ink', 'pen'] }]) {
    await (await ada.submitModal(await asked(), values)).response()
  }
  expect(
    received.map(({ fields }) => [fields.getTextInputValue('words'), fields.getStringSelectValues('styles')]),
  ).toEqual([
    ['sea', ['oil', 'pen']],
    ['', ['ink', 'pen']],
  ])
  expect(discord.violations).toEqual([])
})

test.each<[string, Field, object, RegExp]>([
  ['too few choices', styles, { styles: ['oil'] }, /styles: takes 2 to 3/],
  ['a choice that is none', styles, { styles: ['oil', 'tar'] }, /none of the choices/],
  ['one choice alone where there are several', styles, { styles: 'oil' }, /must be a list/],
  ['words of 11 characters', words, { words: 'x'.repeat(11) }, /between 0 and 10/],
  ['nothing', mask, {}, /needs mask/],
  ['no files', mask, { mask: [] }, /needs mask/],
  [
    'files of the wrong type',
    { ...mask, file_types: ['image'] },
    { mask: [{ name: 'a.txt', data: Buffer.from('') }] },
    /image/,
  ],
  ['a field that people here do not know', { type: 5, custom_id: 'who' }, { who: ['1'] }, /type 5/],
])("%s can't be submitted", async (_, field, values, complaint) => {
  const { ada, asked } = await asking([field])
  await expect(ada.submitModal(await asked(), values as never)).rejects.toThrow(complaint)
})

describe('a modal that no message opened', () => {
  const update = async (one: ModalSubmitInteraction) => {
    expect(one.isFromMessage()).toBe(false)
    expect(await rejectionOf(one.deferUpdate())).toMatchObject({ code: 50_035 })
    await one.reply(`${one.channelId} ${one.fields.getTextInputValue('words')}`)
  }

  test("after a command can't update a message, and its response is in the command's channel", async () => {
    const { discord, ada, asked, settled } = await asking([words], update)
    const channel = discord.createChannel('more').id
    const sent = await ada.submitModal(await asked({ channel }), { words: 'sea' })
    expect((await sent.response()).content).toBe(`${channel} sea`)
    expect(discord.messages()).toEqual([])
    await settled()
  })

  test('after a message command neither', async () => {
    const { discord, ada, settled } = await asking([words], update)
    const asked = await ada.messageCommand(await discord.person('Bob').sendMessage('my cat'), 'Zoom Out')
    await asked.acknowledged
    const answer = await (await ada.submitModal(asked, { words: 'sea' })).response()
    expect(answer.content).toBe(`${discord.channel.id} sea`)
    expect(answer.message_reference).toBeUndefined()
    await settled()
  })
})

test('a modal can only be submitted by the user who sees it', async () => {
  const { discord, asked } = await asking([words])
  await expect(discord.person('Bob').submitModal(await asked(), { words: 'sea' })).rejects.toThrow(
    "that dialog is not Bob's",
  )
})
