import type { AutocompleteInteraction, ChatInputCommandInteraction, Interaction, Message } from 'discord.js'
import type { Logger } from 'pino'
import type { EditRequest } from '../commands/command.js'
import { problemMessage } from '../i18n/i18n.js'
import { fingerprint } from '../inference/pipeline/recipe.js'
import type { Problem } from '../user-error.js'
import type { BotDeps } from './deps.js'
import { handleButton } from './handlers/buttons.js'
import { handleContextMenu } from './handlers/context-menu.js'
import { confirmOrSubmit, plannedPictures } from './handlers/mask-confirmation.js'
import { handleMaskReply, isMaskReply } from './handlers/mask-reply.js'
import { handleModal } from './handlers/modals.js'
import { applyPolicy } from './jobs/policy.js'
import { submitJob } from './jobs/submit.js'
import {
  createChannelResponder,
  createInteractionResponder,
  type InteractionResponder,
  type RespondableInteraction,
  type Responder,
} from './messages/interaction-responder.js'
import { replyWithError } from './messages/reply-with-error.js'
import { contextOfInteraction, contextOfMessage, type RequestContext } from './request-context.js'
import { textView } from './views/message-view.js'

/** What the rules of a server stand against, which its audit channel tells. */
const REFUSALS: ReadonlySet<Problem['code']> = new Set([
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
 * Answers each interaction: a handler for each kind, and the one place where everything that they throw is caught. A
 * problem becomes a sentence for the person; anything else is logged whole, and the person gets its number.
 */
export function createRouter(parts: BotDeps): Router {
  return {
    async onInteraction(interaction) {
      const own = { ...parts, log: parts.log.child({ job: interaction.id }) }
      if (!(await isOurs(interaction.id, own))) return
      if (interaction.isAutocomplete()) {
        await suggest(interaction, own).catch(error => own.log.warn(error, 'autocomplete failed'))
        return
      }
      const handle = handlerOf(interaction)
      if (!handle) return
      const here = contextOfInteraction(interaction as RespondableInteraction, own)
      const answer = createInteractionResponder(interaction as RespondableInteraction, error =>
        own.log.warn(error, 'progress was left behind'),
      )
      await guarded(answer, here, own.log, () => handle(answer, here, own))
    },

    async onMessage(message) {
      if (!isMaskReply(message)) return
      const own = { ...parts, log: parts.log.child({ job: message.id }) }
      if (!(await isOurs(message.id, own))) return
      const answer = createChannelResponder(message, error => own.log.warn(error, 'progress was left behind'))
      await guarded(answer, contextOfMessage(message, own), own.log, () => handleMaskReply(message, answer, own))
    },
  }
}

/** Several bots may run side by side, and one of them is to answer. */
async function isOurs(event: string, { queue, log }: BotDeps): Promise<boolean> {
  try {
    return await queue.claimEvent(event)
  } catch (error) {
    // Better answered twice than never.
    log.warn(error, 'nobody could say who answers')
    return true
  }
}

type Handler = (answer: InteractionResponder, here: RequestContext, parts: BotDeps) => Promise<void>

function handlerOf(interaction: Interaction): Handler | undefined {
  if (interaction.isChatInputCommand()) return (answer, here, parts) => onCommand(interaction, answer, here, parts)
  if (interaction.isMessageContextMenuCommand())
    return (answer, here, parts) => handleContextMenu(interaction, answer, here, parts)
  if (interaction.isPrimaryEntryPointCommand()) return onEntry
  if (interaction.isButton()) return (answer, here, parts) => handleButton(interaction, answer, here, parts)
  if (interaction.isModalSubmit()) return (answer, here, parts) => handleModal(interaction, answer, here, parts)
  return undefined
}

/** The Activity is opened by itself, not by a button under a picture. */
async function onEntry(answer: InteractionResponder, { t }: RequestContext, { asked, log }: BotDeps): Promise<void> {
  const refusal = asked && (await answer.launchActivity())
  if (asked && !refusal) return
  if (refusal) log.warn(refusal, 'no activity was opened')
  await answer.notify(textView(t.activity.nothing))
}

async function guarded(
  answer: Responder,
  here: RequestContext,
  log: Logger,
  handle: () => Promise<void>,
): Promise<void> {
  try {
    await handle()
  } catch (error) {
    const problem = await replyWithError(error, answer, here.t, log)
    if (REFUSALS.has(problem.code)) {
      const { audit } = here.publicT
      await here.audit(
        audit.refused(`<@${here.person.id}>`, `<#${here.channels[0]}>`, problemMessage(problem, here.publicT)),
      )
    }
  }
}

async function suggest(interaction: AutocompleteInteraction, parts: BotDeps): Promise<void> {
  const { name, value } = interaction.options.getFocused(true)
  const found = parts.commands.find(command => command.data.name === interaction.commandName)
  await interaction.respond((await found?.suggest?.(name, value, contextOfInteraction(interaction, parts))) ?? [])
}

async function onCommand(
  interaction: ChatInputCommandInteraction,
  answer: InteractionResponder,
  here: RequestContext,
  parts: BotDeps,
): Promise<void> {
  const found = parts.commands.find(({ data }) => data.name === interaction.commandName)
  if (!found) throw new Error(`no command /${interaction.commandName}`)
  // Whether all can see the answer has to be said before anything is known: where a mask is asked about they can't.
  const asks =
    interaction.options.getAttachment('mask') !== null && here.settings.person(here.person.id).confirmMasks === 'always'
  await answer.defer(found.isEphemeral(interaction.options) || asks)
  const outcome = await found.run(interaction.options, here)
  if ('text' in outcome) await answer.notify(textView(outcome.text))
  else await onAsk(interaction, answer, outcome.ask, here, parts)
}

async function onAsk(
  interaction: ChatInputCommandInteraction,
  answer: InteractionResponder,
  { picture, mask, invert, agreed, maskFingerprint, ...wish }: EditRequest,
  here: RequestContext,
  parts: BotDeps,
): Promise<void> {
  applyPolicy(wish, here) // before anything is fetched
  const [source, drawn] = await Promise.all([picture, mask].map(link => link && parts.fetchAttachment(link)))
  if (!picture || !source || !drawn) return submitJob(interaction, answer, { ...wish, source }, here, parts)
  if (agreed && fingerprint(drawn) === maskFingerprint) {
    return submitJob(interaction, answer, { ...wish, source, mask: drawn }, here, parts)
  }
  const preview = await parts.masks.interpret(drawn, source, invert ?? false)
  if (agreed) return submitJob(interaction, answer, { ...wish, source, mask: preview.mask }, here, parts)
  const intent = { ...wish, pictures: plannedPictures([picture]), index: 0 }
  await confirmOrSubmit(interaction, answer, intent, preview, here, parts)
}
