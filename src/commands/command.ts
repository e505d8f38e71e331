import type { Attachment, RESTPostAPIChatInputApplicationCommandsJSONBody } from 'discord.js'
import type { Translations } from '../i18n/i18n.js'
import type { EngineRegistry } from '../inference/engines/registry.js'
import type { Edit } from '../inference/pipeline/edit.js'
import type { DiffusionOptions as PaintOptions } from '../inference/pipeline/options.js'
import type { JobQueue } from '../queue/queue.js'
import type { Quotas } from '../quotas/quotas.js'
import type { Settings } from '../settings/settings.js'

/** A picture that lies on Discord's servers. */
export type PictureLink = Pick<Attachment, 'url' | 'size' | 'name'>

/** What a command reads its options with: as much of discord.js's resolver as commands need. */
export interface CommandOptions {
  getAttachment(name: string, required: true): PictureLink
  getAttachment(name: string): PictureLink | null
  getString(name: string): string | null
  getInteger(name: string): number | null
  getNumber(name: string): number | null
  getBoolean(name: string): boolean | null
  getRole(name: string): { readonly id: string } | null
  getChannel(name: string): { readonly id: string } | null
  getSubcommand(required: false): string | null
}

/** What a person wants painted. Whatever is left out is theirs or the server's default. */
export type EditRequest = {
  readonly edit: Edit
  /** Only `imagine` goes without. */
  readonly picture?: PictureLink
  readonly mask?: PictureLink
  /** Paint what the mask leaves out. */
  readonly invert?: boolean
  /** The mask needs no confirmation. */
  readonly maskConfirmed?: boolean
  /** {@link fingerprint} of a canonical mask: a mask file with it is used as it is, any other is interpreted. */
  readonly maskFingerprint?: string | undefined
  readonly prompt: string
  readonly variations?: number | undefined
  /** A random one if left out. */
  readonly seed?: number | undefined
  readonly engine?: string | undefined
  readonly options?: PaintOptions | undefined
  readonly spoiler?: boolean | undefined
}

/** Who asks, where, and what a command may use. */
export type CommandContext = {
  readonly person: { readonly id: string; readonly roles: readonly string[]; readonly isManager: boolean }
  /** Undefined in direct messages, and where the bot is no member. */
  readonly server: string | undefined
  readonly t: Translations
  readonly engines: EngineRegistry
  readonly queue: JobQueue
  readonly settings: Settings
  readonly quotas: Quotas
  readonly fetchAttachment: (link: PictureLink) => Promise<Uint8Array>
  /** Forget what the person last asked to draw on. */
  readonly forgetRecentTarget: () => Promise<void>
  /** Since when the bot runs, in milliseconds since 1970. */
  readonly startedAt: number
  /** Write into the server's audit channel, if it has one. */
  readonly audit: (line: string) => Promise<void>
}

/** Something to paint, or an answer in words. */
export type CommandResult = { readonly request: EditRequest } | { readonly text: string }

export type AutocompleteChoice = { readonly name: string; readonly value: string | number }

/** A slash command: what Discord shows, and what comes of its options. */
export interface Command {
  readonly data: RESTPostAPIChatInputApplicationCommandsJSONBody
  /** Whether only the person sees the answer. */
  isEphemeral(options: CommandOptions): boolean
  /** @throws ProblemError */
  run(options: CommandOptions, context: CommandContext): CommandResult | Promise<CommandResult>
  /** What to offer while the person types into an option with autocomplete; at most 25. */
  autocomplete?(
    option: string,
    typed: string,
    context: CommandContext,
  ): AutocompleteChoice[] | Promise<AutocompleteChoice[]>
}
