import type { AutocompleteInteraction, ChatInputCommandInteraction, Interaction, Message } from 'discord.js'
import type { Logger } from 'pino'
import type { Ask } from '../commands/command.js'
import { sentence } from '../i18n/i18n.js'
import type { Problem } from '../user-error.js'
import type { Parts } from './deps.js'
import { onButton } from './handlers/buttons.js'
import { onApp } from './handlers/context-menu.js'
import { askOrPaint, planned } from './handlers/mask-confirmation.js'
import { isMaskReply, onMaskReply } from './handlers/mask-reply.js'
import { onDialog } from './handlers/modals.js'
import { permitted } from './jobs/policy.js'
import { paintOrder } from './jobs/submit.js'
import {
  type Answerable,
  type InteractionResponder,
  messageResponder,
  type Responder,
  responder,
} from './messages/interaction-responder.js'
import { decline } from './messages/reply-with-error.js'
import { type Here, hereOf, hereOfMessage } from './request-context.js'
import { textView } from './views/message-view.js'

/** What the rules of a server stand against, which its audit channel tells. */
const REFUSALS: ReadonlySet<Problem['code']> = new Set([
  'channel-not-allowed',
  'role-not-allowed',
  'restricted-only',
  'word-forbidden',
  'quota-spent',
])

export type Router = {
  interaction(interaction: Interaction): Promise<void>
  message(message: Message): Promise<void>
}

/**
 * Answers each interaction: a handler for each kind, and the one place where everything that they throw is caught. A
 * problem becomes a sentence for the person; anything else is logged whole, and the person gets its number.
 */
export function router(parts: Parts): Router {
  return {
    async interaction(interaction) {
      const own = { ...parts, log: parts.log.child({ job: interaction.id }) }
      if (!(await isOurs(interaction.id, own))) return
      if (interaction.isAutocomplete()) {
        await suggest(interaction, own).catch(error => own.log.warn(error, 'autocomplete failed'))
        return
      }
      const handle = handlerOf(interaction)
      if (!handle) return
      const here = hereOf(interaction as Answerable, own)
      const answer = responder(interaction as Answerable, error => own.log.warn(error, 'progress was left behind'))
      await guarded(answer, here, own.log, () => handle(answer, here, own))
    },

    async message(message) {
      if (!isMaskReply(message)) return
      const own = { ...parts, log: parts.log.child({ job: message.id }) }
      if (!(await isOurs(message.id, own))) return
      const answer = messageResponder(message, error => own.log.warn(error, 'progress was left behind'))
      await guarded(answer, hereOfMessage(message, own), own.log, () => onMaskReply(message, answer, own))
    },
  }
}

/** Several bots may run side by side, and one of them is to answer. */
async function isOurs(event: string, { queue, log }: Parts): Promise<boolean> {
  try {
    return await queue.isFirst(event)
  } catch (error) {
    // Better answered twice than never.
    log.warn(error, 'nobody could say who answers')
    return true
  }
}

type Handler = (answer: InteractionResponder, here: Here, parts: Parts) => Promise<void>

function handlerOf(interaction: Interaction): Handler | undefined {
  if (interaction.isChatInputCommand()) return (answer, here, parts) => onCommand(interaction, answer, here, parts)
  if (interaction.isMessageContextMenuCommand()) return (answer, here, parts) => onApp(interaction, answer, here, parts)
  if (interaction.isPrimaryEntryPointCommand()) return onEntry
  if (interaction.isButton()) return (answer, here, parts) => onButton(interaction, answer, here, parts)
  if (interaction.isModalSubmit()) return (answer, here, parts) => onDialog(interaction, answer, here, parts)
  return undefined
}

/** The Activity is opened by itself, not by a button under a picture. */
async function onEntry(answer: InteractionResponder, { words }: Here, { asked, log }: Parts): Promise<void> {
  const refusal = asked && (await answer.launch())
  if (asked && !refusal) return
  if (refusal) log.warn(refusal, 'no activity was opened')
  await answer.tell(textView(words.activity.nothing))
}

async function guarded(answer: Responder, here: Here, log: Logger, handle: () => Promise<void>): Promise<void> {
  try {
    await handle()
  } catch (error) {
    const problem = await decline(error, answer, here.words, log)
    if (REFUSALS.has(problem.code)) {
      const { audit } = here.publicWords
      await here.audit(
        audit.refused(`<@${here.person.id}>`, `<#${here.channels[0]}>`, sentence(problem, here.publicWords)),
      )
    }
  }
}

async function suggest(interaction: AutocompleteInteraction, parts: Parts): Promise<void> {
  const { name, value } = interaction.options.getFocused(true)
  const found = parts.commands.find(command => command.data.name === interaction.commandName)
  await interaction.respond((await found?.suggest?.(name, value, hereOf(interaction, parts))) ?? [])
}

async function onCommand(
  interaction: ChatInputCommandInteraction,
  answer: InteractionResponder,
  here: Here,
  parts: Parts,
): Promise<void> {
  const found = parts.commands.find(({ data }) => data.name === interaction.commandName)
  if (!found) throw new Error(`no command /${interaction.commandName}`)
  // Whether all can see the answer has to be said before anything is known: where a mask is asked about they can't.
  const asks =
    interaction.options.getAttachment('mask') !== null && here.settings.person(here.person.id).confirmMasks === 'always'
  await answer.think(found.alone(interaction.options) || asks)
  const outcome = await found.run(interaction.options, here)
  if ('text' in outcome) await answer.tell(textView(outcome.text))
  else await onAsk(interaction, answer, outcome.ask, here, parts)
}

async function onAsk(
  interaction: ChatInputCommandInteraction,
  answer: InteractionResponder,
  { picture, mask, invert, agreed, ...wish }: Ask,
  here: Here,
  parts: Parts,
): Promise<void> {
  permitted(wish, here) // before anything is fetched
  const [source, drawn] = await Promise.all([picture, mask].map(link => link && parts.fetchAttachment(link)))
  if (!picture || !source || !drawn || agreed) {
    return paintOrder(interaction, answer, { ...wish, source, mask: drawn }, here, parts)
  }
  const intent = { ...wish, pictures: planned([picture]), index: 0 }
  await askOrPaint(interaction, answer, intent, await parts.masks.read(drawn, source, invert ?? false), here, parts)
}
