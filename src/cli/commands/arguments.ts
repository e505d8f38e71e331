import { InvalidArgumentError } from 'commander'
import { EXECUTION_PROVIDERS, parseDevice } from '../../inference/onnx/device-names.js'
import { SEED } from '../../inference/pipeline/request.js'
import { LANE_MEGAPIXELS } from '../../queue/lanes.js'
import { UserError } from '../../user-error.js'

// Parsers of arguments and options, as commander takes them.

export function parseNumber(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Use a number, like 1.5.')
  return value
}

/** @throws UserError `seed-out-of-range`, with the number as it was written: doubles round large ones */
export function parseSeed(text: string): number {
  const value = parseNumber(text)
  if (Number.isSafeInteger(value)) return value
  throw new UserError({ code: 'seed-out-of-range', seed: text.trim(), max: SEED.max })
}

/** Like `cuda` or `cuda:1`. */
export function parseDeviceName(text: string): string {
  if (!parseDevice(text))
    throw new InvalidArgumentError(`Use ${EXECUTION_PROVIDERS.join(', ')}, or a numbered device like cuda:1.`)
  return text
}

/** A snowflake, the kind of id that Discord gives to a person. */
export function parsePersonId(text: string): string {
  if (!/^\d{17,20}$/.test(text)) throw new InvalidArgumentError('Use a Discord user ID: 17 to 20 digits.')
  return text
}

export function parseLaneMegapixels(text: string): number {
  const value = parseNumber(text)
  if (!(LANE_MEGAPIXELS as readonly number[]).includes(value))
    throw new InvalidArgumentError(`Use one of these sizes: ${LANE_MEGAPIXELS.join(', ')}.`)
  return value
}

export function parseList(text: string): string[] {
  return text.split(',').map(name => name.trim())
}
