import type { Translations } from '../../i18n/i18n.js'
import { relativeTime } from '../../i18n/relative-time.js'
import type { Edit } from '../../inference/pipeline/edit.js'
import type { JobState } from '../../queue/queue.js'
import { button, buttonRow, gallery, type MessageView, messageView, textDisplay } from './message-view.js'

/** A job's progress, with a preview if there is one. @param now in milliseconds since 1970 */
export function progressView(
  { edit, job, owner, spoiler }: { edit: Edit; job: string; owner: string; spoiler: boolean },
  state: Extract<JobState, { state: 'waiting' | 'running' }>,
  t: Translations,
  now: number,
): MessageView {
  const title = `**${t.heading(edit)}**`
  const cancel = buttonRow(button({ on: 'job', kind: 'cancel', job, owner }, t.buttons.cancel))
  if (state.state === 'waiting') return messageView([textDisplay(`${title}\n${waitingLine(state, t, now)}`), cancel])
  const percent = Math.floor(state.progress * 100)
  const filled = Math.floor(percent / 5)
  const bar = `${'▰'.repeat(filled)}${'▱'.repeat(20 - filled)}`
  const line = textDisplay(`${title}\n${bar} ${percent}%`)
  if (!state.preview) return messageView([line, cancel])
  const preview = gallery([{ name: 'preview.jpg', alt: t.progress.preview, spoiler }])
  return messageView([line, preview, cancel], [{ attachment: Buffer.from(state.preview), name: 'preview.jpg' }])
}

/** Shown while the bot restarts. The job keeps its place in the queue. */
export function restartingView(edit: Edit, t: Translations): MessageView {
  return messageView([textDisplay(`**${t.heading(edit)}**\n${t.progress.restarting} …`)])
}

function waitingLine(
  { position, waitMs, paused, noWorker }: Extract<JobState, { state: 'waiting' }>,
  { progress }: Translations,
  now: number,
): string {
  if (paused) return progress.paused
  if (noWorker) return `${progress.noWorker} …`
  const line = position === 1 ? progress.next : progress.position(position)
  return waitMs === undefined ? `${line} …` : `${line}, ${progress.starts(relativeTime(now + waitMs))}`
}
