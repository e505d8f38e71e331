import type { Client } from 'discord.js'
import { resumeChannelResponder } from './channel-responder.js'
import type { ReplyAddress, Responder } from './responder.js'
import { createTokenResponder } from './token-responder.js'

/** Goes on replying where another process, or this one before a restart, began. */
export function resumeResponder(
  client: Client<true>,
  address: ReplyAddress,
  warn: (error: unknown) => void,
): Responder {
  if (address.kind === 'interaction') return createTokenResponder(client, { ...address }, warn)
  return resumeChannelResponder(client, address, warn)
}
