import { installedEngines } from '../inference/engines/engines.js'
import { slash, telling } from './build.js'

/** `/models`: what is installed to paint with, the variants of an engine on its line. */
export const models = telling(slash('models').toJSON(), (_options, { words }) => {
  const engines = installedEngines()
  const { title, fill, none } = words.models
  const lines = engines.flatMap(({ name }) => {
    if (name.includes(':')) return []
    const variants = engines.filter(other => other.name.startsWith(`${name}:`)).map(other => `, ${other.name}`)
    return [`**${name}**${variants.join('')}${name === 'fill' ? `: ${fill}` : ''}`]
  })
  return [`**${title}**`, ...lines, ...(engines.some(engine => engine.reads) ? [] : [none])].join('\n')
})
