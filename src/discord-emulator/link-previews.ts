import { createHash } from 'node:crypto'
import type { APIEmbed } from 'discord.js'
import { attachmentByUrl } from './cdn.js'
import type { EmulatorState, LinkedPicture } from './state.js'

/** Let a link show a picture. */
export async function hostPicture(state: EmulatorState, url: string, data: Uint8Array): Promise<void> {
  if (!state.readPictureSize) throw new Error('the emulator was started without readPictureSize')
  const { width, height, format } = state.readPictureSize(data)
  state.linkedPictures.set(url, { data, contentType: `image/${format}`, width, height })
}

/** The embeds of a person's message: pictures of its links, those of Discord's own attachments included. */
export function linkEmbeds(state: EmulatorState, content: string): APIEmbed[] {
  const urls = content.match(/https?:\/\/[^\s<>|]+/g) ?? []
  return urls.flatMap(url => {
    const picture = state.linkedPictures.get(url)
    if (picture) return [imageEmbed(url, url, proxyUrl(state, url), picture)]
    const attachment = URL.canParse(url) ? attachmentByUrl(state, new URL(url)) : undefined
    const { width = 0, height = 0, content_type } = attachment?.info ?? {}
    if (!content_type?.startsWith('image/')) return []
    return [imageEmbed(url, url, url, { contentType: content_type, width: width ?? 0, height: height ?? 0 })]
  })
}

function imageEmbed(
  link: string,
  url: string,
  proxy_url: string,
  { contentType, width, height }: Omit<LinkedPicture, 'data'>,
): APIEmbed {
  const thumbnail = { url, proxy_url, width, height, content_type: contentType }
  return { type: 'image', url: link, thumbnail } as unknown as APIEmbed
}

/** `/external/<hash>/https/example.com/a.png`, like Discord's. */
function proxyUrl(state: EmulatorState, url: string): string {
  const hash = createHash('sha256').update(url).digest('base64url')
  return `${state.url}/external/${hash}/${url.replace('://', '/')}`
}

/** The picture of a proxy's URL. */
export function linkedPictureByPath(state: EmulatorState, path: string): LinkedPicture | undefined {
  return [...state.linkedPictures].find(([url]) => new URL(proxyUrl(state, url)).pathname === path)?.[1]
}
