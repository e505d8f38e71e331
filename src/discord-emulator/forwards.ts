import type { APIAttachment, APIMessage } from 'discord.js'
import { attachmentObject } from './cdn.js'
import { resolveComponents } from './components.js'
import type { EmulatorState, StoredMessage, StoredSnapshot } from './state.js'

/** A message as a forward keeps it. The forward of a forward keeps what was forwarded first. */
export function snapshotOf(message: StoredMessage): StoredSnapshot {
  if (message.snapshot) return message.snapshot
  const { type, content, mentions, mention_roles, attachments, embeds, timestamp, edited_timestamp, flags } = message
  const { components, sticker_items } = message
  return {
    type,
    content,
    mentions,
    mention_roles,
    attachments: [...attachments],
    embeds,
    timestamp,
    edited_timestamp,
    ...(flags !== undefined && { flags }),
    components: components ?? [],
    ...(sticker_items && { sticker_items }),
  }
}

/** The `message_snapshots` of a forward. */
export function snapshotObjects(state: EmulatorState, snapshot: StoredSnapshot): APIMessage['message_snapshots'] {
  const { attachments, components, ...rest } = snapshot
  const files = attachments.map((id): APIAttachment => attachmentObject(state, state.attachments.get(id)!))
  const message = { ...rest, attachments: files, components: resolveComponents((components ?? []) as never, files) }
  return [{ message }] as APIMessage['message_snapshots']
}
