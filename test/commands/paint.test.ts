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
import type { EngineInfo } from '../../src/inference/engines/engine-info.js'
import { createEngineRegistry, type EngineRegistry } from '../../src/inference/engines/registry.js'
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

function autocomplete(
  name: string,
  option: string,
  typed: string,
  { model = null, engines = createEngineRegistry({ modelFolder: 'no-models' }) }: Suggesting = {},
): AutocompleteChoice[] {
  const context = { t: translationsFor('en'), engines } as CommandContext
  return commandNamed(name).autocomplete?.(option, typed, context, () => model) as AutocompleteChoice[]
}
type Suggesting = { readonly model?: string | null; readonly engines?: EngineRegistry }

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

test.each([
  ['zoom', { control: 'inpaint' }, { control: ['inpaint'] }],
  ['inpaint', { control: 'none' }, { control: ['none'] }],
  [
    'inpaint',
    { control: 'inpaint, sharp:tile, weight=0,8, weight = 0.7, END=0.5, mode=my prompt, rate=2' },
    {
      control: ['inpaint', 'sharp:tile'],
      controlWeight: 0.7,
      controlEnd: 0.5,
      controlMode: 'my prompt',
      downsamplingRate: 2,
    },
  ],
  [
    'extend',
    { left: '10%', control: 'inpaint, weight=0.5', 'control-weight': 1.5, 'control-start': 0.1, 'control-end': 0.9 },
    { control: ['inpaint'], controlWeight: 1.5, controlStart: 0.1, controlEnd: 0.9 },
  ],
  [
    'vary',
    { control: 'sharp:tile', 'control-mode': 'controlnet', 'downsampling-rate': 4 },
    { control: ['sharp:tile'], controlMode: 'controlnet', downsamplingRate: 4 },
  ],
])('/%s %j asks for ControlNets', (name, given, expected) => {
  expect(requestOf(name, given).options).toEqual(expected)
})

test.each([
  { control: 'inpaint, weigth=1' },
  { control: 'inpaint, weight=much' },
  { control: 'weight=' },
  { control: 'a, b, c, d' },
  { control: 'none, a' },
  { control: 'a:depth' },
])('/inpaint %j is refused by a sentence', given => {
  const problem = problemOf(() => requestOf('inpaint', given))
  expect(problem).toMatchObject({ code: 'options-invalid' })
})

test('/inpaint offers other ways to fill as masked contents', () => {
  const { edit, options } = requestOf('inpaint', { 'masked-content': 'edge color' })
  expect([edit, options]).toMatchObject([{ kind: 'inpaint', content: 'fill' }, { prefill: 'edge color' }])
  expect(requestOf('inpaint', { 'masked-content': 'original' })).toMatchObject({ edit: { content: 'original' } })
})

test('the ControlNets that fit the chosen model are suggested, one after the other, and none first', () => {
  const infoOf = (name: string, controlNets: EngineInfo['controlNets']): EngineInfo => {
    return { name, supportsPrompt: true, supportsTextToImage: true, isEraser: false, controlNets }
  }
  const installed = [
    infoOf('sd15', [
      { name: 'cn-inpaint', tasks: ['inpaint'] },
      { name: 'cn-tile', tasks: ['tile'] },
    ]),
    infoOf('xl', [
      { name: 'promax', tasks: ['inpaint', 'tile'] },
      { name: 'unknown', tasks: [] },
    ]),
  ]
  const engines = { ...createEngineRegistry({ modelFolder: 'no-models' }), installed: () => installed }
  const suggested = (typed: string, model?: string) =>
    autocomplete('inpaint', 'control', typed, { engines, ...(model && { model }) }).map(({ value }) => value)
  expect(suggested('', 'sd15')).toEqual(['none', 'cn-inpaint', 'cn-tile:tile'])
  expect(suggested('', 'xl')).toEqual(['none', 'promax', 'promax:tile', 'unknown', 'unknown:tile'])
  expect(suggested('TILE')).toEqual(['cn-tile:tile', 'promax:tile', 'unknown:tile'])
  expect(suggested('cn-inpaint, weight=0.5, t', 'sd15')).toEqual(['cn-inpaint, weight=0.5, cn-tile:tile'])
  expect(suggested('a, b, c, ')).toEqual([])
})

test('no command has more options than Discord allows', () => {
  for (const { data } of slashCommands) expect(data.options?.length ?? 0, data.name).toBeLessThanOrEqual(25)
})

test('/models lists the ControlNets, as the option for them is written', async () => {
  const traits = { isForInpainting: false, isLarge: false, isRefiner: false }
  const common = { supportsPrompt: true, supportsTextToImage: true, isEraser: false, traits }
  const controlNets = [
    { name: 'cn', tasks: ['inpaint'] },
    { name: 'sharp', tasks: ['tile'] },
  ] as const
  const installed = ['sd15', 'photo'].map(name => ({ ...common, name, controlNets }))
  const engines = { ...createEngineRegistry({ modelFolder: 'no-models' }), installed: () => installed }
  const context: unknown = { t: translationsFor('en'), engines }
  const result = await commandNamed('models').run({} as CommandOptions, context as CommandContext)
  expect(result).toMatchObject({
    text: expect.stringContaining('ControlNets, for the option `control`: `cn` `sharp:tile`'),
  })
})
