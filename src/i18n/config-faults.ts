import type { ConfigFault, ConfigValueKind } from '../user-error.js'

/** The messages of one language about faults in settings. Those about values become part of `malformed`. */
export type ConfigFaultTranslations = {
  text(minLength: number): string
  number(min: number, max: number): string
  choice(choices: readonly string[]): string
  url(schemes: readonly string[]): string
  readonly devices: string
  readonly ascii: string
  readonly shards: string
  /** @param value undefined where it may be secret */
  malformed(name: string, value: string | undefined, expected: string): string
  /** @param name undefined where it may be a pasted secret. @param line of `.env`; undefined in the environment */
  unknown(name: string | undefined, line: number | undefined, closest: string | undefined): string
  duplicate(name: string, lines: readonly number[]): string
  unreadable(line: number): string
  /** @param mark the quotation mark */
  quotes(name: string, mark: string): string
  /** Of the file `.env`. */
  encoding(encoding: string): string
}

export function configFaultMessage(fault: ConfigFault, translations: ConfigFaultTranslations): string {
  switch (fault.kind) {
    case 'malformed':
      return translations.malformed(fault.name, fault.value, valueKindText(fault.expected, translations))
    case 'unknown':
      return translations.unknown(fault.name, fault.line, fault.closest)
    case 'duplicate':
      return translations.duplicate(fault.name, fault.lines)
    case 'unreadable':
      return translations.unreadable(fault.line)
    case 'quotes':
      return translations.quotes(fault.name, fault.mark)
    case 'encoding':
      return translations.encoding(fault.encoding)
  }
}

/** The accepted values, as part of a sentence. */
export function valueKindText(values: ConfigValueKind, translations: ConfigFaultTranslations): string {
  switch (values.kind) {
    case 'text':
      return translations.text(values.minLength)
    case 'number':
      return translations.number(values.min, values.max)
    case 'choice':
      return translations.choice(values.choices)
    case 'url':
      return translations.url(values.schemes.map(scheme => `${scheme}://`))
    case 'devices':
      return translations.devices
    case 'ascii':
      return translations.ascii
    case 'shards':
      return translations.shards
  }
}

/** One line for each fault. */
export function configFaultLines(faults: readonly ConfigFault[], translations: ConfigFaultTranslations): string {
  return faults.map(fault => configFaultMessage(fault, translations)).join('\n')
}
