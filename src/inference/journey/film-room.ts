import { Piscina } from 'piscina'
import { type Problem, ProblemError } from '../../problem.js'
import { beside } from '../beside.js'
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
  const { filename, execArgv } = beside(import.meta.url, 'film-thread')
  const pool = new Piscina({ filename, execArgv, minThreads: 0, maxThreads: 1, idleTimeout: 10_000 })
  return {
    async film(stages, limit) {
      const answer: FromFilmRoom = await pool.run({ stages, limit } satisfies FilmTask)
      if ('problem' in answer) throw new ProblemError(answer.problem)
      return answer.film
    },
    close: () => pool.destroy(),
  }
}
