import type { SlashCommandIntegerOption, SlashCommandStringOption } from 'discord.js'
import { SAMPLER_NAMES } from '../inference/engines/diffusion/sampling/sampler-names.js'
import { parseEdit, REDRAW_STRENGTH, UPSCALE_FACTORS } from '../inference/pipeline/edit.js'
import { GUIDANCE_SCALE, STEPS } from '../inference/pipeline/options.js'
import { SEED } from '../inference/pipeline/request.js'
import type { Command, CommandOptions, EditRequest } from './command.js'
import { booleanOption, imageOption, promptOption, readPaintOptions, slashCommand } from './command-builder.js'
import { addControlOptions, suggestControls } from './control-options.js'
import { localizedChoice, localizeOption } from './localize.js'
import { suggestModels, suggestUpscalers } from './suggest-models.js'

/** The value of the option `detail`. */
const FROM_HISTORY = 'from history'

const data = slashCommand('upscale')
data.addAttachmentOption(imageOption('image', true))
data.addIntegerOption((integer: SlashCommandIntegerOption) =>
  localizeOption(integer, 'scale').addChoices(...UPSCALE_FACTORS.map(value => ({ name: `${value}×`, value }))),
)
data.addStringOption((text: SlashCommandStringOption) =>
  localizeOption(text, 'detail').addChoices(localizedChoice('fromHistory', FROM_HISTORY)),
)
data.addStringOption(text => localizeOption(text, 'upscaler').setAutocomplete(true))
data.addNumberOption(number =>
  localizeOption(number, 'creative').setMinValue(REDRAW_STRENGTH.min).setMaxValue(REDRAW_STRENGTH.max),
)
data.addStringOption(promptOption)
data.addStringOption(text => localizeOption(text, 'model').setAutocomplete(true))
data.addIntegerOption(integer => localizeOption(integer, 'seed').setMinValue(SEED.min).setMaxValue(SEED.max))
data.addStringOption(text => localizeOption(text, 'negative').setMaxLength(1000))
data.addIntegerOption(integer => localizeOption(integer, 'steps').setMinValue(STEPS.min).setMaxValue(STEPS.max))
data.addStringOption(text =>
  localizeOption(text, 'sampler').addChoices(...SAMPLER_NAMES.map(name => ({ name, value: name }))),
)
data.addNumberOption(number =>
  localizeOption(number, 'guidance').setMinValue(GUIDANCE_SCALE.min).setMaxValue(GUIDANCE_SCALE.max),
)
addControlOptions(data)
data.addBooleanOption(booleanOption('spoiler'))

/**
 * `/upscale`: more pixels, by an installed upscaler or by resampling. With `creative`, or with an option that only painting reads, a
 * diffusion model paints over them. It gives one picture.
 */
export const upscaleCommand: Command = {
  data: data.toJSON(),
  isEphemeral: () => false,
  run: options => ({ request: { picture: options.getAttachment('image', true), ...readUpscale(options) } }),
  autocomplete(option, typed, { engines }, chosen) {
    if (option === 'control') return suggestControls(typed, chosen('model'), engines)
    return option === 'model' ? suggestModels(typed, engines) : suggestUpscalers(typed, engines)
  },
}

function readUpscale(options: CommandOptions): EditRequest {
  const scale = options.getInteger('scale') ?? UPSCALE_FACTORS[0]
  const upscaler = options.getString('upscaler') ?? undefined
  const strength = options.getNumber('creative')
  const painting = readPaintOptions(options)
  const { prompt, seed, engine, options: sampling, spoiler } = painting
  if (options.getString('detail') === FROM_HISTORY) {
    const fromHistory = { scale: options.getInteger('scale') ?? undefined }
    return { edit: parseEdit({ kind: 'upscale', scale }), fromHistory, prompt: '', engine: upscaler, spoiler }
  }
  const isCreative = strength !== null || prompt || seed !== undefined || engine || sampling
  if (!isCreative) return { edit: parseEdit({ kind: 'upscale', scale }), prompt, engine: upscaler, spoiler }
  const creative = { strength: strength ?? REDRAW_STRENGTH.default, ...(upscaler !== undefined && { upscaler }) }
  return { ...painting, edit: parseEdit({ kind: 'upscale', scale, creative }) }
}
