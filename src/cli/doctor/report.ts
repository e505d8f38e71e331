import type { Examined, Finding, State } from './check.js'

/** How lines begin: as a terminal shows them, and where only plain characters are sure to arrive. */
const MARKS = {
  fine: { right: '✓', warning: '!', wrong: '✗', skipped: '·' },
  plain: { right: '+', warning: '!', wrong: 'x', skipped: '-' },
} as const

export type Style = keyof typeof MARKS

/** @param environment NO_COLOR asks for plain text anywhere (no-color.org) */
export function styleFor(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): Style {
  return isTerminal && !environment.NO_COLOR ? 'fine' : 'plain'
}

/** The lines of a group that was examined. */
export function linesOf(group: readonly Examined[], style: Style): string[] {
  const [first] = group
  const lines = group.flatMap(({ title, findings }) => findings.flatMap(finding => lineOf(title, finding, style)))
  return [first?.group ?? '', ...lines, ''].map(line => (style === 'plain' ? plain(line) : line))
}

function lineOf(title: string, { state, says, todo }: Finding, style: Style): string[] {
  const line = `  ${MARKS[style][state]} ${title}: ${says}`
  return todo === undefined ? [line] : [line, `      → ${todo}`]
}

/** What it comes to. */
export function summaryOf(examined: readonly Examined[], starts: 'bot' | 'playground', style: Style): string {
  const count = (state: State) => statesOf(examined).filter(one => one === state).length
  const [wrong, warnings] = [count('wrong'), count('warning')]
  const found = [`${count('right')} right`, `${warnings} to look at`, `${wrong} wrong`].join(', ')
  const can = starts === 'bot' ? 'The bot can start: npm start.' : 'The playground can start: npm start.'
  const text = `${found}. ${canStart(examined) ? can : `The ${starts} can’t start like this.`}`
  return style === 'plain' ? plain(text) : text
}

/** Nothing that was found keeps it from starting. */
export function canStart(examined: readonly Examined[]): boolean {
  return !statesOf(examined).includes('wrong')
}

function statesOf(examined: readonly Examined[]): State[] {
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
