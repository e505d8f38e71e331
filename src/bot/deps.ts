import type { Logger } from 'pino'
import type { Command } from '../commands/command.js'
import type { ContextMenuCommand } from '../commands/context-menu-commands.js'
import type { FilmService } from '../inference/film/film-service.js'
import type { MaskService } from '../inference/mask/mask-service.js'
import type { JobQueue } from '../queue/queue.js'
import type { Quotas } from '../quotas/quotas.js'
import type { Settings } from '../settings/settings.js'
import type { RecentTargets } from './drawing/recent-targets.js'
import type { DrawingTarget } from './drawing/session.js'
import type { AttachmentFetcher } from './messages/attachments.js'
import type { PictureLinkCache } from './messages/picture-links.js'

/** What the bot works with. */
export type BotDeps = {
  readonly commands: readonly Command[]
  readonly contextMenuCommands: readonly ContextMenuCommand[]
  readonly queue: JobQueue
  readonly settings: Settings
  readonly limits: Quotas
  readonly masks: MaskService
  readonly films: FilmService
  readonly fetchAttachment: AttachmentFetcher
  readonly seen: PictureLinkCache
  /** The address of a page to draw on a picture; undefined where there are no pages. */
  readonly drawingLink: ((region: DrawingTarget) => Promise<string>) | undefined
  /** What people asked to draw on; undefined where Discord opens no page within itself. */
  readonly asked: RecentTargets | undefined
  /** Since when the bot runs, in milliseconds since 1970. */
  readonly started: number
  readonly log: Logger
}
