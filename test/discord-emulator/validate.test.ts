import { MessageFlags } from 'discord.js'
import { describe, expect, test } from 'vitest'
import {
  choiceErrors,
  commandErrors,
  type MessageBody,
  messageErrors,
  modalErrors,
} from '../../src/discord-emulator/validate.js'
import { loginClient, rejectionOf, startEmulator } from './client.js'

const V2 = MessageFlags.IsComponentsV2
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index))
const text = (length: number) => ({ type: 10, content: 'x'.repeat(length) })
const button = (id: string | number) => ({ type: 2, style: 2, label: 'Go', custom_id: String(id) })
const row = (...components: object[]) => ({ type: 1, components })
const select = (id: string) => ({ type: 3, custom_id: id, options: [{ label: 'a', value: 'a' }] })
const gallery = (...urls: string[]) => ({ type: 12, items: urls.map(url => ({ media: { url } })) })
const container = (...components: object[]) => ({ type: 17, components })

const errorsOf = (body: object, files: string[] = []) =>
  messageErrors(body as MessageBody, ((body as MessageBody).flags ?? 0) === V2, files)

describe('messages', () => {
  test.each<[string, object, string[]?]>([
    ['2000 characters', { content: 'x'.repeat(2000) }],
    ['five rows', { content: 'x', components: many(5, index => row(button(index))) }],
    ['five buttons in a row', { components: [row(...many(5, button))] }],
    ['a select in a row', { components: [row(select('a'))] }],
    ['40 components', { flags: V2, components: [container(...many(39, () => text(1)))] }],
    ['4000 characters of text', { flags: V2, components: [text(2000), container(text(2000))] }],
    ['a gallery of ten', { flags: V2, components: [gallery(...many(10, () => 'attachment://a.png'))] }, ['a.png']],
    ['a picture from elsewhere', { flags: V2, components: [gallery('https://example.com/a.png')] }],
    ['a file that was uploaded', { flags: V2, components: [{ type: 13, file: { url: 'attachment://a' } }] }, ['a']],
    ['what emptied fields are sent with', { flags: V2, content: null, embeds: [], components: [text(1)] }],
    ['a link button', { components: [row({ type: 2, style: 5, label: 'Go', url: 'https://example.com' })] }],
    ['a button to buy', { components: [row({ type: 2, style: 6, sku_id: '1' })] }],
    ['a custom id of 100', { components: [row(button('x'.repeat(100)))] }],
    ['ten files', { content: 'x' }, many(10, index => `${index}`)],
  ])('%s: valid', (_, body, files) => {
    expect(errorsOf(body, files)).toEqual([])
  })

  test.each<[string, object, string[]?]>([
    ['2001 characters', { content: 'x'.repeat(2001) }],
    ['eleven files', { content: 'x' }, many(11, index => `${index}`)],
    ['eleven embeds', { embeds: many(11, () => ({})) }],
    ['content with V2', { flags: V2, content: 'x', components: [text(1)] }],
    ['embeds with V2', { flags: V2, embeds: [{}], components: [text(1)] }],
    ['a poll with V2', { flags: V2, poll: {}, components: [text(1)] }],
    ['stickers with V2', { flags: V2, sticker_ids: ['1'], components: [text(1)] }],
    ['V2 components without the flag', { components: [text(1)] }],
    ['six rows without V2', { components: many(6, index => row(button(index))) }],
    ['41 components', { flags: V2, components: [container(...many(40, () => text(1)))] }],
    ['4001 characters of text', { flags: V2, components: [text(2000), container(text(2001))] }],
    ['a custom id twice', { components: [row(button('a'), button('a'))] }],
    ['a custom id of 101', { components: [row(button('x'.repeat(101)))] }],
    ['an empty custom id', { components: [row(button(''))] }],
    ['six buttons in a row', { components: [row(...many(6, button))] }],
    ['an empty row', { components: [row()] }],
    ['two selects in a row', { components: [row(select('a'), select('b'))] }],
    ['a select beside a button', { components: [row(select('a'), button('b'))] }],
    ['an empty gallery', { flags: V2, components: [gallery()] }],
    ['a gallery of eleven', { flags: V2, components: [gallery(...many(11, () => 'attachment://a'))] }, ['a']],
    ['a picture that was not uploaded', { flags: V2, components: [gallery('attachment://a.png')] }, ['b.png']],
    ['a picture from this machine', { flags: V2, components: [gallery('file:///a.png')] }],
    ['a file from elsewhere', { flags: V2, components: [{ type: 13, file: { url: 'https://example.com/a' } }] }],
    ['a link button with a custom id', { components: [row({ ...button('a'), style: 5, url: 'https://example.com' })] }],
    ['a link button without a link', { components: [row({ type: 2, style: 5, label: 'Go' })] }],
    ['a button without a custom id', { components: [row({ type: 2, style: 2, label: 'Go' })] }],
    ['a button with nothing on it', { components: [row({ type: 2, style: 2, custom_id: 'a' })] }],
    ['a label of 81', { components: [row({ ...button('a'), label: 'x'.repeat(81) })] }],
    ['a text input', { components: [row({ type: 4, custom_id: 'a', style: 1 })] }],
  ])('%s: invalid', (_, body, files) => {
    expect(errorsOf(body, files)).toHaveLength(1)
  })
})

