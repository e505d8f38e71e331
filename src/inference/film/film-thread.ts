import { UserError } from '../../user-error.js'
import { renderFilm } from './film.js'
import type { FilmTask, FilmTaskResult } from './film-service.js'

export default async function renderFilmTask({ stages, limit }: FilmTask): Promise<FilmTaskResult> {
  try {
    return { film: await renderFilm(stages, limit) }
  } catch (error) {
    if (error instanceof UserError) return { problem: error.problem }
    throw error
  }
}
