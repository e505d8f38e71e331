import { problemMessage } from '../i18n/i18n.js'
import { controlTextsOf } from '../inference/engines/default-control.js'
import { MAX_NAME_LENGTH } from '../inference/engines/model-folder.js'
import { slashCommand, textCommand } from './command-builder.js'

/** Most LoRAs that are listed, so that the answer stays within Discord's 4000 characters. */
const SHOWN_LORAS = 20

/** Most ControlNets that are listed, for the same reason. */
const SHOWN_CONTROLS = 10

/** Most models with too long a name that are listed, for the same reason. */
const SHOWN_TOO_LONG = 3

/** `/models`: the installed engines, each with its variants, the installed LoRAs and ControlNets, and models that can't be chosen. */
export const modelsCommand = textCommand(slashCommand('models').toJSON(), (_options, { t, engines: registry }) => {
  const engines = registry.installed()
  const { title, fill, none, loras, controlNets } = t.models
  const controls = [...new Set(engines.flatMap(controlTextsOf))].slice(0, SHOWN_CONTROLS).map(text => `\`${text}\``)
  const tags = registry
    .loras()
    .slice(0, SHOWN_LORAS)
    .map(name => `\`<lora:${name}:1>\``)
  const lines = engines.flatMap(({ name }) => {
    if (name.includes(':')) return []
    const variants = engines.filter(other => other.name.startsWith(`${name}:`)).map(other => `, ${other.name}`)
    return [`**${name}**${variants.join('')}${name === 'fill' ? `: ${fill}` : ''}`]
  })
  const tooLong = registry
    .tooLong()
    .slice(0, SHOWN_TOO_LONG)
    .map(model => problemMessage({ code: 'model-name-too-long', model, limit: MAX_NAME_LENGTH }, t))
  const hint = engines.some(engine => engine.supportsPrompt) ? [] : [none]
  return [
    `**${title}**`,
    ...lines,
    ...(tags.length > 0 ? [`${loras} ${tags.join(' ')}`] : []),
    ...(controls.length > 0 ? [`${controlNets} ${controls.join(' ')}`] : []),
    ...tooLong,
    ...hint,
  ].join('\n')
})
