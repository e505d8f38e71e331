import type { Interaction, Message } from 'discord.js'
import type { Logger } from 'pino'
import { problemMessage } from '../i18n/i18n.js'
import type { Problem } from '../user-error.js'
import type { BotDeps } from './deps.js'
import { handleAutocomplete } from './handlers/autocomplete.js'
import { handleButton } from './handlers/buttons.js'
import { handleContextMenu } from './handlers/context-menu.js'
import { handleEntryPoint } from './handlers/entry-point.js'
import { handleMaskReply, isMaskReply } from './handlers/mask-reply.js'
import { handleModal } from './handlers/modals.js'
import { handleObjectMenu } from './handlers/object-choice.js'
import { handleSlashCommand } from './handlers/slash.js'
import { createChannelResponder } from './messages/channel-responder.js'
import {
  createInteractionResponder,
  type InteractionResponder,
  type RespondableInteraction,
} from './messages/interaction-responder.js'
import { replyWithError } from './messages/reply-with-error.js'
import type { Responder } from './messages/responder.js'
import { contextOfInteraction, contextOfMessage, type RequestContext } from './request-context.js'

/** Refusals by a server's rules, which are written to its audit channel. */
const AUDITED_REFUSALS: ReadonlySet<Problem['code']> = new Set([
  'channel-not-allowed',
  'role-not-allowed',
  'restricted-only',
  'word-forbidden',
  'quota-exceeded',
])

export type Router = {
  onInteraction(interaction: Interaction): Promise<void>
  onMessage(message: Message): Promise<void>
}

/**
 * Calls the handler for each kind of interaction, and catches what the handlers throw: a problem becomes a sentence for
 * the person; any other error is logged whole, and the person gets its incident id.
 */
export function createRouter(deps: BotDeps): Router {
  return {
    async onInteraction(interaction) {
      const { requestDeps, warn, release } = forRequest(interaction.id, deps)
      if (!(await claimEvent(interaction.id, requestDeps))) return
      if (interaction.isAutocomplete()) {
        await handleAutocomplete(interaction, requestDeps).catch(warn('autocomplete failed'))
        return
      }
      const handle = handlerFor(interaction)
      if (!handle) return
      const respondable = interaction as RespondableInteraction
      const context = contextOfInteraction(respondable, requestDeps)
      const { unanswered } = requestDeps
      const responder = createInteractionResponder(respondable, warn('progress message not deleted'), address =>
        unanswered.note(address, context.locales.own),
      )
      await replyOnError(responder, context, requestDeps.log, () => handle(responder, context, requestDeps))
      release()
      await unanswered.settle(interaction.id)
    },

    async onMessage(message) {
      if (!isMaskReply(message)) return
      const { requestDeps, warn, release } = forRequest(message.id, deps)
      if (!(await claimEvent(message.id, requestDeps))) return
      const context = contextOfMessage(message, requestDeps)
      const responder = createChannelResponder(message, warn('progress message not deleted'))
      await replyOnError(responder, context, requestDeps.log, () =>
        handleMaskReply(message, responder, context, requestDeps),
      )
      release()
    },
  }
}

/** Log lines of a request carry its id, and the pictures that it fetches count until it is released. */
function forRequest(id: string, deps: BotDeps) {
  const log = deps.log.child({ job: id })
  const warn = (message: string) => (error: unknown) => log.warn(error, message)
  const { fetchAttachment, release } = deps.pictureBudget.forRequest()
  return { requestDeps: { ...deps, log, fetchAttachment }, warn, release }
}

/** Of several bots with one token, one answers each event. */
async function claimEvent(event: string, { queue, log }: BotDeps): Promise<boolean> {
  try {
    return await queue.claimEvent(event)
  } catch (error) {
    // Two answers are better than none.
    log.warn(error, 'event not claimed')
    return true
  }
}

type Handler = (responder: InteractionResponder, context: RequestContext, deps: BotDeps) => Promise<void>

function handlerFor(interaction: Interaction): Handler | undefined {
  if (interaction.isChatInputCommand()) return (...rest) => handleSlashCommand(interaction, ...rest)
  if (interaction.isMessageContextMenuCommand()) return (...rest) => handleContextMenu(interaction, ...rest)
  if (interaction.isPrimaryEntryPointCommand()) return handleEntryPoint
  if (interaction.isButton()) return (...rest) => handleButton(interaction, ...rest)
  if (interaction.isStringSelectMenu()) return (...rest) => handleObjectMenu(interaction, ...rest)
  if (interaction.isModalSubmit()) return (...rest) => handleModal(interaction, ...rest)
  return undefined
}

async function replyOnError(
  responder: Responder,
  { t, publicT, person, channels, audit }: RequestContext,
  log: Logger,
  handle: () => Promise<void>,
): Promise<void> {
  try {
    await handle()
  } catch (error) {
    const problem = await replyWithError(error, responder, t, log)
    if (!AUDITED_REFUSALS.has(problem.code)) return
    await audit(publicT.audit.refused(`<@${person.id}>`, `<#${channels[0]}>`, problemMessage(problem, publicT)))
  }
}
