import { createHmac } from 'node:crypto'
import type { APIAttachment } from 'discord.js'
import { requestEntityTooLarge } from './api-errors.js'
import { type EmulatorState, MAX_FILE_BYTES, type StoredAttachment } from './state.js'

export type Upload = {
  readonly name: string
  readonly data: Uint8Array
  readonly description?: string
  /** Whether it is marked as a spoiler; its name may say so, too. */
  readonly spoiler?: boolean
  /** Null for none; by the name if left out. */
  readonly contentType?: string | null
  /** The id in the body's `attachments`: the `n` of `files[n]`. */
  readonly id?: string
}

const DAY_S = 24 * 3600

/** The attachment's flag. */
const IS_SPOILER = 1 << 3

const CONTENT_TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  avif: 'image/avif',
  tif: 'image/tiff',
  tiff: 'image/tiff',
}

/** @throws ApiError 40005 if the file is too large */
export async function storeAttachment(
  state: EmulatorState,
  channelId: string,
  { name, data, description, spoiler, contentType }: Upload,
  ephemeral: boolean,
): Promise<StoredAttachment> {
  if (data.length > MAX_FILE_BYTES) throw requestEntityTooLarge()
  // Discord reads a picture's size also if the file is damaged further on.
  const size = pictureSize(state, data)
  const byName = CONTENT_TYPES[name.split('.').at(-1)!.toLowerCase()] ?? 'application/octet-stream'
  const type = contentType === undefined ? byName : contentType
  const isSpoiler = spoiler === true || name.startsWith('SPOILER_')
  const stored: StoredAttachment = {
    channelId,
    ephemeral,
    bytes: Buffer.from(data),
    info: {
      id: state.nextId(),
      filename: sanitizeFileName(name),
      size: data.length,
      ...(type !== null && { content_type: type }),
      ...size,
      ...(isSpoiler && { flags: IS_SPOILER }),
      ...(description !== undefined && { description }),
      ...(ephemeral && { ephemeral }),
    },
  }
  state.attachments.set(stored.info.id, stored)
  return stored
}

/** Discord replaces other characters than letters, digits, `.`, `-` and `_`. */
export function sanitizeFileName(name: string): string {
  return name.replaceAll(/[^\w.-]/g, '_')
}

function pictureSize({ readPictureSize }: EmulatorState, data: Uint8Array) {
  try {
    if (!readPictureSize) return undefined
    const { width, height } = readPictureSize(data)
    return { width, height }
  } catch {
    return undefined // no picture
  }
}

/** An attachment object with a URL that is signed now. */
export function attachmentObject(
  state: EmulatorState,
  { info, channelId, ephemeral }: StoredAttachment,
): APIAttachment {
  const folder = ephemeral ? 'ephemeral-attachments' : 'attachments'
  const path = `/${folder}/${channelId}/${info.id}/${info.filename}`
  const issuedAt = Math.floor(state.clock.now() / 1000)
  const expiresAt = issuedAt + (ephemeral ? 1 : 14) * DAY_S
  const [is, ex] = [issuedAt.toString(16), expiresAt.toString(16)]
  const url = `${state.url}${path}?ex=${ex}&is=${is}&hm=${signature(state, path, ex, is)}&`
  return { ...info, url, proxy_url: url }
}

/** The file of a signed URL; undefined if the signature is wrong or has expired. */
export function attachmentByUrl(state: EmulatorState, link: URL): StoredAttachment | undefined {
  const [, id = ''] = /^\/(?:ephemeral-)?attachments\/\d+\/(\d+)\/[^/]+$/.exec(link.pathname) ?? []
  const [ex = '', is = '', hm] = ['ex', 'is', 'hm'].map(key => link.searchParams.get(key) ?? '')
  const now = state.clock.now()
  if (hm !== signature(state, link.pathname, ex, is)) return undefined
  if (Number.parseInt(ex, 16) * 1000 <= now || Number.parseInt(is, 16) * 1000 < state.expiredBefore) return undefined
  return state.attachments.get(id)
}

function signature(state: EmulatorState, path: string, ex: string, is: string): string {
  return createHmac('sha256', state.token).update(`${path} ${ex} ${is}`).digest('hex')
}
