import type { Logger } from 'pino'
import type { Command } from '../commands/command.js'
import type { AppCommand } from '../commands/context-menu-commands.js'
import type { FilmRoom } from '../inference/film/film-service.js'
import type { MaskDesk } from '../inference/mask/mask-service.js'
import type { JobQueue } from '../queue/queue.js'
import type { Limits } from '../quotas/quotas.js'
import type { Settings } from '../settings/settings.js'
import type { AskedRegions } from './drawing/recent-targets.js'
import type { Region } from './drawing/session.js'
import type { AttachmentFetcher } from './messages/attachments.js'
import type { SeenPictures } from './messages/picture-links.js'

/** What the bot works with. */
export type Parts = {
  readonly commands: readonly Command[]
  readonly apps: readonly AppCommand[]
  readonly queue: JobQueue
  readonly settings: Settings
  readonly limits: Limits
  readonly masks: MaskDesk
  readonly films: FilmRoom
  readonly fetchAttachment: AttachmentFetcher
  readonly seen: SeenPictures
  /** The address of a page to draw on a picture; undefined where there are no pages. */
  readonly regionLink: ((region: Region) => Promise<string>) | undefined
  /** What people asked to draw on; undefined where Discord opens no page within itself. */
  readonly asked: AskedRegions | undefined
  /** Since when the bot runs, in milliseconds since 1970. */
  readonly started: number
  readonly log: Logger
}
