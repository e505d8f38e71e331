import type { Attachment, RESTPostAPIChatInputApplicationCommandsJSONBody } from 'discord.js'
import type { Translations } from '../i18n/i18n.js'
import type { EngineRegistry } from '../inference/engines/registry.js'
import type { Edit } from '../inference/pipeline/edit.js'
import type { DiffusionOptions as PaintOptions } from '../inference/pipeline/options.js'
import type { JobQueue } from '../queue/queue.js'
import type { Quotas } from '../quotas/quotas.js'
import type { Settings } from '../settings/settings.js'

/** A picture on Discord's servers. */
export type PictureLink = Pick<Attachment, 'url' | 'size' | 'name'> & { readonly spoiler?: boolean | undefined }

/** The part of discord.js's `CommandInteractionOptionResolver` that commands use. */
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

/** What a command asks to have painted. What is left out is the person's or the server's default. */
export type EditRequest = {
  readonly edit: Edit
  /** Upscale with the detail of the pictures that it was made of: at this scale, or at the one that they need. */
  readonly fromHistory?: { readonly scale: number | undefined } | undefined
  /** Undefined for `imagine` only. */
  readonly picture?: PictureLink
  readonly mask?: PictureLink
  /** Numbers of objects of the picture, from 1, instead of a mask. */
  readonly objects?: readonly number[]
  /** Invert the mask. */
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

/** Who uses a command, where, and what the command may use. */
export type CommandContext = {
  readonly person: { readonly id: string; readonly roles: readonly string[]; readonly isManager: boolean }
  /** The server's id; undefined in direct messages, and where the bot is not a member. */
  readonly server: string | undefined
  readonly t: Translations
  readonly engines: EngineRegistry
  readonly queue: JobQueue
  readonly settings: Settings
  readonly quotas: Quotas
  readonly fetchAttachment: (link: PictureLink) => Promise<Uint8Array>
  /** Forget what the person last asked to draw on, and the objects that they saw last. */
  readonly forgetRecentTargets: () => Promise<void>
  /** Of the picture whose numbered objects the person saw last: how much of the picture each is, from 0 to 1. */
  readonly recentObjects: () => Promise<readonly number[]>
  /** Delete the person's results that could not be delivered. */
  readonly forgetKeptResults: () => Promise<void>
  /** When the bot started, in milliseconds since 1970. */
  readonly startedAt: number
  /** Write into the server's audit channel, if it has one. */
  readonly audit: (line: string) => Promise<void>
}

/** An edit to paint, a text for the person, or their results that could not be delivered, with a text if there are none. */
export type CommandResult =
  | { readonly request: EditRequest }
  | { readonly text: string }
  | { readonly shows: 'kept-results'; readonly textIfNone: string }

export type AutocompleteChoice = { readonly name: string; readonly value: string | number }

/** A slash command: its definition for Discord, and what it does with its options. */
export interface Command {
  readonly data: RESTPostAPIChatInputApplicationCommandsJSONBody
  /** Whether only the person sees the answer. */
  isEphemeral(options: CommandOptions): boolean
  /** @throws UserError */
  run(options: CommandOptions, context: CommandContext): CommandResult | Promise<CommandResult>
  /**
   * What to offer while the person types into an option with autocomplete; at most 25.
   *
   * @param chosen the text of another option, if it has one so far
   */
  autocomplete?(
    option: string,
    typed: string,
    context: CommandContext,
    chosen: (option: string) => string | null,
  ): AutocompleteChoice[] | Promise<AutocompleteChoice[]>
}
