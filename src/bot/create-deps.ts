import type { Logger } from 'pino'
import { contextMenuCommands } from '../commands/context-menu-commands.js'
import { slashCommands } from '../commands/slash-commands.js'
import type { Config } from '../config.js'
import type { EngineRegistry } from '../inference/engines/registry.js'
import { createFilmService } from '../inference/film/film-service.js'
import { createWebpService } from '../inference/image/webp-service.js'
import { createMaskService } from '../inference/mask/mask-service.js'
import { createSegmentService } from '../inference/segment/segment-service.js'
import type { JobQueue } from '../queue/queue.js'
import type { Quotas } from '../quotas/quotas.js'
import type { Settings } from '../settings/settings.js'
import type { BotDeps } from './deps.js'
import { createDrawingDrafts } from './drawing/drafts.js'
import { createRecentTargets } from './drawing/recent-targets.js'
import type { DrawingTarget } from './drawing/target.js'
import type { ExpiringStore } from './expiring-store.js'
import type { KeptResults } from './jobs/kept-results.js'
import { createProgressBudget } from './jobs/progress-budget.js'
import { createUnansweredInteractions, type UnansweredStore } from './jobs/unanswered.js'
import { createAttachmentFetcher } from './messages/attachments.js'
import { createPictureBudget } from './messages/picture-budget.js'
import { createPictureLinkCache } from './messages/picture-links.js'
import { createRecentObjects } from './messages/recent-objects.js'

export type DepsOptions = {
  readonly engines: EngineRegistry
  readonly queue: JobQueue
  readonly settings: Settings
  readonly quotas: Quotas
  readonly expiringStore: ExpiringStore & UnansweredStore
  readonly keptResults: KeptResults
  /** The URL of the drawing page for a picture, where pages are served. */
  readonly drawingLink?: ((target: DrawingTarget) => Promise<string>) | undefined
  readonly log: Logger
}

/** Discord's hosts for the pictures of links. */
const LINK_PROXIES = ['https://images-ext-1.discordapp.net', 'https://images-ext-2.discordapp.net']

/** @param track as in {@link BotDeps} */
export function createDeps(config: Config, options: DepsOptions, track: BotDeps['track']): BotDeps {
  const { engines, queue, settings, quotas, expiringStore, keptResults, drawingLink, log } = options
  const { DISCORD_CDN: cdn, DISCORD_MEDIA: mediaProxy } = config
  const isShared = config.REDIS_URL !== undefined || config.DATABASE_URL !== undefined
  const hasActivity = config.DISCORD_CLIENT_SECRET !== undefined && drawingLink !== undefined
  const fetchAttachment = createAttachmentFetcher([cdn, mediaProxy, ...LINK_PROXIES])
  return {
    slashCommands,
    contextMenuCommands,
    engines,
    queue,
    settings,
    quotas,
    masks: createMaskService(),
    segments: createSegmentService(engines.modelFolder),
    films: createFilmService(),
    webps: createWebpService(),
    fetchAttachment,
    pictureBudget: createPictureBudget(fetchAttachment),
    pictureLinks: createPictureLinkCache(expiringStore),
    drawingDrafts: createDrawingDrafts(expiringStore),
    recentObjects: createRecentObjects(expiringStore),
    keptResults,
    unanswered: createUnansweredInteractions(expiringStore, isShared, id => queue.isOpen(id), log),
    drawingLink,
    recentTargets: hasActivity ? createRecentTargets(expiringStore) : undefined,
    progressBudget: createProgressBudget(),
    track,
    startedAt: Date.now(),
    log,
  }
}

/** End the processes that compute masks, films and WebP. */
export async function closeDeps({ masks, segments, films, webps }: BotDeps): Promise<void> {
  await masks.close()
  await segments.close()
  await films.close()
  await webps.close()
}
