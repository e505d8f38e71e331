import { type Translations, translationsByLanguage } from '../i18n/i18n.js'
import { slashCommand, textCommand } from './command-builder.js'
import { localizations, localizeOption } from './localize.js'

type CommandName = keyof Translations['commands']

const names = Object.keys(translationsByLanguage.en.commands) as CommandName[]

const data = slashCommand('help')
const choices = names.map(name => ({
  name: `/${name}`,
  name_localizations: localizations(t => `/${t.commands[name].name}`),
  value: name,
}))
data.addStringOption(text => localizeOption(text, 'command').addChoices(choices))

/** `/help`: how to use the bot; with a command, what that one does and an example. */
export const helpCommand = textCommand(data.toJSON(), (options, { t }) => {
  const { title, intro, example, examples } = t.help
  const selected = names.find(name => name === options.getString('command'))
  if (selected) {
    const { name, description } = t.commands[selected]
    return `**/${name}**: ${description}\n${example}: \`${examples[selected]}\``
  }
  const all = names.map(name => `**/${t.commands[name].name}**: ${t.commands[name].description}`)
  return [`**${title}**`, ...intro, '', ...all].join('\n')
})
