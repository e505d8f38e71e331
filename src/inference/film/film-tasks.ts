import { renderFilm } from './film.js'
import type { FilmTask } from './film-service.js'

/** The process's side of film-service.ts. */
export default async function runFilmTask({ stages, limit }: FilmTask): Promise<Uint8Array> {
  return renderFilm(stages, limit)
}
