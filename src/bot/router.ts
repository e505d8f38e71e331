import { randomBytes } from 'node:crypto'
import type { AutocompleteInteraction, ButtonInteraction, ChatInputCommandInteraction, Interaction } from 'discord.js'
import type { Logger } from 'pino'
import type { PaintCommand } from '../commands/command.js'
import { type Edit, original } from '../inference/edit.js'
import { DEFAULT_ENGINE } from '../inference/engines/engines.js'
import type { Box } from '../inference/geometry.js'
import { seedsFor, VARIATIONS } from '../inference/paint.js'
import { ProblemError } from '../problem.js'
import type { JobQueue } from '../queue/queue.js'
import { sentence } from '../sentences.js'
import type { AttachmentFetcher } from './attachments.js'
import { type Action, parseCustomId } from './custom-id.js'
import { paintAndShow } from './paint-and-show.js'
import { pictureOf } from './pictures.js'
import { type Responder, responder } from './responder.js'
import { resultView } from './views.js'

/** What the bot works with. */
export type Parts = {
  readonly commands: readonly PaintCommand[]
  readonly queue: JobQueue
  readonly fetchAttachment: AttachmentFetcher
  readonly log: Logger
}

/**
 * Answers each interaction: a handler for each kind, and the one place where everything that they throw is caught. A
 * problem becomes a sentence for the person; anything else is logged whole, and the person gets its number.
 */
export function router(parts: Parts): (interaction: Interaction) => Promise<void> {
  return async interaction => {
    const log = parts.log.child({ interaction: interaction.id })
    if (interaction.isAutocomplete()) {
      await suggest(interaction, parts).catch(error => log.warn(error, 'autocomplete failed'))
    } else if (interaction.isChatInputCommand()) {
      const answer = responder(interaction)
      await guarded(answer, log, () => command(interaction, answer, { ...parts, log }))
    } else if (interaction.isButton()) {
      const answer = responder(interaction)
      await guarded(answer, log, () => button(interaction, answer, { ...parts, log }))
    }
  }
}

async function guarded(answer: Responder, log: Logger, handle: () => Promise<void>): Promise<void> {
  try {
    await handle()
  } catch (error) {
    const problem = error instanceof ProblemError ? error.problem : { code: 'bug' as const, incident: incident() }
    if (problem.code === 'bug') log.error({ err: error, incident: problem.incident }, 'an interaction failed')
    else log.info({ problem }, 'an interaction was declined')
    await answer.decline(sentence(problem)).catch(cause => log.warn(cause, 'nobody could be told'))
  }
}

/** A short number under which the log tells about a bug. */
export function incident(): string {
  return randomBytes(4).toString('hex')
}

async function suggest(interaction: AutocompleteInteraction, { commands }: Parts): Promise<void> {
  const { name, value } = interaction.options.getFocused(true)
  const found = commands.find(command => command.data.name === interaction.commandName)
  await interaction.respond(found?.suggest?.(name, value) ?? [])
}

async function command(interaction: ChatInputCommandInteraction, answer: Responder, parts: Parts): Promise<void> {
  const found = parts.commands.find(known => known.data.name === interaction.commandName)
  if (!found) throw new Error(`no command /${interaction.commandName}`)
  await answer.acknowledge()
  const { edit, picture, prompt, variations, seed } = found.ask(interaction.options)
  const seeds = seedsFor(variations, seed)
  const source = await parts.fetchAttachment(picture)
  await paintAndShow(interaction, answer, { edit, source, prompt, seeds, engine: DEFAULT_ENGINE }, parts)
}

async function button(interaction: ButtonInteraction, answer: Responder, parts: Parts): Promise<void> {
  const action = parseCustomId(interaction.customId)
  if (action.kind === 'cancel') return cancel(interaction, action.job, parts)
  await answer.acknowledge()
  const picture = await pictureOf(interaction, action.index, parts.fetchAttachment)
  if (action.kind === 'take') return answer.finish(resultView([picture], `taken out by ${interaction.user}`))
  const { prompt, engine } = picture.recipe
  const edit = nextEdit(action, picture.recipe)
  const seeds = seedsFor(VARIATIONS.max)
  await paintAndShow(interaction, answer, { edit, source: picture.bytes, prompt, seeds, engine }, parts)
}

function nextEdit(action: Extract<Action, { kind: 'zoom' | 'redo' }>, recipe: { edit: Edit; old: Box }): Edit {
  if (action.kind === 'zoom') return { kind: 'zoom', factor: action.factor, grow: false }
  return { kind: 'redo', of: original(recipe.edit), keep: recipe.old }
}

async function cancel(interaction: ButtonInteraction, job: string, { queue }: Parts): Promise<void> {
  if (interaction.message.interactionMetadata?.user.id !== interaction.user.id) {
    throw new ProblemError({ code: 'not-yours' })
  }
  if (!(await queue.cancel(job))) throw new ProblemError({ code: 'ended-already' })
  await interaction.deferUpdate()
}
