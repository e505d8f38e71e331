import { type Component, flattenComponents, mediaUrls } from './components.js'

/**
 * Discord's rules for messages, modals and commands that a schema can't express. Each function returns the errors in
 * words; an empty list means that the value is valid.
 */

export const COMPONENTS_V2 = 1 << 15
const ACTION_ROW = 1
const BUTTON = 2
const TEXT_INPUT = 4
const TEXT_DISPLAY = 10
const GALLERY = 12
const FILE = 13
const LABEL = 18
const FILE_UPLOAD = 19
/** Component types at the top level of a modal; action rows are deprecated there. */
const MODAL_TOP_LEVEL = [ACTION_ROW, TEXT_DISPLAY, LABEL]
/** Component types that only modals may have. */
const MODAL_ONLY = [TEXT_INPUT, LABEL, FILE_UPLOAD, 21, 22, 23]

export type MessageBody = {
  content?: string | null
  embeds?: unknown[] | null
  poll?: unknown
  sticker_ids?: unknown[] | null
  components?: Component[] | null
  attachments?: { id?: string | number; filename?: string; description?: string | null }[] | null
  allowed_mentions?: { parse?: string[]; users?: string[]; replied_user?: boolean } | null
  flags?: number | null
}

/**
 * @param isV2 whether the message has, or had before this edit, the flag for components V2
 * @param files names of the files that the message will have
 */
export function messageErrors(body: MessageBody, isV2: boolean, files: readonly string[]): string[] {
  const errors: string[] = []
  const top = body.components ?? []
  const all = flattenComponents(top)
  const check = (isWrong: boolean, message: string) => {
    if (isWrong) errors.push(message)
  }
  check((body.content?.length ?? 0) > 2000, 'content: Must be 2000 or fewer in length.')
  check((body.embeds?.length ?? 0) > 10, 'embeds: Must be 10 or fewer in length.')
  check(files.length > 10, 'attachments: Must be 10 or fewer in length.')
  if (isV2) {
    for (const key of ['content', 'embeds', 'poll', 'sticker_ids'] as const) {
      const value = body[key]
      const isUsed = Array.isArray(value) ? value.length > 0 : Boolean(value)
      check(isUsed, `${key}: The field cannot be used when using MessageFlags.IS_COMPONENTS_V2.`)
    }
    check(all.length > 40, 'components: The total number of components must be 40 or fewer.')
  } else {
    check(top.length > 5, 'components: Must be 5 or fewer in length.')
    const hasOthers = top.some(one => one.type !== ACTION_ROW)
    check(hasOthers, 'components: Only action rows, without MessageFlags.IS_COMPONENTS_V2.')
  }
  check(textDisplayLength(all) > 4000, 'components: The total length of all text must be 4000 or fewer.')
  check(
    all.some(one => MODAL_ONLY.includes(one.type!)),
    'components: Some of these belong in a modal only.',
  )
  errors.push(...all.flatMap(componentErrors), ...idErrors(all))
  for (const one of all) {
    for (const url of mediaUrls(one)) {
      const name = /^attachment:\/\/(.+)$/.exec(url)?.[1]
      if (name === undefined)
        check(one.type === FILE || !/^https?:/.test(url), `components: ${url} is not a link to use here.`)
      else check(!files.includes(name), `components: The referenced attachment ${name} was not found.`)
    }
  }
  return errors
}

function textDisplayLength(components: readonly Component[]): number {
  return components.reduce((sum, one) => sum + (one.type === TEXT_DISPLAY ? (one.content?.length ?? 0) : 0), 0)
}

export type ModalBody = { title?: string; custom_id?: string; components?: Component[] }

/** The rules for modals. */
export function modalErrors({ title, custom_id, components = [] }: ModalBody): string[] {
  const errors: string[] = []
  const all = flattenComponents(components)
  const check = (isWrong: boolean, message: string) => {
    if (isWrong) errors.push(message)
  }
  check(components.length < 1 || components.length > 5, 'components: Must be between 1 and 5 in length.')
  check(!title || title.length > 45, 'title: Must be between 1 and 45 in length.')
  check(!custom_id || custom_id.length > 100, 'custom_id: Must be between 1 and 100 in length.')
  check(
    components.some(one => !MODAL_TOP_LEVEL.includes(one.type!)),
    'components: A modal holds labels and text displays.',
  )
  check(
    all.some(one => one.type === LABEL && !one.component),
    'components: A label needs a component.',
  )
  check(
    all.some(one => one.type === LABEL && !(one.label && one.label.length <= 45)),
    'components: label must be between 1 and 45 in length.',
  )
  check(
    all.some(one => one.disabled),
    'components: disabled cannot be used in a modal.',
  )
  check(
    all.some(one => one.type === BUTTON),
    'components: A modal holds no buttons.',
  )
  return [...errors, ...idErrors(all)]
}

