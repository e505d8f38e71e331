import { CONFIGURATION_FIELDS, type FieldRule } from '../../src/inference/checkpoint/configuration-fields.js'

const HEAD = `# Model configuration

<!-- npm run docs writes this page, out of src/inference/checkpoint/configuration-fields.ts. -->

This page lists what Overscan does with each field of the configuration files of a model in diffusers' layout.

- **Honored**: the field changes the picture as it does in diffusers.
- **Checked**: only these values are computed. A model with another value is refused, and the message names the field. A missing field and
  \`null\` are accepted.
- **Ignored**: the field doesn't change the picture, or an option of the command decides instead.
`

const EFFECTS: Record<FieldRule['effect'], string> = { honored: 'Honored', checked: 'Checked', ignored: 'Ignored' }

/** `docs/model-configuration.md`. */
export function modelConfigurationPage(): string {
  const sections = Object.entries(CONFIGURATION_FIELDS).map(([file, fields]) => {
    const rows = Object.entries<FieldRule>(fields).map(
      ([name, rule]) => `| \`${name}\` | ${EFFECTS[rule.effect]} | ${rule.text} |`,
    )
    return `## ${file}\n\n| Field | Effect | Details |\n| --- | --- | --- |\n${rows.join('\n')}\n`
  })
  return [HEAD, ...sections].join('\n')
}
