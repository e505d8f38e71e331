import { installedEngines } from '../inference/engines/engines.js'
import { slash, telling } from './build.js'

/** `/models`: what is installed to paint with. */
export const models = telling(slash('models').toJSON(), (_options, { words }) => {
  const engines = installedEngines()
  const { title, fill, none } = words.models
  const lines = engines.map(({ name }) => `**${name}**${name === 'fill' ? `: ${fill}` : ''}`)
  return [`**${title}**`, ...lines, ...(engines.some(engine => engine.reads) ? [] : [none])].join('\n')
})
