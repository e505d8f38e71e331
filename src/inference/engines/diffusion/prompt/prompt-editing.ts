/** A prompt of several that are guided to together, and how much it counts. */
export type Subprompt = { readonly text: string; readonly weight: number }

/** `a AND b:0.8` is two prompts; without `AND` it is one (composable diffusion: Liu et al. 2022). */
export function splitSubprompts(prompt: string): Subprompt[] {
  return prompt.split(/\bAND\b/).map(part => {
    const [, text = part, weight = '1'] = /^([\s\S]*?)(?:\s*:\s*([-+]?(?:\d+\.?\d*|\.\d+)))?\s*$/.exec(part) ?? []
    // A number at the end of a single prompt is part of what it says.
    return prompt.includes('AND') ? { text: text.trim(), weight: Number(weight) } : { text: part, weight: 1 }
  })
}

/**
 * The prompt for one step, in the grammar of A1111's web UI: `[from:to:when]` changes after step `when`, or after that share
 * of all steps if it is below 1 or has a point; `[to:when]` begins then, `[from::when]` ends then; `[a|b|c]` takes turns.
 * What is nested is worked out first; any other brackets stay.
 *
 * @param step from 1
 */
export function promptAtStep(prompt: string, step: number, steps: number): string {
  return new ScheduleParser(prompt, step, steps).rest('')
}

/** Reads from left to right; recursion follows the brackets. */
class ScheduleParser {
  private at = 0

  constructor(
    private readonly prompt: string,
    private readonly step: number,
    private readonly steps: number,
  ) {}

  /** All up to one of these characters, which is not taken, or to the end. */
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

  /** After an opening square bracket. */
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
