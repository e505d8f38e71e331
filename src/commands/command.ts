import type { Attachment, RESTPostAPIChatInputApplicationCommandsJSONBody } from 'discord.js'
import type { Edit } from '../inference/edit.js'

/** A picture that lies on Discord's servers. */
export type PictureLink = Pick<Attachment, 'url' | 'size' | 'name'>

/** What a command reads its options with: as much of discord.js's resolver as commands need. */
export interface Options {
  getAttachment(name: string, required: true): PictureLink
  getString(name: string): string | null
  getInteger(name: string): number | null
  getNumber(name: string): number | null
}

/** What a person asked for with a command. */
export type Ask = {
  readonly edit: Edit
  readonly picture: PictureLink
  readonly prompt: string
  readonly variations: number
  /** A random one if left out. */
  readonly seed?: number
}

/** A slash command that paints: what Discord shows, and what is asked for by its options. */
export interface PaintCommand {
  readonly data: RESTPostAPIChatInputApplicationCommandsJSONBody
  /** @throws ProblemError */
  ask(options: Options): Ask
  /** What to offer while the person types into an option with autocomplete; at most 25. */
  suggest?(option: string, typed: string): { name: string; value: number | string }[]
}
