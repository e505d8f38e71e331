import { defaultValueOf, ENV_VARS, type EnvVar, type EnvVarName, envVarNames } from '../../config.js'

/** Maximum length of a comment line. */
const MAX_LINE_CHARACTERS = 130

/** The text of `.env.example` and of a new `.env`: every setting, commented out unless it is required. */
export function envExample(): string {
  const header =
    'Settings of Overscan. The program reads them from the file .env in the folder where it starts. A Discord bot needs only DISCORD_TOKEN. docs/configuration.md lists the values of each setting.'
  const groups = [...new Set(envVarNames.map(name => ENV_VARS[name].group))].map(group => {
    const names = envVarNames.filter(name => ENV_VARS[name].group === group)
    return [`# ---- ${group} ----`, ...names.map(envVarText)].join('\n\n')
  })
  return `${[comment(header), ...groups].join('\n\n')}\n`
}

function envVarText(name: EnvVarName): string {
  const { description, example, required }: EnvVar = ENV_VARS[name]
  const value = defaultValueOf(name) ?? example ?? ''
  return `${comment(description.replaceAll('`', ''))}\n${required ? '' : '#'}${name}=${value}`
}

/** Wrapped comment lines. */
function comment(text: string): string {
  const lines = ['#']
  for (const word of text.split(' ')) {
    const extended = `${lines.at(-1)} ${word}`
    if (extended.length <= MAX_LINE_CHARACTERS) lines[lines.length - 1] = extended
    else lines.push(`# ${word}`)
  }
  return lines.join('\n')
}