/** The rules for the choices of an autocomplete result. */
export function choiceErrors(choices: unknown): string[] {
  if (!Array.isArray(choices)) return ['choices: This field is required']
  if (choices.length > 25) return ['choices: Must be 25 or fewer in length.']
  const hasInvalid = choices.some(({ name }) => typeof name !== 'string' || name.length < 1 || name.length > 100)
  return hasInvalid ? ['choices: name must be between 1 and 100 in length.'] : []
}

type Option = {
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly required?: boolean | undefined
  readonly options?: readonly Option[] | undefined
  readonly choices?: readonly unknown[] | undefined
}

/** The rules for application commands. */
export function commandErrors(command: Option & { readonly type?: number | undefined }): string[] {
  const errors: string[] = []
  const visit = (option: Option) => {
    const { name = '', description = '', options = [], choices = [] } = option
    const isValid = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u.test(name) && name === name.toLowerCase()
    if (!isValid) errors.push(`name: “${name}” is not a name for a command or an option.`)
    if (description.length < 1 || description.length > 100) {
      errors.push('description: Must be between 1 and 100 in length.')
    }
    const required = options.map(one => one.required === true)
    if (required.some((one, index) => one && required[index - 1] === false)) {
      errors.push('options: Required options must be placed before non-required options.')
    }
    if (options.length > 25) errors.push('options: Must be 25 or fewer in length.')
    if (choices.length > 25) errors.push('choices: Must be 25 or fewer in length.')
    const names = options.map(one => one.name)
    if (new Set(names).size < names.length) errors.push('options: Option names must be unique.')
    for (const one of options) visit(one)
  }
  if ((command.type ?? 1) === 1) visit(command)
  else if (!command.name || command.name.length > 32) errors.push('name: Must be between 1 and 32 in length.')
  if (textLength(command) > 8000) errors.push('options: Command exceeds maximum size (8000)')
  return errors
}

/** Discord counts the characters of names, descriptions and values. */
function textLength(node: unknown): number {
  if (Array.isArray(node)) return node.reduce((sum, one) => sum + textLength(one), 0)
  if (!node || typeof node !== 'object') return 0
  return Object.entries(node).reduce((sum, [key, value]) => {
    const counts = (key === 'name' || key === 'description' || key === 'value') && typeof value === 'string'
    return sum + (counts ? value.length : typeof value === 'object' ? textLength(value) : 0)
  }, 0)
}

function idErrors(all: readonly Component[]): string[] {
  const ids = all.flatMap(one => one.custom_id ?? [])
  const errors: string[] = []
  if (new Set(ids).size < ids.length) errors.push('components: Component custom id cannot be duplicated.')
  if (ids.some(id => id.length < 1 || id.length > 100)) {
    errors.push('components: custom_id must be between 1 and 100 in length.')
  }
  return errors
}

function componentErrors(one: Component): string[] {
  const errors: string[] = []
  if (one.type === ACTION_ROW) {
    const children = one.components ?? []
    const buttons = children.filter(child => child.type === BUTTON).length
    const isValid = buttons === children.length ? buttons >= 1 && buttons <= 5 : buttons === 0 && children.length === 1
    if (!isValid) errors.push('components: An action row holds 1 to 5 buttons, or one select menu.')
  }
  if (one.type === GALLERY && !(one.items && one.items.length >= 1 && one.items.length <= 10)) {
    errors.push('components: items must be between 1 and 10 in length.')
  }
  if (one.type === BUTTON) {
    const expectedKey = one.style === 5 ? 'url' : one.style === 6 ? 'sku_id' : 'custom_id'
    for (const key of ['custom_id', 'url', 'sku_id'] as const) {
      if ((one[key] !== undefined) !== (key === expectedKey)) {
        errors.push(`components: ${key} does not go with a button of style ${one.style}.`)
      }
    }
    if (one.style !== 6 && !one.label && !one.emoji) errors.push('components: A button needs a label or an emoji.')
    if ((one.label?.length ?? 0) > 80) errors.push('components: label must be 80 or fewer in length.')
  }
  return errors
}
