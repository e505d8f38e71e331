import { existsSync, readdirSync } from 'node:fs'
import { join, parse } from 'node:path'
import type { StoredTensor } from '../onnx/graph-builder.js'
import { CHECKPOINT_EXTENSION } from './checkpoint.js'
import { BUNDLED_EMBEDDING } from './lora-tensors.js'
import { readSafetensors } from './safetensors.js'

/** Vectors that a word in a prompt stands for (textual inversion: Gal et al. 2022). */
export type Embedding = {
  readonly name: string
  /** How many tokens it takes. */
  readonly count: number
  /** For each text encoder, of shape [count, width]. */
  readonly vectors: readonly StoredTensor[]
}

/** Most tokens of one embedding: those of a chunk. */
const MAX_VECTORS = 75

/** The folder of embeddings inside the model folder. */
const EMBEDDING_FOLDER = 'embeddings'

/** Extensions of files that only Python reads. */
const PICKLE_EXTENSIONS = ['.pt', '.bin']

/** The names of a model folder's embeddings, and the files that can't be read, sorted. */
export function listEmbeddings(modelFolder: string): { names: string[]; pickles: string[] } {
  const folder = join(modelFolder, EMBEDDING_FOLDER)
  const files = (existsSync(folder) ? readdirSync(folder) : []).sort().map(file => parse(file))
  const names = files.filter(({ ext }) => ext === CHECKPOINT_EXTENSION).map(({ name }) => name)
  const pickles = files.filter(({ name, ext }) => PICKLE_EXTENSIONS.includes(ext) && !names.includes(name))
  return { names, pickles: pickles.map(({ base }) => base) }
}

/**
 * Read the embeddings of a model folder. Those for another kind of model are left out, and their names in prompts are
 * ordinary words, as in A1111's web UI.
 *
 * @param widths of the text encoders' tokens
 * @param log receives a line for each file that is left out
 * @throws UserError those of `readSafetensors`
 */
export async function readEmbeddings(
  modelFolder: string,
  widths: readonly number[],
  log: (line: string) => void = () => {},
): Promise<Embedding[]> {
  const found: Embedding[] = []
  for (const name of listEmbeddings(modelFolder).names) {
    const { tensors } = await readSafetensors(join(modelFolder, EMBEDDING_FOLDER, `${name}${CHECKPOINT_EXTENSION}`))
    const embedding = embeddingOf(name, tensors, widths)
    if (embedding) found.push(embedding)
    else log(`embedding ${name} is for another kind of model`)
  }
  return found
}

/** The embeddings inside a LoRA's file that fit the model. Parameters as for {@link readEmbeddings}. */
export function bundledEmbeddings(tensors: ReadonlyMap<string, StoredTensor>, widths: readonly number[]): Embedding[] {
  const byName = new Map<string, Map<string, StoredTensor>>()
  for (const [key, tensor] of tensors) {
    const [, name, part] = BUNDLED_EMBEDDING.exec(key) ?? []
    if (name !== undefined) byName.set(name, (byName.get(name) ?? new Map()).set(part!, tensor))
  }
  return [...byName].flatMap(([name, parts]) => embeddingOf(name, parts, widths) ?? [])
}

/** Names of SDXL's vectors, by text encoder. All other files have one tensor. */
const SDXL_VECTORS = ['clip_l', 'clip_g'] as const

function embeddingOf(
  name: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  widths: readonly number[],
): Embedding | undefined {
  const isForXl = SDXL_VECTORS.every(part => tensors.has(part))
  if (isForXl !== widths.length > 1) return undefined
  const parts = isForXl ? SDXL_VECTORS.map(part => tensors.get(part)) : [...tensors.values()].slice(0, 1)
  const vectors = parts.flatMap((tensor, index) => {
    if (!tensor) return []
    const width = tensor.shape.at(-1)!
    const count = tensor.shape.length === 1 ? 1 : tensor.shape[0]!
    return tensor.shape.length <= 2 && width === widths[index] ? [{ ...tensor, shape: [count, width] }] : []
  })
  const count = vectors[0]?.shape[0] ?? 0
  const fits = vectors.length === widths.length && vectors.every(({ shape }) => shape[0] === count)
  return fits && count > 0 && count <= MAX_VECTORS ? { name, count, vectors } : undefined
}
