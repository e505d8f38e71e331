import { join, parse } from 'node:path'
import { isRegularFile, readModelText } from '../onnx/model-file.js'

/** What is known of a distilled model in one file. */
export type Distillation = {
  readonly steps?: number
  readonly guidance?: number
  /** A line for the log, where the model's name says that it is distilled, and nothing says for how many steps. */
  readonly hint?: string
}

/** Files next to a checkpoint with notes on it, as A1111's web UI and download tools write them. */
const NOTE_EXTENSIONS = ['.yaml', '.json', '.civitai.info'] as const

/** Metadata of the file that people write (the "modelspec" of Stability AI). */
const SPOKEN_METADATA = ['modelspec.usage_hint', 'modelspec.description', 'modelspec.title'] as const

/** Names of distillation methods, with the steps and guidance that their pages recommend. */
const METHODS: readonly (readonly [RegExp, string])[] = [
  [/lightning/i, 'Lightning: 4 to 8 steps, guidance 1 to 2'],
  [/hyper[-_ ]?sd|hyper/i, 'Hyper: 1 to 8 steps, guidance 1'],
  [/turbo/i, 'Turbo: 4 to 8 steps, guidance 1 to 2'],
  [/(?<![a-z])dmd2?(?![a-z])/i, 'DMD: 4 steps, guidance 1'],
  [/(?<![a-z])lcm(?![a-z])/i, 'LCM: 4 to 8 steps, guidance 1 to 2, and the LCM sampler'],
]

/** Steps and guidance in notes: `steps: 4`, `"cfgScale": 1.5`; and in sentences: `4 steps`, `CFG 1`. */
const FIELDS = {
  steps: [/^[\s{[,]*"?(?:num_inference_)?steps"?\s*:\s*"?(\d+)/im, /\b(\d+)[ -]?steps?\b/i],
  guidance: [
    /^[\s{[,]*"?(?:cfg(?:_?scale)?|guidance(?:_scale)?)"?\s*:\s*"?(\d+(?:\.\d+)?)/im,
    /\b(?:cfg|guidance)(?:[ _]scale)?(?: of)?[ :=]{1,3}(\d+(?:\.\d+)?)/i,
  ],
} as const

/** More steps than this are no distilled model's. */
const MAX_DISTILLED_STEPS = 16

/**
 * Read whether a checkpoint is distilled (Turbo, Lightning, Hyper and the like), from its metadata and the notes next to
 * it. Its name alone only gives a hint.
 *
 * @returns undefined for other models
 */
export async function readDistillation(
  path: string,
  name: string,
  metadata: Readonly<Record<string, string>>,
): Promise<Distillation | undefined> {
  const spoken = SPOKEN_METADATA.map(key => metadata[key] ?? '').join('\n')
  const notes = (await readNotes(path)).join('\n')
  const method = METHODS.find(([pattern]) => pattern.test(`${name}\n${spoken}\n${notes}`))
  if (!method) return undefined
  const find = ([field, sentence]: readonly [RegExp, RegExp]) => {
    const [, number] = field.exec(splitEntries(notes)) ?? sentence.exec(spoken) ?? sentence.exec(notes) ?? []
    return number === undefined ? undefined : Number(number)
  }
  const [steps, guidance] = [find(FIELDS.steps), find(FIELDS.guidance)]
  if (steps === undefined || steps === 0 || steps > MAX_DISTILLED_STEPS) {
    return { hint: `${name} looks distilled; set its steps and guidance (${method[1]})` }
  }
  return { steps, guidance: Math.max(1, guidance ?? 1) }
}

/** Whether the `.yaml` next to a checkpoint says that it predicts velocity, as A1111's web UI reads it. */
export async function saysVelocity(path: string): Promise<boolean> {
  const [yaml] = await readNotes(path, ['.yaml'])
  return /^\s*parameterization:\s*["']?v["']?\s*(?:#.*)?$/m.test(yaml ?? '')
}

async function readNotes(path: string, extensions: readonly string[] = NOTE_EXTENSIONS): Promise<string[]> {
  const { dir, name } = parse(path)
  const files = extensions.map(extension => join(dir, `${name}${extension}`)).filter(isRegularFile)
  return Promise.all(files.map(async file => ((await readModelText(file)) ?? '').slice(0, MAX_NOTES_LENGTH)))
}

/** Characters of notes that are read. */
const MAX_NOTES_LENGTH = 100_000

/** JSON may be on one line: each entry gets its own. */
function splitEntries(text: string): string {
  return text.replaceAll(/([,{[])\s*"/g, '$1\n"')
}
