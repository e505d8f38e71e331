import { type Problem, ProblemError } from '../../user-error.js'
import { threadBeside } from '../runtime/worker-thread.js'
import type { Stage } from './film.js'

export type FilmTask = { readonly stages: readonly Stage[]; readonly limit: number }

/** What comes back: classes don't survive the way between threads, so problems come as data. */
export type FromFilmRoom = { readonly film: Uint8Array } | { readonly problem: Problem }

/** Makes films in a thread: whoever asks has others to answer. */
export interface FilmRoom {
  /** @throws ProblemError those of `film` */
  film(stages: readonly Stage[], limit: number): Promise<Uint8Array>
  close(): Promise<void>
}

export function filmRoom(): FilmRoom {
  const thread = threadBeside<FilmTask, FromFilmRoom>(import.meta.url, 'film-thread')
  return {
    async film(stages, limit) {
      const answer = await thread.run({ stages, limit })
      if ('problem' in answer) throw new ProblemError(answer.problem)
      return answer.film
    },
    close: thread.close,
  }
}
