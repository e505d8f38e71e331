import { expect, test } from 'vitest'
import type {
  AutocompleteChoice,
  Command,
  CommandContext,
  CommandOptions,
  EditRequest,
} from '../../src/commands/command.js'
import { slashCommands } from '../../src/commands/slash-commands.js'
import { translationsFor } from '../../src/i18n/i18n.js'
import { createEngineRegistry } from '../../src/inference/engines/registry.js'
import { problemOf } from '../support/problems.js'

const link = { url: 'https://cdn.discordapp.com/a.png', size: 1, name: 'a.png' }

function commandNamed(name: string): Command {
  const found = slashCommands.find(({ data }) => data.name === name)
  if (!found) throw new Error(`no command ${name}`)
  return found
}

function requestOf(name: string, given: Record<string, string | number | boolean>): EditRequest {
  const get = (option: string) => (given[option] ?? null) as never
  const options: CommandOptions = {
    getAttachment: (option: string) => (option === 'image' || option === 'mask' ? link : null) as never,
    getString: get,
    getInteger: get,
    getNumber: get,
    getBoolean: get,
    getRole: get,
    getChannel: get,
    getSubcommand: () => null,
  }
  const result = commandNamed(name).run(options, {} as CommandContext) as { request: EditRequest }
  return JSON.parse(JSON.stringify(result.request))
}

const none = { pixels: 0 }

test.each<[string, Record<string, string | number | boolean>, unknown]>([
  ['zoom', {}, { edit: { kind: 'zoom', factor: 1.5, grow: false }, picture: link, prompt: '' }],
  [
    'zoom',
    { factor: 2, keep: 'pixels', prompt: 'fog', variations: 1, seed: 0, spoiler: true, model: 'fill' },
    {
      edit: { kind: 'zoom', factor: 2, grow: true },
      picture: link,
      prompt: 'fog',
      variations: 1,
      seed: 0,
      spoiler: true,
      engine: 'fill',
    },
  ],
  [
    'zoom',
    { aspect: '16:9' },
    { edit: { kind: 'zoom', factor: 1, grow: false, aspect: { width: 16, height: 9 } }, picture: link, prompt: '' },
  ],
  [
    'zoom',
    { factor: 2, anchor: 'bottom-left' },
    { edit: { kind: 'zoom', factor: 2, grow: false, anchor: 'bottom-left' }, picture: link, prompt: '' },
  ],
  [
    'extend',
    { left: '25%', bottom: '64' },
    {
      edit: { kind: 'extend', left: { percent: 25 }, right: none, top: none, bottom: { pixels: 64 } },
      picture: link,
      prompt: '',
    },
  ],
  ['square', {}, { edit: { kind: 'square' }, picture: link, prompt: '' }],
  ['fit', { shape: '3:2' }, { edit: { kind: 'fit', width: 3, height: 2 }, picture: link, prompt: '' }],
  [
    'fit',
    { shape: '960x540px' },
    { edit: { kind: 'fit', width: 960, height: 540, exact: true }, picture: link, prompt: '' },
  ],
  // A purpose that was typed, not picked; in any language.
  ...['server banner', 'Server Banner (960×540)', 'Serverbanner', 'bannière de serveur', 'サーバーバナー'].map(
    (shape): [string, Record<string, string>, unknown] => [
      'fit',
      { shape },
      { edit: { kind: 'fit', width: 960, height: 540, exact: true }, picture: link, prompt: '' },
    ],
  ),
  [
    'inpaint',
    {
      area: 'masked',
      padding: 64,
      'mask-blur': 4,
      'masked-content': 'original',
      'denoising-strength': 0.5,
      invert: true,
    },
    {
      edit: { kind: 'inpaint', area: 'masked', padding: 64, blur: 4, content: 'original', strength: 0.5 },
      picture: link,
      mask: link,
      invert: true,
      prompt: '',
    },
  ],
  ['remove', {}, { edit: { kind: 'remove' }, picture: link, mask: link, invert: false, prompt: '' }],
  ['vary', { strength: 'subtle' }, { edit: { kind: 'vary', strength: 'subtle' }, picture: link, prompt: '' }],
  ['vary', {}, { edit: { kind: 'vary', strength: 'strong' }, picture: link, prompt: '' }],
  ['upscale', {}, { edit: { kind: 'upscale', scale: 2 }, picture: link, prompt: '' }],
  [
    'upscale',
    { scale: 4, upscaler: 'lanczos' },
    { edit: { kind: 'upscale', scale: 4 }, picture: link, prompt: '', engine: 'lanczos' },
  ],
  [
    'upscale',
    { creative: 0.4, upscaler: 'lanczos', prompt: 'a cat', model: 'sd1', seed: 3, steps: 8 },
    {
      edit: { kind: 'upscale', scale: 2, creative: { strength: 0.4, upscaler: 'lanczos' } },
      picture: link,
      prompt: 'a cat',
      engine: 'sd1',
      seed: 3,
      options: { steps: 8 },
    },
  ],
  // What only a model reads asks for one.
  [
    'upscale',
    { prompt: 'a cat' },
    { edit: { kind: 'upscale', scale: 2, creative: { strength: 0.3 } }, picture: link, prompt: 'a cat' },
  ],
  ['imagine', { prompt: 'a cat' }, { edit: { kind: 'imagine', width: 512, height: 512 }, prompt: 'a cat' }],
  [
    'imagine',
    { prompt: 'a cat', 'hires-fix': 1.5, upscaler: 'lanczos' },
    {
      edit: { kind: 'imagine', width: 512, height: 512, hires: { scale: 1.5, strength: 0.5, upscaler: 'lanczos' } },
      prompt: 'a cat',
    },
  ],
  [
    'imagine',
    { prompt: 'a cat', aspect: '2:1' },
    { edit: { kind: 'imagine', width: 728, height: 360 }, prompt: 'a cat' },
  ],
])('/%s %j requests %j', (name, given, request) => {
  expect(requestOf(name, given)).toEqual(request)
})

