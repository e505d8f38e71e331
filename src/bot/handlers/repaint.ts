import type { Message } from 'discord.js'
import { type Edit, isPlainUpscale, keepsAlpha, withAlphaKept } from '../../inference/pipeline/edit.js'
import type { Recipe } from '../../inference/pipeline/recipe.js'
import { UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import type { JobInput } from '../jobs/paint-params.js'
import { fetchSourceFiles } from '../messages/message-files.js'
import { isSpoiler } from '../messages/shown-pictures.js'
import type { PictureFile } from '../views/result-view.js'

/** An edit of a picture: if its transparency was kept, it is kept again. */
export function keepingAlphaOf({ recipe }: Pick<PictureFile, 'recipe'>, edit: Edit): Edit {
  return withAlphaKept(edit, recipe !== undefined && keepsAlpha(recipe.edit))
}

/** What painted a picture, to paint on with. An upscaler can't, and the other engines can't enlarge. */
export function paintedWith(recipe: Recipe | undefined, edit?: Edit): Pick<JobInput, 'engine' | 'options'> {
  if (!recipe || isPlainUpscale(recipe.edit) || (edit && isPlainUpscale(edit))) return {}
  return { engine: recipe.engine, options: recipe.options }
}

/** A job that repeats a recipe with the source files of its message. @throws UserError `source-missing` */
export async function jobInputFromRecipe(
  { edit, prompt, engine, options }: Recipe,
  message: Message,
  { fetchAttachment }: BotDeps,
  variations?: number,
): Promise<JobInput> {
  const { source, mask } = await fetchSourceFiles(message, fetchAttachment)
  if (!source && edit.kind !== 'imagine') throw new UserError({ code: 'source-missing' })
  const params = { edit, prompt, engine, options, variations, spoiler: isSpoiler(message) }
  return { ...params, source, mask, parent: message.id }
}
