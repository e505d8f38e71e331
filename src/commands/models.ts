import { slashCommand, textCommand } from './command-builder.js'

/** So many LoRAs fit into an answer, whatever they are called. */
const LORAS = 20

/** `/models`: what is installed to paint with, the variants of an engine on its line. */
export const modelsCommand = textCommand(slashCommand('models').toJSON(), (_options, { t, engines: registry }) => {
  const engines = registry.installed()
  const { title, fill, none, loras } = t.models
  const tags = registry
    .loras()
    .slice(0, LORAS)
    .map(name => `\`<lora:${name}:1>\``)
  const lines = engines.flatMap(({ name }) => {
    if (name.includes(':')) return []
    const variants = engines.filter(other => other.name.startsWith(`${name}:`)).map(other => `, ${other.name}`)
    return [`**${name}**${variants.join('')}${name === 'fill' ? `: ${fill}` : ''}`]
  })
  const rest = engines.some(engine => engine.supportsPrompt) ? [] : [none]
  return [`**${title}**`, ...lines, ...(tags.length > 0 ? [`${loras} ${tags.join(' ')}`] : []), ...rest].join('\n')
})
