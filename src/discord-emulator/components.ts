import type { APIAttachment } from 'discord.js'

export type Component = {
  id?: number
  type?: number
  components?: Component[]
  component?: Component
  accessory?: Component
  items?: { media?: { url?: string }; spoiler?: boolean; description?: string | null }[]
  media?: { url?: string }
  file?: { url?: string }
  content?: string
  custom_id?: string
  label?: string
  style?: number
  url?: string
  sku_id?: string
  emoji?: unknown
  disabled?: boolean
  required?: boolean
}

/** All components, including nested ones. */
export function flattenComponents(components: readonly Component[]): Component[] {
  return components.flatMap(one => [
    one,
    ...flattenComponents(one.components ?? []),
    ...flattenComponents([one.component, one.accessory].filter(child => child !== undefined)),
  ])
}

/** The URLs of a component's pictures and files. */
export function mediaUrls(one: Component): string[] {
  return [one.media?.url, one.file?.url, ...(one.items ?? []).map(item => item.media?.url)].filter(
    url => url !== undefined,
  )
}

/** Default fields by component type. */
const DEFAULTS: Record<number, Readonly<Record<string, unknown>>> = {
  ...Object.fromEntries([3, 5, 6, 7, 8].map(select => [select, { min_values: 1, max_values: 1 }])),
  11: { description: null, spoiler: false },
  13: { spoiler: false },
  14: { spacing: 1, divider: true },
  17: { accent_color: null, spoiler: false },
}

/** The components of a message object: ids are assigned, `attachment://` URLs are resolved to the message's files. */
export function resolveComponents(components: readonly Component[], files: readonly APIAttachment[]): Component[] {
  const copy = structuredClone(components) as Component[]
  const all = flattenComponents(copy)
  const taken = new Set(all.map(one => one.id))
  let next = 1
  for (const one of all) {
    while (one.id === undefined && taken.has(next)) next++
    one.id ??= next++
    for (const [key, value] of Object.entries(DEFAULTS[one.type!] ?? {})) {
      if (!(key in one)) Object.assign(one, { [key]: value })
    }
    if (one.media?.url) one.media = media(one.media.url, files)
    if (one.file?.url) {
      const file = files.find(candidate => one.file?.url === `attachment://${candidate.filename}`)
      one.file = media(one.file.url, files)
      if (file) Object.assign(one, { name: file.filename, size: file.size })
    }
    for (const item of one.items ?? []) {
      item.spoiler ??= false
      item.description ??= null
      if (item.media?.url) item.media = media(item.media.url, files)
    }
  }
  return copy
}

function media(url: string, files: readonly APIAttachment[]) {
  const file = files.find(candidate => url === `attachment://${candidate.filename}`)
  return {
    id: file?.id ?? '0',
    url: file?.url ?? url,
    proxy_url: file?.proxy_url ?? url,
    width: file?.width ?? null,
    height: file?.height ?? null,
    content_type: file?.content_type ?? null,
    loading_state: 2,
    flags: 0,
    ...(file && { attachment_id: file.id }),
  }
}
