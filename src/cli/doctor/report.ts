import type { CheckResult, CheckState, Finding } from './check.js'

/** How lines begin: as a terminal shows them, and where only plain characters are sure to arrive. */
const MARKS = {
  fine: { right: '✓', warning: '!', wrong: '✗', skipped: '·' },
  plain: { right: '+', warning: '!', wrong: 'x', skipped: '-' },
} as const

export type ReportStyle = keyof typeof MARKS

/** @param environment NO_COLOR asks for plain text anywhere (no-color.org) */
export function reportStyleFor(
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): ReportStyle {
  return isTerminal && !environment.NO_COLOR ? 'fine' : 'plain'
}

/** The lines of a group that was examined. */
export function groupLines(group: readonly CheckResult[], style: ReportStyle): string[] {
  const [first] = group
  const lines = group.flatMap(({ title, findings }) => findings.flatMap(finding => lineOf(title, finding, style)))
  return [first?.group ?? '', ...lines, ''].map(line => (style === 'plain' ? plain(line) : line))
}

function lineOf(title: string, { state, says, todo }: Finding, style: ReportStyle): string[] {
  const line = `  ${MARKS[style][state]} ${title}: ${says}`
  return todo === undefined ? [line] : [line, `      → ${todo}`]
}

/** What it comes to. */
export function reportSummary(
  examined: readonly CheckResult[],
  starts: 'bot' | 'playground',
  style: ReportStyle,
): string {
  const count = (state: CheckState) => statesOf(examined).filter(one => one === state).length
  const [wrong, warnings] = [count('wrong'), count('warning')]
  const found = [`${count('right')} right`, `${warnings} to look at`, `${wrong} wrong`].join(', ')
  const can = starts === 'bot' ? 'The bot can start: npm start.' : 'The playground can start: npm start.'
  const text = `${found}. ${canStart(examined) ? can : `The ${starts} can’t start like this.`}`
  return style === 'plain' ? plain(text) : text
}

/** Nothing that was found keeps it from starting. */
export function canStart(examined: readonly CheckResult[]): boolean {
  return !statesOf(examined).includes('wrong')
}

function statesOf(examined: readonly CheckResult[]): CheckState[] {
  return examined.flatMap(({ findings }) => findings.map(({ state }) => state))
}

const PLAIN: Readonly<Record<string, string>> = {
  '“': '"',
  '”': '"',
  '’': "'",
  '…': '...',
  '→': '->',
  '×': 'x',
  '–': '-',
}

/** Without the characters of ours that are not ASCII; what people called things stays. */
function plain(text: string): string {
  return text.replace(/[“”’…→×–]/g, one => PLAIN[one]!)
}
