import type { HistoryStage } from '../history/stages.js'
import { workerProcess } from '../runtime/worker-process.js'

export type FilmTask = { readonly stages: readonly HistoryStage[]; readonly limit: number }

/** A film of 30 pictures takes 20 seconds on a slow machine. In milliseconds. */
const TIMEOUT_MS = 120_000

/** Renders films in a process with limits: it takes seconds, and much memory. */
export interface FilmService {
  /** @throws UserError `picture-too-demanding`, and those of `renderFilm` */
  render(stages: readonly HistoryStage[], limit: number): Promise<Uint8Array>
  close(): Promise<void>
}

export function createFilmService(): FilmService {
  const worker = workerProcess<FilmTask, Uint8Array>(import.meta.url, 'film-tasks', { timeoutMs: TIMEOUT_MS })
  return {
    render: (stages, limit) => worker.run({ stages, limit }),
    close: worker.close,
  }
}
