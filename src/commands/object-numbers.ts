import type { Translations } from '../i18n/i18n.js'
import { UserError } from '../user-error.js'
import type { AutocompleteChoice, CommandContext, CommandOptions, EditRequest } from './command.js'

/** Discord's limit. */
const MAX_CHOICES = 25

/**
 * "3" or "1, 3" or "1 3" → the numbers of objects, each once.
 *
 * @throws UserError `object-numbers-invalid`
 */
function parseObjectNumbers(text: string): number[] {
  const parts = text.split(/[\s,;+、，]+/).filter(part => part !== '')
  if (parts.length === 0 || !parts.every(part => /^[1-9]\d{0,3}$/.test(part))) {
    throw new UserError({ code: 'object-numbers-invalid', text })
  }
  return [...new Set(parts.map(Number))]
}

/**
 * The area that a command's options mark: a mask file, or numbers of objects.
 *
 * @throws UserError `object-numbers-invalid`, `mask-and-objects`
 */
export function readArea(options: CommandOptions): Pick<EditRequest, 'mask' | 'objects'> {
  const mask = options.getAttachment('mask')
  const text = options.getString('object')
  if (mask && text !== null) throw new UserError({ code: 'mask-and-objects' })
  if (text !== null) return { objects: parseObjectNumbers(text) }
  return mask ? { mask } : {}
}

/** Suggestions for the option with numbers of objects. */
export async function suggestRecentObjects(
  _option: string,
  typed: string,
  { recentObjects, t }: CommandContext,
): Promise<AutocompleteChoice[]> {
  return suggestObjects(typed, await recentObjects(), t)
}

/**
 * Offers the objects of the picture whose numbers the person saw last. Discord sends no file with an autocomplete interaction, so it
 * can't be the picture that they are about to send.
 *
 * @param typed the numbers before the last one stay
 * @param shares of the picture, one for each object
 */
function suggestObjects(typed: string, shares: readonly number[], t: Translations): AutocompleteChoice[] {
  const [, before = '', last = ''] = /^(.*[\s,;+、，])?([^\s,;+、，]*)$/.exec(typed.trimStart()) ?? []
  const chosen: readonly string[] = before.match(/\d+/g) ?? []
  const list = (number: number) => [...chosen, number].join(', ')
  return shares
    .map((share, index) => ({ number: index + 1, share }))
    .filter(({ number }) => String(number).startsWith(last) && !chosen.includes(String(number)))
    .map(({ number, share }) => ({ name: `${list(number)} · ${objectLabel(share, t)}`, value: list(number) }))
    .slice(0, MAX_CHOICES)
}

/** How large an object is: "12% of the picture". */
export function objectLabel(share: number, { confirmMask }: Translations): string {
  return confirmMask.areaShare(share < 0.01 ? '<1%' : `${Math.round(share * 100)}%`)
}
