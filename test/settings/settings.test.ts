import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findForbiddenWord } from '../../src/settings/forbidden-word.js'
import { openSettingsFile } from '../../src/settings/settings-file.js'
import { problemIn } from '../support/problems.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('settings', () => {
  test('are the defaults until they are changed', async () => {
    const settings = await openSettingsFile(join(folder, 'new', 'folder'))
    expect(settings.server('1')).toMatchObject({ channels: [], variations: 4, buttons: 'all', line: 'open' })
    expect(settings.person('1')).toEqual({ confirmMasks: 'always' })
    expect(settings.serverIds()).toEqual([])
  })

  test('are kept over a restart, and the file has only those who changed something', async () => {
    const settings = await openSettingsFile(folder)
    settings.server('7')
    await settings.setServer('1', { forbidden: ['gore'], quotas: [{ role: '5', pictures: 3, per: 'day' }] })
    await settings.setPerson('2', { variations: 1, language: 'ja' })
    const again = await openSettingsFile(folder)
    expect(again.server('1')).toMatchObject({ forbidden: ['gore'], quotas: [{ role: '5', pictures: 3, per: 'day' }] })
    expect(again.person('2')).toEqual({ confirmMasks: 'always', variations: 1, language: 'ja' })
    const { servers } = JSON.parse(await readFile(join(folder, 'settings.json'), 'utf8'))
    expect(Object.keys(servers)).toEqual(['1'])
  })

  test('simultaneous changes are all kept', async () => {
    const settings = await openSettingsFile(folder)
    await Promise.all(Array.from({ length: 20 }, (_, id) => settings.setPerson(String(id), { variations: 2 })))
    const again = await openSettingsFile(folder)
    expect(Array.from({ length: 20 }, (_, id) => again.person(String(id)).variations)).toEqual(Array(20).fill(2))
  })

  test('a forgotten person is deleted from the file too', async () => {
    const settings = await openSettingsFile(folder)
    await settings.setPerson('2', { variations: 1 })
    expect(await settings.forgetPerson('2')).toBe(true)
    expect(await settings.forgetPerson('2')).toBe(false)
    expect(await readFile(join(folder, 'settings.json'), 'utf8')).not.toContain('"2"')
  })

  test.each([
    ['cut off', '{"version":1,"servers":{'],
    ['of a later version', '{"version":2,"servers":{},"people":{}}'],
    ['no object', '[]'],
  ])('a file that is %s is a problem, and is not changed', async (_, text) => {
    const path = join(folder, 'settings.json')
    await writeFile(path, text)
    expect(await problemIn(openSettingsFile(folder))).toEqual({ code: 'settings-corrupt', path })
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  test('an invalid value is refused, and nothing changes', async () => {
    const settings = await openSettingsFile(folder)
    const wrong = settings.setServer('1', { variations: 9 })
    expect((await problemIn(wrong))?.code).toBe('setting-invalid')
    expect(settings.server('1').variations).toBe(4)
  })
})

test.each([
  ['much GORE here', ['gore'], 'gore'],
  ['Góré', ['gore'], 'gore'],
  ['ｇｏｒｅ', ['gore'], 'gore'],
  ['gore!', ['gore'], 'gore'],
  ['gorgeous', ['gore'], undefined],
  ['green grass', ['ass'], undefined],
  ['a dead  body, maybe', ['dead body'], 'dead body'],
  ['dead bodies', ['dead body'], undefined],
  ['血だらけの部屋', ['血だらけ'], '血だらけ'],
  ['ぱん', ['はん'], undefined],
  ['anything', ['', '!!'], undefined],
  ['one two', ['two', 'one'], 'two'],
])('“%s” with %j forbidden: %s', (text, words, found) => {
  expect(findForbiddenWord(text, words)).toBe(found)
})
