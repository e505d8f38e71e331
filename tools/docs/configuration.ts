import { defaultValueOf, ENV_VARS, type EnvVar, type EnvVarName, envVarNames, valueKindOf } from '../../src/config.js'
import { valueKindText } from '../../src/i18n/config-faults.js'
import { configFaults } from '../../src/i18n/en.js'

const HEAD = `# Every setting

<!-- npm run docs writes this page, out of src/config.ts. -->

Settings are read from the environment, and from a file \`.env\` in the folder that Overscan is started in; what is in both is taken
from the environment. \`overscan setup\` writes that file, or copy [.env.example](../.env.example). A line is \`NAME=value\`. Nothing
behind the \`=\` means: not set. A value with \`#\` in it has to stand between quotes (\`'\`, \`"\` or a backtick), since the rest of a line
from \`#\` on is a comment.

Bot, worker, playground and \`overscan forget\` do not start, and say why, each thing in a line of its own, where

- a value is not what it can be;
- \`.env\` sets a name that is not on this page, or a line of it can't be read, or it sets a name twice;
- the environment holds a name that begins like one of these, up to the first \`_\`, and is one or two letters off. What else is there
  is other programs' business.

\`overscan doctor\` tells the same, and goes on. What paints or looks at models by itself (\`zoom\`, \`models\`, \`devices\`, \`demo\` …) reads
only the settings that it needs, and does not look at the others. No secret is ever shown: of those marked 🔒 the name alone.

What is set but of no use, because another setting is missing or goes first, is a warning in the log as the bot starts.
`

/** `docs/configuration.md`. */
export function configurationPage(): string {
  const groups = [...new Set(envVarNames.map(name => ENV_VARS[name].group))]
  return [HEAD, ...groups.map(groupText)].join('\n')
}

function groupText(group: string): string {
  const names = envVarNames.filter(name => ENV_VARS[name].group === group)
  const head = '| setting | what it is | what it can be | left out |\n| --- | --- | --- | --- |'
  return `## ${group}\n\n${[head, ...names.map(row)].join('\n')}\n`
}

function row(name: EnvVarName): string {
  const { description, example, secret }: EnvVar = ENV_VARS[name]
  const otherwise = defaultValueOf(name)
  const values = valueKindText(valueKindOf(name), configFaults) + (example === undefined ? '' : `, like \`${example}\``)
  const cells = [
    `\`${name}\`${secret ? ' 🔒' : ''}`,
    linked(description),
    values,
    otherwise === undefined ? '' : `\`${otherwise}\``,
  ]
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** Other pages of this folder as links. */
function linked(text: string): string {
  return text.replaceAll(/docs\/([\w-]+\.md)/g, '[$1]($1)')
}
