import { ProblemError } from '../../user-error.js'
import { film } from './film.js'
import type { FilmTask, FromFilmRoom } from './film-service.js'

export default async function work({ stages, limit }: FilmTask): Promise<FromFilmRoom> {
  try {
    return { film: await film(stages, limit) }
  } catch (error) {
    if (error instanceof ProblemError) return { problem: error.problem }
    throw error
  }
}
