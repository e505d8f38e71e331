import type { Translations } from '../../i18n/i18n.js'
import type { ConfirmationAction } from '../custom-id.js'
import {
  button,
  buttonRow,
  gallery,
  type MessageFile,
  type MessageView,
  messageView,
  textDisplay,
} from './message-view.js'
import { type ObjectMenu, objectMenu } from './objects-view.js'

export type MaskConfirmation = {
  readonly action: keyof Translations['confirmMask']['title']
  readonly kind: keyof Translations['confirmMask']['kinds']
  /** The share of the picture that the mask covers, from 0 to 1. */
  readonly coverage: number
  readonly certain: boolean
  /** Another way to understand the mask, to choose instead. */
  readonly second?: keyof Translations['confirmMask']['readAs'] | undefined
  readonly scaled: boolean
  /** The objects of the picture, if the mask is some of them. */
  readonly objects?: ObjectMenu | undefined
  /** The picture with the mask drawn over it, WebP. */
  readonly overlay: Uint8Array
  /** How many pictures the mask may belong to. */
  readonly pictureCount: number
  /** The picture that is selected, from 0. */
  readonly index: number
  readonly spoiler: boolean
}

/** Asks whether a mask was interpreted as it was meant. @param maskFiles the mask with the plan, and the second one, for the buttons */
export function confirmationView(
  confirmation: MaskConfirmation,
  maskFiles: readonly MessageFile[],
  owner: string,
  translations: Translations,
): MessageView {
  const { confirmMask: t, buttons } = translations
  const {
    action,
    kind,
    second,
    coverage,
    certain,
    scaled,
    objects,
    overlay,
    pictureCount,
    index: selected,
    spoiler,
  } = confirmation
  const percent = coverage < 0.01 ? '<1%' : `${Math.round(coverage * 100)}%`
  const facts = [t.areaShare(percent), t.kinds[kind], ...(scaled ? [t.scaledToPicture] : [])].join(' · ')
  const title = `**${t.title[action]}**\n${facts}${certain ? '' : `\n${t.lowConfidence}`}`
  const press = (kind: ConfirmationAction, label: string) => button({ on: 'card', kind, owner }, label)
  const picks = Array.from({ length: pictureCount > 1 ? pictureCount : 0 }, (_, index) =>
    press(`pick-${index + 1}` as ConfirmationAction, String(index + 1)).setDisabled(index === selected),
  )
  return messageView(
    [
      textDisplay(title),
      gallery([{ name: 'overlay.webp', alt: t.overlay, spoiler }]),
      ...(objects ? [objectMenu(objects, owner, translations)] : []),
      ...(second ? [buttonRow(press('reread', t.readAs[second]))] : []),
      ...(picks.length > 0 ? [buttonRow(...picks)] : []),
      buttonRow(
        press('paint', buttons.paint),
        press('flip', buttons.flip),
        press('grow', buttons.grow),
        press('shrink', buttons.shrink),
        press('discard', buttons.cancel),
      ),
    ],
    [{ attachment: Buffer.from(overlay), name: 'overlay.webp' }, ...maskFiles],
  )
}
