import type { Translations } from '../../i18n/i18n.js'
import { relativeTime } from '../../i18n/relative-time.js'
import type { Edit } from '../../inference/pipeline/edit.js'
import type { JobState } from '../../queue/queue.js'
import { button, buttonRow, gallery, type MessageView, messageView, textDisplay } from './message-view.js'

/** How far the job is, with a preview when there is one. @param now in milliseconds since 1970 */
export function progressView(
  { edit, job, owner, spoiler }: { edit: Edit; job: string; owner: string; spoiler: boolean },
  state: Extract<JobState, { state: 'waiting' | 'running' }>,
  words: Translations,
  now: number,
): MessageView {
  const title = `**${words.heading(edit)}**`
  const cancel = buttonRow(button({ on: 'job', kind: 'cancel', job, owner }, words.buttons.cancel))
  if (state.state === 'waiting')
    return messageView([textDisplay(`${title}\n${waitingLine(state, words, now)}`), cancel])
  const percent = Math.floor(state.progress * 100)
  const bar = `${'▰'.repeat(Math.floor(percent / 5))}${'▱'.repeat(20 - Math.floor(percent / 5))}`
  const line = textDisplay(`${title}\n${bar} ${percent}%`)
  if (!state.preview) return messageView([line, cancel])
  const preview = gallery([{ name: 'preview.jpg', alt: words.progress.preview, spoiler }])
  return messageView([line, preview, cancel], [{ attachment: Buffer.from(state.preview), name: 'preview.jpg' }])
}

/** What is left to be seen while the bot is restarted: the request keeps its place. */
export function restartingView(edit: Edit, words: Translations): MessageView {
  return messageView([textDisplay(`**${words.heading(edit)}**\n${words.progress.restarting} …`)])
}

function waitingLine(
  { position: place, waitMs: wait, paused: held, noWorker: unmanned }: Extract<JobState, { state: 'waiting' }>,
  { progress }: Translations,
  now: number,
): string {
  if (held) return progress.paused
  if (unmanned) return `${progress.noWorker} …`
  const line = place === 1 ? progress.next : progress.position(place)
  return wait === undefined ? `${line} …` : `${line}, ${progress.starts(relativeTime(now + wait))}`
}
