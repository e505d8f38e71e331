/** One of several prompts that are combined by `AND`, and its weight. */
export type Subprompt = { readonly text: string; readonly weight: number }

/** Split `a AND b:0.8` into its subprompts (composable diffusion: Liu et al. 2022). */
export function splitSubprompts(prompt: string): Subprompt[] {
  const parts = prompt.split(/\bAND\b/)
  return parts.map(part => {
    const [, text = part, weight = '1'] = /^([\s\S]*?)(?:\s*:\s*([-+]?(?:\d+\.?\d*|\.\d+)))?\s*$/.exec(part) ?? []
    // Without AND a number at the end belongs to the prompt's text.
    return parts.length > 1 ? { text: text.trim(), weight: Number(weight) } : { text: part, weight: 1 }
  })
}

/**
 * The prompt at one step, in A1111's prompt editing syntax: `[from:to:when]` changes after step `when`, or after that
 * share of all steps if it is below 1 or has a decimal point; `[to:when]` starts then, `[from::when]` ends then;
 * `[a|b|c]` alternates. Nested brackets are resolved first; all other brackets stay in the prompt.
 *
 * @param step 1 to `steps`
 */
export function promptAtStep(prompt: string, step: number, steps: number): string {
  return new ScheduleParser(prompt, step, steps).rest('')
}

/** Recursive descent parser: one call for each bracket. */
class ScheduleParser {
  private at = 0

  constructor(
    private readonly prompt: string,
    private readonly step: number,
    private readonly steps: number,
  ) {}

  /** The text up to one of these characters, which is not consumed, or to the end. */
  rest(terminators: string): string {
    let text = ''
    while (this.at < this.prompt.length) {
      const character = this.prompt[this.at]!
      if (terminators.includes(character)) break
      this.at++
      if (character === '\\' && this.at < this.prompt.length) text += character + this.prompt[this.at++]!
      else if (character === '[') text += this.square()
      else if (character === '(') text += this.round()
      else text += character
    }
    return text
  }

  private round(): string {
    const inner = this.rest(')')
    if (this.prompt[this.at] !== ')') return `(${inner}`
    this.at++
    return `(${inner})`
  }

  /** Called after an opening square bracket. */
  private square(): string {
    const parts = [this.rest(':|]')]
    let separators = ''
    while (this.prompt[this.at] === ':' || this.prompt[this.at] === '|') {
      separators += this.prompt[this.at++]
      parts.push(this.rest(':|]'))
    }
    const source = parts.map((part, index) => part + (separators[index] ?? '')).join('')
    if (this.prompt[this.at] !== ']') return `[${source}`
    this.at++
    if (separators !== '' && !separators.includes(':')) return parts[(this.step - 1) % parts.length]!
    const when = parts.at(-1)!.trim()
    const isScheduled = (separators === ':' || separators === '::') && /^(\d+\.?\d*|\.\d+)$/.test(when)
    if (!isScheduled) return `[${source}]`
    const [before, after] = separators === '::' ? [parts[0]!, parts[1]!] : ['', parts[0]!]
    const number = Number(when)
    const lastStep = number < 1 || when.includes('.') ? Math.floor(number * this.steps) : number
    return this.step <= lastStep ? before : after
  }
}
