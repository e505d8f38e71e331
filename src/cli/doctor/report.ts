import type { Environment } from '../../config.js'
import type { CheckResult, CheckState, Finding } from './check.js'

/** The marks of findings: symbols, or words that can be searched for. */
const SYMBOLS = {
  unicode: { ok: '✓', warning: '!', error: '✗', skipped: '·' },
  ascii: { ok: '[OK]', warning: '[Warning]', error: '[Error]', skipped: '[Skipped]' },
} as const

export type ReportStyle = keyof typeof SYMBOLS

/** ASCII where there is no terminal, or NO_COLOR is set (no-color.org). */
export function reportStyleFor(isTerminal: boolean, environment: Environment): ReportStyle {
  return isTerminal && !environment.NO_COLOR ? 'unicode' : 'ascii'
}

/** A heading, and the lines of each finding. @param results of one group */
export function groupLines(results: readonly CheckResult[], style: ReportStyle): string[] {
  const [first] = results
  const lines = results.flatMap(({ title, findings }) =>
    findings.flatMap(finding => findingLines(title, finding, style)),
  )
  return [first?.group ?? '', ...lines, ''].map(line => (style === 'ascii' ? toAscii(line) : line))
}

function findingLines(title: string, { state, says, todo }: Finding, style: ReportStyle): string[] {
  const line = `  ${SYMBOLS[style][state]} ${title}: ${says}`
  return todo === undefined ? [line] : [line, `      → ${todo}`]
}

/** The last line: counts, and whether it can start. */
export function reportSummary(
  results: readonly CheckResult[],
  starts: 'bot' | 'playground',
  style: ReportStyle,
): string {
  const count = (state: CheckState) => statesOf(results).filter(one => one === state).length
  const plural = (state: 'warning' | 'error') => `${count(state)} ${state}${count(state) === 1 ? '' : 's'}`
  const found = [`${count('ok')} OK`, plural('warning'), plural('error')].join(', ')
  const can = starts === 'bot' ? 'The bot can start: npm start.' : 'The playground can start: npm start.'
  const text = `${found}. ${canStart(results) ? can : `The ${starts} can’t start. Fix the errors first.`}`
  return style === 'ascii' ? toAscii(text) : text
}

/** Whether no finding is an `error`. */
export function canStart(results: readonly CheckResult[]): boolean {
  return !statesOf(results).includes('error')
}

function statesOf(results: readonly CheckResult[]): CheckState[] {
  return results.flatMap(({ findings }) => findings.map(({ state }) => state))
}

const ASCII: Readonly<Record<string, string>> = {
  '“': '"',
  '”': '"',
  '’': "'",
  '…': '...',
  '→': '->',
  '×': 'x',
  '–': '-',
}

/** Replaces only characters that Overscan itself writes. Names of servers and files stay as they are. */
function toAscii(text: string): string {
  return text.replace(/[“”’…→×–]/g, one => ASCII[one]!)
}
