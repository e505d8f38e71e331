import { join } from 'node:path'
import { expect, test } from 'vitest'
import { programCommand, startCommand } from '../../src/cli/program-command.js'
import { recommendedModel } from '../../src/cli/setup/choose-model.js'

const folder = join('/home', 'ada', 'bot')

test.each([
  ['npx', '/home/ada/.npm/_npx/12/node_modules/.bin/overscan', { npm_command: 'exec' }, 'npx overscan'],
  ['a global installation', '/usr/local/bin/overscan', {}, 'overscan'],
  ['a global installation on Windows', join('/npm', 'node_modules', 'overscan', 'dist', 'main.js'), {}, 'overscan'],
  ['a clone', join(folder, 'dist', 'main.js'), {}, `node ${join('dist', 'main.js')}`],
  [
    'a clone in another folder',
    join('/opt', 'overscan', 'dist', 'main.js'),
    {},
    `node ${join('/opt', 'overscan', 'dist', 'main.js')}`,
  ],
  [
    'npm run in a clone',
    join(folder, 'dist', 'main.js'),
    { npm_command: 'run-script' },
    `node ${join('dist', 'main.js')}`,
  ],
])('%s', (_, script, environment, command) => {
  expect(programCommand(script, environment, folder)).toBe(command)
  expect(startCommand(script, environment, folder)).toBe(`${command} bot`)
})

test('npm run setup ends with npm start', () => {
  expect(startCommand(join(folder, 'dist', 'main.js'), { npm_lifecycle_event: 'setup' }, folder)).toBe('npm start')
})

test.each([
  [{ kind: 'gpu', bytes: 24e9 }, 'sdxl-inpainting'],
  [{ kind: 'gpu', bytes: 8e9 }, 'sd15-inpainting'],
  [{ kind: 'gpu', bytes: 2e9 }, 'migan'],
  [{ kind: 'gpu', bytes: 0.5e9 }, 'none'],
  [{ kind: 'gpu', bytes: undefined }, 'sd15-inpainting'],
  [{ kind: 'cpu', bytes: 64e9 }, 'none'],
] as const)('%j gets %s', (memory, model) => {
  expect(recommendedModel(memory)).toBe(model)
})
