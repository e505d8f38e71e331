/**
 * What Discord demands of messages and commands beyond what a schema can say. Every function returns what is wrong, in
 * words; an empty list is good.
 */

export const COMPONENTS_V2 = 1 << 15
const ACTION_ROW = 1
const BUTTON = 2
const TEXT_DISPLAY = 10
const GALLERY = 12

type Component = {
  type?: number
  components?: Component[]
  component?: Component
  accessory?: Component
  items?: { media?: { url?: string } }[]
  media?: { url?: string }
  file?: { url?: string }
  content?: string
  custom_id?: string
  label?: string
  style?: number
  url?: string
  sku_id?: string
  emoji?: unknown
}

export type MessageBody = {
  content?: string | null
  embeds?: unknown[] | null
  poll?: unknown
  sticker_ids?: unknown[] | null
  components?: Component[] | null
  attachments?: { id?: string | number; filename?: string; description?: string }[] | null
  flags?: number | null
}

/**
 * @param isV2 whether the message has, or had before this edit, the flag for components V2
 * @param files names of the files that the message will have
 */
export function messageErrors(body: MessageBody, isV2: boolean, files: readonly string[]): string[] {
  const errors: string[] = []
  const all = flat(body.components ?? [])
  const say = (broken: boolean, words: string) => {
    if (broken) errors.push(words)
  }
  say((body.content?.length ?? 0) > 2000, 'content: Must be 2000 or fewer in length.')
  say(files.length > 10, 'attachments: Must be 10 or fewer in length.')
  if (isV2) {
    say(Boolean(body.content), 'content: The content field cannot be used with the IS_COMPONENTS_V2 flag.')
    say(Boolean(body.embeds?.length), 'embeds: Cannot be used with the IS_COMPONENTS_V2 flag.')
    say(Boolean(body.poll), 'poll: Cannot be used with the IS_COMPONENTS_V2 flag.')
    say(Boolean(body.sticker_ids?.length), 'sticker_ids: Cannot be used with the IS_COMPONENTS_V2 flag.')
    say(all.length > 40, 'components: A message has at most 40 components.')
  } else {
    say((body.components?.length ?? 0) > 5, 'components: Must be 5 or fewer in length.')
    say(
      (body.components ?? []).some(one => one.type !== ACTION_ROW),
      'components: Needs the IS_COMPONENTS_V2 flag.',
    )
  }
  const words = all.reduce((sum, one) => sum + (one.type === TEXT_DISPLAY ? (one.content?.length ?? 0) : 0), 0)
  say(words > 4000, 'components: The text of all components is at most 4000 characters.')
  const ids = all.flatMap(one => one.custom_id ?? [])
  say(new Set(ids).size < ids.length, 'components: Component custom id cannot be duplicated.')
  for (const one of all) errors.push(...componentErrors(one))
  for (const url of all.flatMap(mediaOf)) {
    const name = /^attachment:\/\/(.+)$/.exec(url)?.[1]
    say(name !== undefined && !files.includes(name), `components: The referenced attachment ${name} was not found.`)
  }
  return errors
}

/** What a modal demands. */
export function modalErrors(body: { title?: string; custom_id?: string; components?: Component[] }): string[] {
  const count = body.components?.length ?? 0
  const errors: string[] = []
  if (count < 1 || count > 5) errors.push('components: Must be between 1 and 5 in length.')
  if ((body.title?.length ?? 0) > 45) errors.push('title: Must be 45 or fewer in length.')
  const ids = flat(body.components ?? []).flatMap(one => one.custom_id ?? [])
  if (new Set(ids).size < ids.length) errors.push('components: Component custom id cannot be duplicated.')
  return errors
}

type Option = {
  readonly name?: string | undefined
  readonly required?: boolean | undefined
  readonly options?: readonly Option[] | undefined
}

/** What a command demands. */
export function commandErrors(command: Option & { readonly type?: number | undefined }): string[] {
  const errors: string[] = []
  const visit = (option: Option, chatInput: boolean) => {
    const name = option.name ?? ''
    const good = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u.test(name) && name === name.toLowerCase()
    if (chatInput && !good) errors.push(`name: “${name}” is no name for a command or an option.`)
    const required = (option.options ?? []).map(one => one.required === true)
    if (required.some((one, index) => one && required[index - 1] === false)) {
      errors.push('options: Required options must be placed before non-required options.')
    }
    for (const one of option.options ?? []) visit(one, true)
  }
  visit(command, (command.type ?? 1) === 1)
  if (textLength(command) > 8000) errors.push('A command has at most 8000 characters.')
  return errors
}

/** Characters of names, descriptions and values, which is what Discord counts. */
function textLength(node: unknown): number {
  if (Array.isArray(node)) return node.reduce((sum, one) => sum + textLength(one), 0)
  if (!node || typeof node !== 'object') return 0
  return Object.entries(node).reduce((sum, [key, value]) => {
    const counts = (key === 'name' || key === 'description' || key === 'value') && typeof value === 'string'
    return sum + (counts ? value.length : typeof value === 'object' ? textLength(value) : 0)
  }, 0)
}

function componentErrors(one: Component): string[] {
  const errors: string[] = []
  if (one.custom_id !== undefined && (one.custom_id.length < 1 || one.custom_id.length > 100)) {
    errors.push('custom_id: Must be between 1 and 100 in length.')
  }
  if (one.type === ACTION_ROW) {
    const children = one.components ?? []
    const buttons = children.filter(child => child.type === BUTTON).length
    const good = buttons === children.length ? buttons >= 1 && buttons <= 5 : buttons === 0 && children.length === 1
    if (!good) errors.push('components: An action row holds 1 to 5 buttons, or one select menu.')
  }
  if (one.type === GALLERY && !(one.items && one.items.length >= 1 && one.items.length <= 10)) {
    errors.push('items: Must be between 1 and 10 in length.')
  }
  if (one.type === BUTTON) {
    const wants = one.style === 5 ? 'url' : one.style === 6 ? 'sku_id' : 'custom_id'
    for (const key of ['custom_id', 'url', 'sku_id'] as const) {
      if ((one[key] !== undefined) !== (key === wants)) errors.push(`${key}: does not go with this button's style.`)
    }
    if (one.style !== 6 && !one.label && !one.emoji) errors.push('label: A button needs a label or an emoji.')
    if ((one.label?.length ?? 0) > 80) errors.push('label: Must be 80 or fewer in length.')
  }
  return errors
}

/** Every component with all that are nested in it. */
export function flat(components: readonly Component[]): Component[] {
  return components.flatMap(one => [
    one,
    ...flat(one.components ?? []),
    ...flat([one.component, one.accessory].filter(child => child !== undefined)),
  ])
}

function mediaOf(one: Component): string[] {
  return [one.media?.url, one.file?.url, ...(one.items ?? []).map(item => item.media?.url)].filter(
    url => url !== undefined,
  )
}
