import { z } from 'zod'
import type { EditRequest } from '../../commands/command.js'
import { type Edit, editSchema, keepsAlpha, parseEdit, withAlphaKept } from '../../inference/pipeline/edit.js'
import { type DiffusionOptions, diffusionOptionsSchema } from '../../inference/pipeline/options.js'
import { parseJson } from '../../parse-json.js'
import type { OpenedDrawing } from '../../protocol/drawing.js'
import type { ExpiringStore } from '../expiring-store.js'

/** In seconds: as long as a link to the editor works. */
const LIFETIME_SECONDS = 30 * 60

const draftSchema = z.object({
  edit: editSchema,
  prompt: z.string(),
  variations: z.int().optional(),
  seed: z.int().optional(),
  engine: z.string().optional(),
  options: diffusionOptionsSchema.optional(),
})

/** What a command asked for that did not say where to paint. The editor and the form next to it start from it. */
export type DrawingDraft = z.infer<typeof draftSchema>

/** The drafts of commands, by the id of their interaction. */
export interface DrawingDrafts {
  set(command: string, request: EditRequest): Promise<void>
  /** Undefined where there is none, or it has expired. */
  get(command: string): Promise<DrawingDraft | undefined>
}

export function createDrawingDrafts(store: ExpiringStore): DrawingDrafts {
  const key = (command: string) => `draft:${command}`
  return {
    async set(command, { edit, prompt, variations, seed, engine, options }) {
      const draft: DrawingDraft = { edit, prompt, variations, seed, engine, options }
      await store.set(key(command), LIFETIME_SECONDS, JSON.stringify(draft))
    },
    // What another version wrote counts as expired.
    get: async command => draftSchema.safeParse(parseJson(await store.get(key(command)))).data,
  }
}

/** What the editor's form shows of a draft. */
export function shownDraft({ edit, variations, seed, options }: DrawingDraft): NonNullable<OpenedDrawing['draft']> {
  const control = shownControl(options)
  return {
    ...(variations !== undefined && { variations }),
    ...(seed !== undefined && { seed }),
    ...(control !== undefined && { control }),
    ...(edit.kind === 'inpaint' && {
      area: edit.area,
      blur: edit.blur,
      grow: edit.grow ?? 0,
      ...(edit.strength !== undefined && { strength: edit.strength }),
    }),
  }
}

/**
 * An edit that a form asks for, with what the draft says of the same kind of edit and the form leaves out.
 *
 * @throws UserError `edit-invalid`
 */
export function editOfDraft(asked: { readonly kind: Edit['kind'] }, draft: DrawingDraft | undefined): Edit {
  if (draft?.edit.kind === asked.kind) return parseEdit({ ...draft.edit, ...asked })
  return withAlphaKept(parseEdit(asked), draft !== undefined && keepsAlpha(draft.edit))
}

/** The options of the form, with those of the draft that the form doesn't show. */
export function optionsOfDraft(shown: DiffusionOptions, draft: DrawingDraft | undefined): DiffusionOptions {
  const { options = {} } = draft ?? {}
  const { negative: _, control, ...hidden } = options
  const isControlHidden = control !== undefined && shownControl(options) === undefined
  return { ...hidden, ...(isControlHidden && { control }), ...shown }
}

/** The form has room for one ControlNet. */
function shownControl({ control = [] }: DiffusionOptions = {}): string | undefined {
  return control.length === 1 ? control[0] : undefined
}
