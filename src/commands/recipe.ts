import type { Translations } from '../i18n/i18n.js'
import { cleanLine } from '../inference/pipeline/clean-text.js'
import { needsMask } from '../inference/pipeline/edit.js'
import { describeEdit, fingerprint, type Recipe } from '../inference/pipeline/recipe.js'
import { readRecipe } from '../inference/pipeline/recipe-file.js'
import { UserError } from '../user-error.js'
import type { Command } from './command.js'
import { imageOption, slashCommand } from './command-builder.js'
import { plainText } from './plain-text.js'

const data = slashCommand('recipe')
data.addAttachmentOption(imageOption('image', true))
data.addAttachmentOption(imageOption('source', false))
data.addAttachmentOption(imageOption('mask', false))

/** `/recipe`: how a picture was painted; with its source, paint it again. */
export const recipeCommand: Command = {
  data: data.toJSON(),
  isEphemeral: options => options.getAttachment('source') === null,
  async run(options, { fetchAttachment, t }) {
    const found = readRecipe(await fetchAttachment(options.getAttachment('image', true)))
    if (!found) throw new UserError({ code: 'recipe-missing' })
    const source = options.getAttachment('source')
    if (!source) return { text: formatRecipe(found, t) }
    const { edit, prompt, seed, engine, options: engineOptions } = found
    if (fingerprint(await fetchAttachment(source)) !== found.source) throw new UserError({ code: 'recipe-mismatch' })
    const mask = options.getAttachment('mask')
    if (needsMask(edit) && found.mask && !mask) throw new UserError({ code: 'mask-missing' })
    const params = {
      edit,
      prompt,
      seed,
      engine,
      variations: 1,
      spoiler: found.spoiler,
      ...(engineOptions && { options: engineOptions }),
    }
    return {
      request: { ...params, picture: source, ...(mask && { mask, maskConfirmed: true, maskFingerprint: found.mask }) },
    }
  },
}

/** A recipe as text for people. Whoever made the picture chose its texts. */
export function formatRecipe({ edit, prompt, seed, engine, controls, source, mask }: Recipe, t: Translations): string {
  const names = t.recipe
  return [
    `**${names.title}**: ${t.heading(edit)}`,
    `${names.operation}: \`${describeEdit(edit)}\``,
    ...(prompt ? [`${names.prompt}: ${plainText(cleanLine(prompt.slice(0, 1000)))}`] : []),
    `${names.seed}: ${seed}`,
    `${names.model}: ${plainText(cleanLine(engine))}`,
    ...(controls ?? []).map(one => plainText(cleanLine(t.result.control({ ...one, isDefault: undefined })))),
    ...(source ? [`${names.source}: ${fingerprintText(source)}`] : []),
    ...(mask ? [`${names.mask}: ${fingerprintText(mask)}`] : []),
    `-# ${names.howToRepeat}`,
  ].join('\n')
}

/** Ours are hexadecimal digits. */
function fingerprintText(text: string): string {
  return /^[0-9a-f]+$/.test(text) ? `\`${text}\`` : plainText(cleanLine(text))
}
