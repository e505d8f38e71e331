import { UserError } from '../user-error.js'

/** Buttons under a picture, and the modals that some of them open. */
const PICTURE_ACTIONS = [
  'take',
  'vary',
  'redo',
  'upscale-subtle',
  'upscale-creative',
  'upscale-history',
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
export type PictureAction = (typeof PICTURE_ACTIONS)[number]

/** Buttons and menus under the confirmation of a mask. */
const CONFIRMATION_ACTIONS = [
  'paint',
  'flip',
  'grow',
  'shrink',
  'reread',
  'discard',
  'pick-1',
  'pick-2',
  'pick-3',
  'pick-4',
  'objects',
] as const
export type ConfirmationAction = (typeof CONFIRMATION_ACTIONS)[number]

/** Modals about a message, which may be another person's; and buttons that open one, or the message's numbered objects. */
const MESSAGE_ACTIONS = [
  'zoom',
  'square',
  'upscale',
  'fit',
  'extend',
  'region',
  'remove',
  'objects',
  'remove-objects',
] as const
export type MessageAction = (typeof MESSAGE_ACTIONS)[number]

/** What a button or a modal asks for. The owner is the person who asked for the picture, the confirmation or the job. */
export type ComponentAction = { readonly owner: string } & (
  | {
      readonly on: 'picture'
      readonly kind: PictureAction
      /** Index of the picture in the message, from 0. */
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
 * Parses a `custom_id`. Anybody can forge one, so only what {@link formatCustomId} writes is accepted.
 *
 * @throws UserError `button-unknown`
 */
export function parseCustomId(text: string): ComponentAction {
  const [, on, kind, argument = '', owner = ''] =
    /^v1:([a-z]+):([a-z0-9.-]+):([0-9.]{0,41}):([0-9]{1,20})$/.exec(text) ?? []
  if (on === 'picture' && isOneOf(PICTURE_ACTIONS, kind) && /^[0-3]$/.test(argument)) {
    return { on, kind, index: Number(argument), owner }
  }
  if (on === 'card' && isOneOf(CONFIRMATION_ACTIONS, kind) && argument === '') return { on, kind, owner }
  const [, channel, message] = /^([0-9]{1,20})\.([0-9]{1,20})$/.exec(argument) ?? []
  if (on === 'message' && isOneOf(MESSAGE_ACTIONS, kind) && channel && message)
    return { on, kind, channel, message, owner }
  if (on === 'job' && kind === 'cancel' && /^[0-9]{1,20}$/.test(argument)) return { on, kind, job: argument, owner }
  throw new UserError({ code: 'button-unknown' })
}

function isOneOf<T extends string>(known: readonly T[], text: string | undefined): text is T {
  return (known as readonly (string | undefined)[]).includes(text)
}