test.each([
  ['extend', { left: 'far' }, 'length-invalid'],
  ['fit', { shape: 'round' }, 'aspect-invalid'],
  ['zoom', { aspect: 'wide' }, 'aspect-invalid'],
])('/%s %j is refused: %s', (name, given, code) => {
  expect(problemOf(() => requestOf(name, given))?.code).toBe(code)
})

function autocomplete(name: string, option: string, typed: string): AutocompleteChoice[] {
  return commandNamed(name).autocomplete?.(option, typed, {
    t: translationsFor('en'),
    engines: createEngineRegistry({ modelFolder: 'no-models' }),
  } as CommandContext) as AutocompleteChoice[]
}

test.each([
  ['', [1.5, 2, 3, 4]],
  ['9', [1.5, 2, 3, 4]],
  ['wide', [1.5, 2, 3, 4]],
  ['1', [1]],
  ['3', [3]],
  ['1,3', [1.3]],
  ['2.5x', [2.5]],
])('typing “%s” suggests the factors %j', (typed, factors) => {
  expect(autocomplete('zoom', 'factor', typed).map(({ value }) => value)).toEqual(factors)
})

test.each([
  ['banner', ['960x540px']],
  ['16', ['16:9', '9:16', '960x540px'].filter(value => value !== '960x540px')],
  ['7:5', ['7:5']],
])('typing “%s” suggests the shapes %j', (typed, shapes) => {
  expect(autocomplete('fit', 'shape', typed).map(({ value }) => value)).toEqual(shapes)
})

test('every edit command suggests the installed models', () => {
  for (const name of ['zoom', 'extend', 'square', 'fit', 'inpaint', 'remove', 'vary', 'imagine']) {
    expect(autocomplete(name, 'model', 'PD')).toEqual([{ name: 'fill:pde', value: 'fill:pde' }])
  }
})
