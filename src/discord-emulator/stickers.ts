import type { APIStickerItem } from 'discord.js'
import type { EmulatorState } from './state.js'

const FORMATS = {
  png: { type: 1, extension: 'png' },
  apng: { type: 2, extension: 'png' },
  lottie: { type: 3, extension: 'json' },
  gif: { type: 4, extension: 'gif' },
} as const

/** A sticker that a person sends with a message. */
export type StickerOption = {
  readonly name: string
  readonly format: keyof typeof FORMATS
  readonly data: Uint8Array
}

/** Store a sticker's file. @returns the item of `sticker_items` */
export function storeSticker(state: EmulatorState, { name, format, data }: StickerOption): APIStickerItem {
  const id = state.nextId()
  const { type, extension } = FORMATS[format]
  state.stickers.set(id, { extension, data })
  return { id, name, format_type: type as APIStickerItem['format_type'] }
}
