import type { Logger } from 'pino'
import type { Command } from '../commands/command.js'
import type { ContextMenuCommand } from '../commands/context-menu-commands.js'
import type { EngineRegistry } from '../inference/engines/registry.js'
import type { FilmService } from '../inference/film/film-service.js'
import type { WebpService } from '../inference/image/webp-service.js'
import type { MaskService } from '../inference/mask/mask-service.js'
import type { SegmentService } from '../inference/segment/segment-service.js'
import type { JobQueue } from '../queue/queue.js'
import type { Quotas } from '../quotas/quotas.js'
import type { Settings } from '../settings/settings.js'
import type { DrawingDrafts } from './drawing/drafts.js'
import type { RecentTargets } from './drawing/recent-targets.js'
import type { DrawingTarget } from './drawing/target.js'
import type { KeptResults } from './jobs/kept-results.js'
import type { ProgressBudget } from './jobs/progress-budget.js'
import type { UnansweredInteractions } from './jobs/unanswered.js'
import type { AttachmentFetcher } from './messages/attachments.js'
import type { PictureBudget } from './messages/picture-budget.js'
import type { PictureLinkCache } from './messages/picture-links.js'
import type { RecentObjects } from './messages/recent-objects.js'

/** What handlers and jobs use. */
export type BotDeps = {
  readonly slashCommands: readonly Command[]
  readonly contextMenuCommands: readonly ContextMenuCommand[]
  readonly engines: EngineRegistry
  readonly queue: JobQueue
  readonly settings: Settings
  readonly quotas: Quotas
  readonly masks: MaskService
  readonly segments: SegmentService
  readonly films: FilmService
  readonly webps: WebpService
  readonly fetchAttachment: AttachmentFetcher
  readonly pictureBudget: PictureBudget
  readonly pictureLinks: PictureLinkCache
  readonly drawingDrafts: DrawingDrafts
  readonly recentObjects: RecentObjects
  readonly keptResults: KeptResults
  readonly unanswered: UnansweredInteractions
  /** The URL of the drawing page for a picture; undefined where no pages are served. */
  readonly drawingLink: ((target: DrawingTarget) => Promise<string>) | undefined
  /** Undefined where there is no Activity. */
  readonly recentTargets: RecentTargets | undefined
  readonly progressBudget: ProgressBudget
  /** Takes work that goes on in the background; it must not throw. Closing the bot waits for it. */
  readonly track: (work: Promise<void>) => void
  /** In milliseconds since 1970. */
  readonly startedAt: number
  readonly log: Logger
}
