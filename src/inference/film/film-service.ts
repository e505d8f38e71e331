import { type Problem, UserError } from '../../user-error.js'
import { workerThread } from '../runtime/worker-thread.js'
import type { FilmStage } from './film.js'

export type FilmTask = { readonly stages: readonly FilmStage[]; readonly limit: number }

/** What comes back: classes do not survive the way between threads, so errors come as data. */
export type FilmTaskResult = { readonly film: Uint8Array } | { readonly problem: Problem }

/** Renders films in a thread: it takes seconds, and the bot's loop is shared. */
export interface FilmService {
  /** @throws UserError those of `renderFilm` */
  render(stages: readonly FilmStage[], limit: number): Promise<Uint8Array>
  close(): Promise<void>
}

export function createFilmService(): FilmService {
  const thread = workerThread<FilmTask, FilmTaskResult>(import.meta.url, 'film-thread')
  return {
    async render(stages, limit) {
      const answer = await thread.run({ stages, limit })
      if ('problem' in answer) throw new UserError(answer.problem)
      return answer.film
    },
    close: thread.close,
  }
}
