import type { SlashCommandBuilder } from 'discord.js'
import { controlTextsOf } from '../inference/engines/default-control.js'
import type { EngineRegistry } from '../inference/engines/registry.js'
import { NO_CONTROL } from '../inference/pipeline/control-modules.js'
import {
  CONTROL_MODES,
  CONTROL_WEIGHT,
  type DiffusionOptions,
  DOWNSAMPLING_RATE,
  MAX_CONTROLS,
} from '../inference/pipeline/options.js'
import type { AutocompleteChoice, CommandOptions } from './command.js'
import { localizedChoice, localizeOption } from './localize.js'

/** Longest value of a choice, in characters. */
const MAX_CHOICE_LENGTH = 100

/** Adds the option for ControlNets. Its text can hold their settings too: some commands have no room for more options. */
export function addControlOption(builder: SlashCommandBuilder): void {
  builder.addStringOption(text => localizeOption(text, 'control').setMaxLength(400).setAutocomplete(true))
}

/** Adds the option for ControlNets, and one for each of their settings. */
export function addControlOptions(builder: SlashCommandBuilder): void {
  addControlOption(builder)
  builder.addNumberOption(number =>
    localizeOption(number, 'control-weight').setMinValue(CONTROL_WEIGHT.min).setMaxValue(CONTROL_WEIGHT.max),
  )
  builder.addNumberOption(number => localizeOption(number, 'control-start').setMinValue(0).setMaxValue(1))
  builder.addNumberOption(number => localizeOption(number, 'control-end').setMinValue(0).setMaxValue(1))
  builder.addStringOption(text =>
    localizeOption(text, 'control-mode').addChoices(...CONTROL_MODES.map(mode => localizedChoice(mode))),
  )
  builder.addNumberOption(number =>
    localizeOption(number, 'downsampling-rate').setMinValue(DOWNSAMPLING_RATE.min).setMaxValue(DOWNSAMPLING_RATE.max),
  )
}

/** The options of ControlNets, as they were chosen: not checked yet. */
type ChosenControls = Partial<Record<keyof DiffusionOptions & (`control${string}` | 'downsamplingRate'), unknown>>

/** The chosen options; separate options replace what the text of `control` says. */
export function readControlOptions(options: CommandOptions): ChosenControls {
  const own: ChosenControls = {
    controlWeight: options.getNumber('control-weight') ?? undefined,
    controlStart: options.getNumber('control-start') ?? undefined,
    controlEnd: options.getNumber('control-end') ?? undefined,
    controlMode: options.getString('control-mode') ?? undefined,
    downsamplingRate: options.getNumber('downsampling-rate') ?? undefined,
  }
  const given = Object.entries(own).filter(([, value]) => value !== undefined)
  return { ...parseControlText(options.getString('control') ?? ''), ...Object.fromEntries(given) }
}

/** What settings are called in the text of `control`. */
const SETTINGS = {
  weight: 'controlWeight',
  start: 'controlStart',
  end: 'controlEnd',
  mode: 'controlMode',
  rate: 'downsamplingRate',
} as const satisfies Record<string, keyof ChosenControls>

/** "inpaint, sharp:tile, weight=0.8, mode=my prompt" → the ControlNets and their settings. */
function parseControlText(text: string): ChosenControls {
  // Many languages write 0,8.
  const items = itemsOf(text.replaceAll(/(=\s*\d),(?=\d)/g, '$1.')).filter(item => item !== '')
  const control = items.filter(item => !item.includes('='))
  const settings = items.flatMap(item => {
    const [, name = '', value = ''] = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/.exec(item) ?? []
    // A name that isn't known is refused by itself.
    const option = Object.entries(SETTINGS).find(([one]) => one === name.toLowerCase())?.[1] ?? name
    const number = Number(value)
    return item.includes('=') ? [[option, value === '' || Number.isNaN(number) ? value : number] as const] : []
  })
  return { ...(control.length > 0 && { control }), ...Object.fromEntries(settings) }
}

/** A comma ends an item. */
function itemsOf(text: string): string[] {
  return text.split(',').map(item => item.trim())
}

/**
 * The ControlNets that fit the chosen model, or any model where none is chosen, and `none`; after a ControlNet, more of them.
 *
 * @param model name of the chosen engine
 */
export function suggestControls(typed: string, model: string | null, engines: EngineRegistry): AutocompleteChoice[] {
  const items = itemsOf(typed)
  const before = items.slice(0, -1)
  const last = items.at(-1)!.toLowerCase()
  const models = engines.installed().filter(({ name }) => model === null || name === model)
  const texts = models.flatMap(controlTextsOf)
  const all = [...(before.length === 0 ? [NO_CONTROL] : []), ...new Set(texts)]
  const isFull = before.filter(item => !item.includes('=')).length >= MAX_CONTROLS
  return (isFull ? [] : all)
    .filter(text => text.toLowerCase().includes(last) && !before.includes(text))
    .map(text => [...before, text].join(', '))
    .filter(text => text.length <= MAX_CHOICE_LENGTH)
    .slice(0, 25)
    .map(text => ({ name: text, value: text }))
}
