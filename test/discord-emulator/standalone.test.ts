import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as emulator from '../../src/discord-emulator/emulator.js'

const FOLDER = join(import.meta.dirname, '../../src/discord-emulator')
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
const sources = files.map(name => [name, readFileSync(join(FOLDER, name), 'utf8')] as const)

test('the emulator exports one function', () => {
  expect(Object.keys(emulator)).toEqual(['startDiscordEmulator'])
})

test.each(sources)('%s knows nothing of Overscan', (name, source) => {
  expect(source).not.toMatch(/overscan/i)
  const depth = name.split(/[\\/]/).length - 1
  const outside = [...source.matchAll(/from '((?:\.\.\/)+)/g)].filter(([, up]) => up!.length / 3 > depth)
  expect(outside).toEqual([])
})

test('its page fits on one page, and names the function', () => {
  const page = readFileSync(join(FOLDER, 'README.md'), 'utf8')
  expect(page.split('\n').length).toBeLessThanOrEqual(80)
  expect(page).toContain('startDiscordEmulator')
})
