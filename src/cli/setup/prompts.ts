import { confirm, isCancel, password, select, text } from '@clack/prompts'
import { UserError } from '../../user-error.js'

export type PromptChoice<T extends string> = {
  readonly value: T
  readonly label: string
  readonly hint?: string
  /** It is shown, but can't be taken. */
  readonly disabled?: boolean
}

/** Somebody at a terminal. Ctrl+C in any question is ProblemError `cancelled`. */
export interface Prompts {
  /** What is typed is not shown. */
  password(question: string): Promise<string>
  /** @param wrong tells what is wrong with an answer, if anything is */
  text(question: string, initial: string, wrong: (answer: string) => string | undefined): Promise<string>
  select<T extends string>(question: string, choices: readonly PromptChoice<T>[], initial: T): Promise<T>
  confirm(question: string): Promise<boolean>
}

/** @returns undefined where nobody is to be asked: there is no terminal, or it was said so */
export function terminalPrompts(isUnattended: boolean): Prompts | undefined {
  if (isUnattended || !process.stdin.isTTY || !process.stdout.isTTY) return undefined
  return {
    password: async message =>
      given(await password({ message, validate: answer => (answer ? undefined : 'Nothing came.') })),
    async text(message, initial, wrong) {
      const validate = (answer = '') => wrong(answer.trim())
      return given(await text({ message, initialValue: initial, validate })).trim()
    },
    async select(message, choices, initial) {
      type Options = Parameters<typeof select<string>>[0]['options']
      const options = choices.map(choice => ({ ...choice })) as Options
      return given(await select<string>({ message, options, initialValue: initial })) as typeof initial
    },
    confirm: async message => given(await confirm({ message })),
  }
}

function given<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new UserError({ code: 'cancelled' })
  return answer as Exclude<T, symbol>
}
