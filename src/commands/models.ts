import { slashCommand, textCommand } from './command-builder.js'

/** Most LoRAs that are listed, so that the answer stays within Discord's 4000 characters. */
const SHOWN_LORAS = 20

/** `/models`: the installed engines, each with its variants, and the installed LoRAs. */
export const modelsCommand = textCommand(slashCommand('models').toJSON(), (_options, { t, engines: registry }) => {
  const engines = registry.installed()
  const { title, fill, none, loras } = t.models
  const tags = registry
    .loras()
    .slice(0, SHOWN_LORAS)
    .map(name => `\`<lora:${name}:1>\``)
  const lines = engines.flatMap(({ name }) => {
    if (name.includes(':')) return []
    const variants = engines.filter(other => other.name.startsWith(`${name}:`)).map(other => `, ${other.name}`)
    return [`**${name}**${variants.join('')}${name === 'fill' ? `: ${fill}` : ''}`]
  })
  const hint = engines.some(engine => engine.supportsPrompt) ? [] : [none]
  return [`**${title}**`, ...lines, ...(tags.length > 0 ? [`${loras} ${tags.join(' ')}`] : []), ...hint].join('\n')
})
