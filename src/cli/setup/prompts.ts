import { confirm, isCancel, password, select, text } from '@clack/prompts'
import { UserError } from '../../user-error.js'

export type PromptChoice<T extends string> = {
  readonly value: T
  readonly label: string
  readonly hint?: string
  /** Shown, but can't be selected. */
  readonly disabled?: boolean
}

/** Questions at a terminal. Ctrl+C throws UserError `cancelled`. */
export interface Prompts {
  /** The input is hidden. */
  password(question: string): Promise<string>
  /** @param validate returns an error message, or undefined for a valid answer */
  text(question: string, initial: string, validate: (answer: string) => string | undefined): Promise<string>
  select<T extends string>(question: string, choices: readonly PromptChoice<T>[], initial: T): Promise<T>
  confirm(question: string): Promise<boolean>
}

/** @returns undefined if there is no terminal, or `--yes` was given */
export function terminalPrompts(isUnattended: boolean): Prompts | undefined {
  if (isUnattended || !process.stdin.isTTY || !process.stdout.isTTY) return undefined
  return {
    password: async message =>
      unlessCancelled(await password({ message, validate: answer => (answer ? undefined : 'Enter a value.') })),
    async text(message, initial, validate) {
      const answer = await text({ message, initialValue: initial, validate: (typed = '') => validate(typed.trim()) })
      return unlessCancelled(answer).trim()
    },
    async select(message, choices, initial) {
      type Options = Parameters<typeof select<string>>[0]['options']
      const options = choices.map(choice => ({ ...choice })) as Options
      return unlessCancelled(await select<string>({ message, options, initialValue: initial })) as typeof initial
    },
    confirm: async message => unlessCancelled(await confirm({ message })),
  }
}

function unlessCancelled<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new UserError({ code: 'cancelled' })
  return answer as Exclude<T, symbol>
}
