import { defaultValueOf, ENV_VARS, type EnvVar, type EnvVarName, envVarNames, valueKindOf } from '../../src/config.js'
import { valueKindText } from '../../src/i18n/config-faults.js'
import { configFaults } from '../../src/i18n/en.js'

const HEAD = `# Configuration

<!-- npm run docs writes this page, out of src/config.ts. -->

This page lists every setting, with its values and its default.

Settings come from the environment and from a file \`.env\` in the folder where you start Overscan. If a setting is in both, the environment
wins. \`overscan setup\` writes \`.env\`, or you can copy [.env.example](../.env.example). A line is \`NAME=value\`. An empty value counts as
not set. A value with \`#\` needs quotes (\`'\`, \`"\` or a backtick), because \`#\` starts a comment.

The bot, the worker, the playground and \`overscan forget\` refuse to start, with one line for each problem, if

- a value is invalid;
- \`.env\` has an unknown name, a line that can't be read, or a name twice;
- the environment has a name that starts like a setting, up to the first \`_\`, and is one or two letters off. Other names are ignored.

\`overscan doctor\` reports the same problems and continues. Commands that paint or manage models (\`zoom\`, \`models\`, \`devices\`, \`demo\` …)
read only the settings that they need. Secret values (🔒) are never shown.

If a setting has no effect because another one is missing or wins, the log has a warning when the bot starts.
`

/** `docs/configuration.md`. */
export function configurationPage(): string {
  const groups = [...new Set(envVarNames.map(name => ENV_VARS[name].group))]
  return [HEAD, ...groups.map(groupText)].join('\n')
}

function groupText(group: string): string {
  const names = envVarNames.filter(name => ENV_VARS[name].group === group)
  const head = '| Setting | Description | Value | Default |\n| --- | --- | --- | --- |'
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
