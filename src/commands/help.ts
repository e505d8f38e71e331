import { type Translations, translationsByLanguage } from '../i18n/i18n.js'
import { localizations, localizeOption, slashCommand, textCommand } from './command-builder.js'

type Name = keyof Translations['commands']

const names = Object.keys(translationsByLanguage.en.commands) as Name[]

const data = slashCommand('help')
const choices = names.map(name => ({
  name: `/${name}`,
  name_localizations: localizations(words => `/${words.commands[name].name}`),
  value: name,
}))
data.addStringOption(text => localizeOption(text, 'command').addChoices(choices))

/** `/help`: how to go about it; with a command, what that one does and an example. */
export const helpCommand = textCommand(data.toJSON(), (options, { t }) => {
  const { title, intro, example, examples } = t.help
  const wanted = names.find(name => name === options.getString('command'))
  if (wanted) {
    const { name, description } = t.commands[wanted]
    return `**/${name}**: ${description}\n${example}: \`${examples[wanted]}\``
  }
  const all = names.map(name => `**/${t.commands[name].name}**: ${t.commands[name].description}`)
  return [`**${title}**`, ...intro, '', ...all].join('\n')
})
