import { type Translations, translationsByLanguage } from '../i18n/i18n.js'
import { type Edit, parseFit } from '../inference/pipeline/edit.js'
import {
  autocompleteChoice,
  imageOption,
  pictureCommand,
  presetOption,
  promptOption,
  readPaintOptions,
  slashCommand,
} from './command-builder.js'
import { localizeOption } from './localize.js'

const ASPECTS = ['1:1', '16:9', '3:2', '2:3', '9:16', '4:5', '21:9']

/** Sizes that Discord, or a phone, wants for a purpose. In pixels. */
export const PURPOSES = {
  serverBanner: '960x540px',
  inviteSplash: '1920x1080px',
  icon: '512x512px',
  emoji: '128x128px',
  phone: '1179x2556px',
} as const satisfies Partial<Record<keyof Translations['choices'], string>>

/**
 * "16:9", "960x540px", or the name of a purpose in any language: "server banner".
 *
 * @throws UserError `aspect-invalid`
 */
export function parseShape(text: string): Extract<Edit, { kind: 'fit' }> {
  return parseFit(sizeOfPurpose(text) ?? text)
}

/** The names are typed with or without the size in parentheses. */
function sizeOfPurpose(text: string): string | undefined {
  const plain = (name: string) =>
    name
      .replace(/[(（].*$/, '')
      .trim()
      .toLowerCase()
  const purposes = Object.keys(PURPOSES) as (keyof typeof PURPOSES)[]
  const languages = Object.values(translationsByLanguage)
  const purpose = purposes.find(one => languages.some(({ choices }) => plain(choices[one]) === plain(text)))
  return purpose && PURPOSES[purpose]
}

const data = slashCommand('fit')
data.addAttachmentOption(imageOption('image', true))
data.addStringOption(text => localizeOption(text, 'shape').setRequired(true).setMaxLength(40).setAutocomplete(true))
data.addStringOption(promptOption)
data.addStringOption(presetOption)

/** `/fit`: outpaint to an aspect ratio or a size, without cropping. */
export const fitCommand = pictureCommand(
  data,
  options => ({
    edit: parseShape(options.getString('shape') ?? ''),
    picture: options.getAttachment('image', true),
    ...readPaintOptions(options),
  }),
  (_option, typed, { t }) => {
    const purposes = Object.entries(PURPOSES).map(([name, size]) =>
      autocompleteChoice(t, name as keyof typeof PURPOSES, size),
    )
    const all = [...ASPECTS.map(aspect => ({ name: aspect, value: aspect })), ...purposes]
    const query = typed.trim().toLowerCase()
    const found = all.filter(({ name }) => name.toLowerCase().includes(query))
    return found.length > 0 ? found : [{ name: typed.slice(0, 100), value: typed.slice(0, 100) }]
  },
)
