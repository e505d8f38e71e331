import { UserError } from '../user-error.js'

/** Buttons under pictures, and the dialogs that some of them open. */
const ON_PICTURE = [
  'take',
  'vary',
  'redo',
  'vary-subtle',
  'vary-strong',
  'region',
  'zoom-2',
  'zoom-1.5',
  'custom-zoom',
  'square',
  'left',
  'right',
  'up',
  'down',
  'remix',
  'direct',
  'delete',
  'recipe',
  'original',
  'journey',
] as const
export type PictureAction = (typeof ON_PICTURE)[number]

/** Buttons under the card that asks about a mask. */
const ON_CARD = ['paint', 'flip', 'grow', 'shrink', 'discard', 'pick-1', 'pick-2', 'pick-3', 'pick-4'] as const
export type ConfirmationAction = (typeof ON_CARD)[number]

/** Dialogs about a message that somebody else may have written. */
const ON_MESSAGE = ['zoom', 'extend', 'region', 'remove'] as const
export type MessageAction = (typeof ON_MESSAGE)[number]

/** What a button or a dialog asks for, and whose it is: of the person who asked for the picture, the card, the job. */
export type ComponentAction = { readonly owner: string } & (
  | {
      readonly on: 'picture'
      readonly kind: PictureAction /** Its place in the message, from 0. */
      readonly index: number
    }
  | { readonly on: 'card'; readonly kind: ConfirmationAction }
  | { readonly on: 'message'; readonly kind: MessageAction; readonly channel: string; readonly message: string }
  | { readonly on: 'job'; readonly kind: 'cancel'; readonly job: string }
)

/**
 * An action as a `custom_id`, at most 100 characters: `v1:picture:zoom-2:0:<owner>`, `v1:card:paint::<owner>`,
 * `v1:message:extend:<channel>.<message>:<owner>`, `v1:job:cancel:<job>:<owner>`.
 */
export function formatCustomId(action: ComponentAction): string {
  return `v1:${action.on}:${action.kind}:${argumentOf(action)}:${action.owner}`
}

function argumentOf(action: ComponentAction): string {
  switch (action.on) {
    case 'picture':
      return String(action.index)
    case 'card':
      return ''
    case 'message':
      return `${action.channel}.${action.message}`
    case 'job':
      return action.job
  }
}

/**
 * What is in a `custom_id` comes from outside: anything that {@link formatCustomId} would not write is refused.
 *
 * @throws ProblemError `button-unknown`
 */
export function parseCustomId(text: string): ComponentAction {
  const [, on, kind, argument = '', owner = ''] =
    /^v1:([a-z]+):([a-z0-9.-]+):([0-9.]{0,41}):([0-9]{1,20})$/.exec(text) ?? []
  if (on === 'picture' && among(ON_PICTURE, kind) && /^[0-3]$/.test(argument)) {
    return { on, kind, index: Number(argument), owner }
  }
  if (on === 'card' && among(ON_CARD, kind) && argument === '') return { on, kind, owner }
  const [, channel, message] = /^([0-9]{1,20})\.([0-9]{1,20})$/.exec(argument) ?? []
  if (on === 'message' && among(ON_MESSAGE, kind) && channel && message) return { on, kind, channel, message, owner }
  if (on === 'job' && kind === 'cancel' && /^[0-9]{1,20}$/.test(argument)) return { on, kind, job: argument, owner }
  throw new UserError({ code: 'button-unknown' })
}

function among<T extends string>(known: readonly T[], text: string | undefined): text is T {
  return (known as readonly (string | undefined)[]).includes(text)
}