describe('modals', () => {
  const label = (id: string) => ({ type: 18, label: 'Mask', component: { type: 19, custom_id: id } })
  const good = { title: 'Paint', custom_id: 'paint', components: [label('a')] }
  test.each<[string, object]>([
    ['five labels', { ...good, components: many(5, index => label(`${index}`)) }],
    ['words', { ...good, components: [text(1), label('a')] }],
    ['a title of 45', { ...good, title: 'x'.repeat(45) }],
  ])('%s: valid', (_, body) => expect(modalErrors(body)).toEqual([]))

  test.each<[string, object]>([
    ['six labels', { ...good, components: many(6, index => label(`${index}`)) }],
    ['nothing', { ...good, components: [] }],
    ['a title of 46', { ...good, title: 'x'.repeat(46) }],
    ['a custom id of 101', { ...good, custom_id: 'x'.repeat(101) }],
    ['a field twice', { ...good, components: [label('a'), label('a')] }],
    ['a label without a field', { ...good, components: [{ type: 18, label: 'Mask' }] }],
    ['a label of 46', { ...good, components: [{ ...label('a'), label: 'x'.repeat(46) }] }],
    ['a field that is off', { ...good, components: [{ ...label('a'), component: { type: 4, disabled: true } }] }],
    ['a gallery', { ...good, components: [gallery('https://example.com/a.png')] }],
  ])('%s: invalid', (_, body) => expect(modalErrors(body)).toHaveLength(1))
})

describe('commands', () => {
  const good = { name: 'zoom', description: 'Zoom out' }
  const option = (name: string, required = false) => ({ type: 3, name, description: 'x', required })
  test.each<[string, object]>([
    ['a name in another script', { ...good, name: 'увеличить' }],
    ['required options first', { ...good, options: [option('a', true), option('b')] }],
    ['a message command of two words', { type: 3, name: 'Zoom Out' }],
    ['8000 characters', { ...good, options: many(20, index => ({ ...option(`a${index}`), ...filler(388) })) }],
  ])('%s: valid', (_, command) => expect(commandErrors(command)).toEqual([]))

  test.each<[string, object]>([
    ['upper case', { ...good, name: 'Zoom' }],
    ['a blank', { ...good, name: 'zoom out' }],
    ['33 characters', { ...good, name: 'x'.repeat(33) }],
    ['no description', { name: 'zoom', description: '' }],
    ['a description of 101', { ...good, description: 'x'.repeat(101) }],
    ['an option in upper case', { ...good, options: [option('A')] }],
    ['an optional option first', { ...good, options: [option('a'), option('b', true)] }],
    ['an option twice', { ...good, options: [option('a'), option('a')] }],
    ['26 options', { ...good, options: many(26, index => option(`a${index}`)) }],
    ['26 choices', { ...good, options: [{ ...option('a'), choices: many(26, () => ({})) }] }],
    ['8001 characters', { ...good, options: many(20, index => ({ ...option(`a${index}`), ...filler(410) })) }],
  ])('%s: invalid', (_, command) => expect(commandErrors(command)).toHaveLength(1))

  function filler(length: number) {
    return { choices: [{ name: 'x', value: 'x'.repeat(length) }] }
  }
})

test('autocomplete accepts at most 25 choices', () => {
  const choices = (count: number) => many(count, index => ({ name: `${index}`, value: index }))
  expect(choiceErrors(choices(25))).toEqual([])
  expect(choiceErrors(choices(26))).toHaveLength(1)
  expect(choiceErrors([{ name: '', value: 1 }])).toHaveLength(1)
})

test('a request that breaks a rule is refused, and the violation names the field', async () => {
  const discord = await startEmulator()
  const { rest, application } = await loginClient(discord)
  const path = `/channels/${discord.channel.id}/messages` as const
  const error = await rejectionOf(rest.post(path, { body: { content: 'x'.repeat(2001) } }))
  expect(error).toMatchObject({
    status: 400,
    code: 50_035,
    rawError: { errors: { content: { _errors: [{ message: 'Must be 2000 or fewer in length.' }] } } },
  })
  expect(discord.violations).toEqual([
    { direction: 'request', route: 'POST /channels/{channel}/messages', errors: [expect.stringMatching(/^content: /)] },
  ])
  await rejectionOf(rest.post(path, { body: { flags: V2, components: [gallery('attachment://a.png')] } }))
  const twice = [
    { name: 'a', description: 'a' },
    { name: 'a', description: 'b' },
  ]
  await rejectionOf(application.commands.set(twice))
  expect(discord.violations).toHaveLength(3)
  expect(await rejectionOf(rest.post(path, { body: { content: '' } }))).toMatchObject({ code: 50_006 })
  expect(discord.messages()).toEqual([])
})
