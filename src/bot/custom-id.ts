import { ProblemError } from '../problem.js'

/** What a button asks for. `index` is the picture's place in its message, from 0. */
export type Action =
  | { readonly kind: 'take'; readonly index: number }
  | { readonly kind: 'zoom'; readonly factor: 1.5 | 2; readonly index: number }
  | { readonly kind: 'redo'; readonly index: number }
  | { readonly kind: 'cancel'; readonly job: string }

/** An action as the `custom_id` of a button, at most 100 characters: `v1:take:0`, `v1:zoom-1.5:0`, `v1:cancel:<job>`. */
export function customId(action: Action): string {
  switch (action.kind) {
    case 'take':
    case 'redo':
      return `v1:${action.kind}:${action.index}`
    case 'zoom':
      return `v1:zoom-${action.factor}:${action.index}`
    case 'cancel':
      return `v1:cancel:${action.job}`
  }
}

/**
 * What is in a `custom_id` comes from outside: anything that {@link customId} would not write is refused.
 *
 * @throws ProblemError `button-unknown`
 */
export function parseCustomId(text: string): Action {
  const [, name, argument = ''] = /^v1:([a-z0-9.-]+):([a-zA-Z0-9-]{1,64})$/.exec(text) ?? []
  if (name === 'cancel') return { kind: 'cancel', job: argument }
  if (/^[0-9]$/.test(argument)) {
    const index = Number(argument)
    if (name === 'take' || name === 'redo') return { kind: name, index }
    if (name === 'zoom-1.5') return { kind: 'zoom', factor: 1.5, index }
    if (name === 'zoom-2') return { kind: 'zoom', factor: 2, index }
  }
  throw new ProblemError({ code: 'button-unknown' })
}
