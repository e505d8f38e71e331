import { defaultValueOf, ENV_VARS, type EnvVar, type EnvVarName, envVarNames } from '../../config.js'

/** How long a line may get, in characters. */
const WIDTH = 130

/** What `.env.example` holds, and what a new `.env` begins with: every setting, as a comment where it can be left out. */
export function envExample(): string {
  const head =
    'Overscan reads this file as .env, in the folder that it is started in. Fill in what you need: a bot on Discord needs DISCORD_TOKEN and nothing else. docs/configuration.md tells what each setting can be.'
  const groups = [...new Set(envVarNames.map(name => ENV_VARS[name].group))].map(group => {
    const names = envVarNames.filter(name => ENV_VARS[name].group === group)
    return [`# ---- ${group} ----`, ...names.map(settingText)].join('\n\n')
  })
  return `${[comment(head), ...groups].join('\n\n')}\n`
}

function settingText(name: EnvVarName): string {
  const { description, example, required }: EnvVar = ENV_VARS[name]
  const value = defaultValueOf(name) ?? example ?? ''
  return `${comment(description.replaceAll('`', ''))}\n${required ? '' : '#'}${name}=${value}`
}

/** In lines that are not too long. */
function comment(text: string): string {
  const lines = ['#']
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`
    if (longer.length <= WIDTH) lines[lines.length - 1] = longer
    else lines.push(`# ${word}`)
  }
  return lines.join('\n')
}
