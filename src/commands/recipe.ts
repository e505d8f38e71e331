import { escapeMarkdown } from 'discord.js'
import type { Words } from '../i18n/i18n.js'
import { takesMask } from '../inference/pipeline/edit.js'
import { described, fingerprint, type Recipe } from '../inference/pipeline/recipe.js'
import { readRecipe } from '../inference/pipeline/recipe-file.js'
import { ProblemError } from '../user-error.js'
import type { Command } from './command.js'
import { picture, slash } from './command-builder.js'

const data = slash('recipe')
data.addAttachmentOption(picture('image', true))
data.addAttachmentOption(picture('source', false))
data.addAttachmentOption(picture('mask', false))

/** `/recipe`: how a picture was made; with the picture that it was made from, the same again. */
export const recipe: Command = {
  data: data.toJSON(),
  alone: options => options.getAttachment('source') === null,
  async run(options, { fetchAttachment, words }) {
    const found = await readRecipe(await fetchAttachment(options.getAttachment('image', true)))
    if (!found) throw new ProblemError({ code: 'recipe-missing' })
    const source = options.getAttachment('source')
    if (!source) return { text: recipeText(found, words) }
    const { edit, prompt, seed, engine, options: chosen } = found
    if (fingerprint(await fetchAttachment(source)) !== found.source) throw new ProblemError({ code: 'recipe-differs' })
    const mask = options.getAttachment('mask')
    if (takesMask(edit) && !mask) throw new ProblemError({ code: 'mask-missing' })
    const made = { edit, picture: source, prompt, seed, engine, ...(chosen && { options: chosen }) }
    return { ask: { ...made, variations: 1, ...(mask && { mask, agreed: true }) } }
  },
}

/** A recipe in words. */
export function recipeText({ edit, prompt, seed, engine, source, mask }: Recipe, words: Words): string {
  const names = words.recipe
  return [
    `**${names.title}**: ${words.heading(edit)}`,
    `${names.operation}: \`${described(edit)}\``,
    ...(prompt ? [`${names.prompt}: ${escapeMarkdown(prompt.slice(0, 1000))}`] : []),
    `${names.seed}: ${seed}`,
    `${names.model}: ${engine}`,
    ...(source ? [`${names.source}: \`${source}\``] : []),
    ...(mask ? [`${names.mask}: \`${mask}\``] : []),
    `-# ${names.again}`,
  ].join('\n')
}
