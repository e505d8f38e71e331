import { UserError } from '../../user-error.js'
import { CONFIGURATION_FIELDS, type ConfigurationFile, type FieldRule } from './configuration-fields.js'

/**
 * @param config the content of the file
 * @throws UserError `model-unsupported` with the first value that is not computed; classes are named by themselves
 */
export function checkConfiguration(model: string, file: ConfigurationFile, config: unknown): void {
  if (typeof config !== 'object' || config === null) return
  const rules: Readonly<Record<string, FieldRule>> = CONFIGURATION_FIELDS[file]
  const fields = config as Readonly<Record<string, unknown>>
  for (const [field, { accepts }] of Object.entries(rules)) {
    const value = fields[field]
    if (value === undefined || value === null || !accepts || accepts(value, fields)) continue
    const isClass = field === '_class_name' || field === 'architectures'
    const isNamed = isClass && value !== '' && [value].flat().every(one => typeof one === 'string')
    const feature = isNamed ? [value].flat().join(', ') : `${field} = ${describeValue(value)} (${file})`
    throw new UserError({ code: 'model-unsupported', model, feature: feature.slice(0, MAX_FEATURE_LENGTH) })
  }
}

/** JSON has no words for numbers that are not finite. */
function describeValue(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}

/** Values come from the file and may have any length. */
const MAX_FEATURE_LENGTH = 200
