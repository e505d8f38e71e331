import { languages, type Words } from '../i18n/i18n.js'
import { everywhere, option, slash, telling } from './command-builder.js'

type Name = keyof Words['commands']

const names = Object.keys(languages.en.commands) as Name[]

const data = slash('help')
const choices = names.map(name => ({
  name: `/${name}`,
  name_localizations: everywhere(words => `/${words.commands[name].name}`),
  value: name,
}))
data.addStringOption(text => option(text, 'command').addChoices(choices))

/** `/help`: how to go about it; with a command, what that one does and an example. */
export const help = telling(data.toJSON(), (options, { words }) => {
  const { title, intro, example, examples } = words.help
  const wanted = names.find(name => name === options.getString('command'))
  if (wanted) {
    const { name, description } = words.commands[wanted]
    return `**/${name}**: ${description}\n${example}: \`${examples[wanted]}\``
  }
  const all = names.map(name => `**/${words.commands[name].name}**: ${words.commands[name].description}`)
  return [`**${title}**`, ...intro, '', ...all].join('\n')
})
