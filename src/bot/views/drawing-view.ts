import { ButtonBuilder, ButtonStyle } from 'discord.js'
import type { Translations } from '../../i18n/i18n.js'
import type { ComponentAction } from '../custom-id.js'
import { blockQuote } from './block-quote.js'
import { button, buttonRow, type MessageView, messageView, textDisplay } from './message-view.js'

/** Discord's limit. */
const BUTTONS_PER_ROW = 5

export type EditorOffer = {
  readonly kind: 'region' | 'remove' | 'extend'
  /** URLs of the editor, one for each picture. */
  readonly links: readonly string[]
  /** Of the picture; the mask modal reads it from here. */
  readonly prompt: string
  /** Opens the modal that asks for the same without the editor. */
  readonly modal: Extract<ComponentAction, { on: 'message' }>
  /** Shows the numbered objects of the picture, where a model can find them. */
  readonly objects?: Extract<ComponentAction, { on: 'message' }>
  /** Whether the page is open already, as an Activity. */
  readonly isOpened: boolean
}

/** Offers the editor, and the ways to do without it. */
export function editorOfferView(
  { kind, links, prompt, modal, objects, isOpened }: EditorOffer,
  t: Translations,
): MessageView {
  const { drawingPage, buttons, modals } = t
  const title = { region: buttons.varyRegion, remove: modals.remove, extend: modals.extend }[kind]
  const extending = isOpened ? drawingPage.extendOpened : drawingPage.extend
  const marking = isOpened ? drawingPage.openedInDiscord : drawingPage.title
  const quoted = prompt && `\n${blockQuote(prompt)}`
  const open = links.map((link, index) => {
    return editorButton(link, t, links.length > 1 ? ` · ${modals.picture(index + 1)}` : '')
  })
  const all = [
    ...open,
    button(modal, kind === 'extend' ? drawingPage.sendLengths : drawingPage.sendMask),
    ...(objects ? [button(objects, drawingPage.chooseObjects)] : []),
  ]
  const rows = Array.from({ length: Math.ceil(all.length / BUTTONS_PER_ROW) }, (_, row) =>
    buttonRow(...all.slice(row * BUTTONS_PER_ROW, (row + 1) * BUTTONS_PER_ROW)),
  )
  return messageView([textDisplay(`**${title}**${quoted}\n${kind === 'extend' ? extending : marking}`), ...rows])
}

/** A link to the editor. @param which follows its label */
export function editorButton(link: string, { drawingPage }: Translations, which = ''): ButtonBuilder {
  return new ButtonBuilder().setStyle(ButtonStyle.Link).setURL(link).setLabel(`${drawingPage.openEditor}${which}`)
}
