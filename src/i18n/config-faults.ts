import type { ConfigFault, ConfigValueKind } from '../user-error.js'

/** How a language tells what is wrong with settings: what values can be goes into the sentence on one that can't be read. */
export type ConfigFaultTranslations = {
  text(least: number): string
  number(min: number, max: number): string
  choice(of: readonly string[]): string
  address(schemes: readonly string[]): string
  readonly devices: string
  /** @param found undefined where it is nobody's business */
  malformed(name: string, found: string | undefined, values: string): string
  /** @param name undefined where it may be a secret that was pasted. @param line of `.env`; undefined in the environment */
  unknown(name: string | undefined, line: number | undefined, meant: string | undefined): string
  twice(name: string, lines: readonly number[]): string
  unreadable(line: number): string
}

/** A sentence or two for one thing that is wrong. */
export function configFaultMessage(fault: ConfigFault, words: ConfigFaultTranslations): string {
  switch (fault.what) {
    case 'malformed':
      return words.malformed(fault.name, fault.found, valueKindText(fault.values, words))
    case 'unknown':
      return words.unknown(fault.name, fault.line, fault.meant)
    case 'twice':
      return words.twice(fault.name, fault.lines)
    case 'unreadable':
      return words.unreadable(fault.line)
  }
}

/** What a setting can be, as part of a sentence. */
export function valueKindText(values: ConfigValueKind, words: ConfigFaultTranslations): string {
  switch (values.kind) {
    case 'text':
      return words.text(values.least)
    case 'number':
      return words.number(values.min, values.max)
    case 'choice':
      return words.choice(values.of)
    case 'address':
      return words.address(values.schemes.map(scheme => `${scheme}://`))
    case 'devices':
      return words.devices
  }
}

/** A line for each. */
export function configFaultLines(faults: readonly ConfigFault[], words: ConfigFaultTranslations): string {
  return faults.map(fault => configFaultMessage(fault, words)).join('\n')
}
