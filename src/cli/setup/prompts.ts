import { confirm, isCancel, password, select, text } from '@clack/prompts'
import { ProblemError } from '../../user-error.js'

export type Choice<T extends string> = {
  readonly value: T
  readonly label: string
  readonly hint?: string
  /** It is shown, but can't be taken. */
  readonly disabled?: boolean
}

/** Somebody at a terminal. Ctrl+C in any question is ProblemError `cancelled`. */
export interface Asking {
  /** What is typed is not shown. */
  secret(question: string): Promise<string>
  /** @param wrong tells what is wrong with an answer, if anything is */
  line(question: string, initial: string, wrong: (answer: string) => string | undefined): Promise<string>
  one<T extends string>(question: string, choices: readonly Choice<T>[], initial: T): Promise<T>
  sure(question: string): Promise<boolean>
}

/** @returns undefined where nobody is to be asked: there is no terminal, or it was said so */
export function somebody(isUnattended: boolean): Asking | undefined {
  if (isUnattended || !process.stdin.isTTY || !process.stdout.isTTY) return undefined
  return {
    secret: async message =>
      given(await password({ message, validate: answer => (answer ? undefined : 'Nothing came.') })),
    async line(message, initial, wrong) {
      const validate = (answer = '') => wrong(answer.trim())
      return given(await text({ message, initialValue: initial, validate })).trim()
    },
    async one(message, choices, initial) {
      type Options = Parameters<typeof select<string>>[0]['options']
      const options = choices.map(choice => ({ ...choice })) as Options
      return given(await select<string>({ message, options, initialValue: initial })) as typeof initial
    },
    sure: async message => given(await confirm({ message })),
  }
}

function given<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new ProblemError({ code: 'cancelled' })
  return answer as Exclude<T, symbol>
}
