import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../user-error.js'
import type { StoredTensor } from '../onnx/graph-builder.js'
import { readModelText } from '../onnx/model-file.js'
import type { Tensors } from './checkpoint.js'
import { parsePythonJson } from './python-json.js'
import { readSafetensors } from './safetensors.js'

/** The files that diffusers and transformers write: one, or an index of several; the full precision comes first. */
const WEIGHT_FILES = ['diffusion_pytorch_model', 'model'].flatMap(name => [
  `${name}.safetensors`,
  `${name}.safetensors.index.json`,
  `${name}.fp16.safetensors`,
  `${name}.safetensors.index.fp16.json`,
  `${name}.fp16.safetensors.index.json`,
])

/** The part of a folder that is one network by itself. */
export const WHOLE_FOLDER = '.'

/** A path in a folder, as messages show it. */
function pathIn(part: string, file: string): string {
  return part === WHOLE_FOLDER ? file : `${part}/${file}`
}

/** Weights of one network as torch writes them, relative to the model's folder; undefined if there are none. */
export function findPickle(folder: string, part: string): string | undefined {
  const names = ['diffusion_pytorch_model', 'pytorch_model'].flatMap(name => [
    `${name}.bin`,
    `${name}.fp16.bin`,
    `${name}.bin.index.json`,
  ])
  return names.map(name => pathIn(part, name)).find(name => existsSync(join(folder, name)))
}

/** The file of a network's weights, or the index of several, in its part of the folder. */
export function findWeightFile(folder: string, part: string): string | undefined {
  return WEIGHT_FILES.find(file => existsSync(join(folder, part, file)))
}

/** The tensors of one network, possibly from several files. @throws UserError `checkpoint-incomplete`, `checkpoint-is-pickle` */
export async function readWeights(folder: string, part: string): Promise<Tensors> {
  const model = basename(folder)
  const weightFile = findWeightFile(folder, part)
  if (!weightFile) {
    const pickle = findPickle(folder, part)
    if (pickle !== undefined) throw new UserError({ code: 'checkpoint-is-pickle', file: `${model}/${pickle}` })
    const name = part.startsWith('text_encoder') ? 'model' : 'diffusion_pytorch_model'
    throw new UserError({ code: 'checkpoint-incomplete', file: model, missing: pathIn(part, `${name}.safetensors`) })
  }
  if (!weightFile.endsWith('.json')) return (await readSafetensors(join(folder, part, weightFile))).tensors
  const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) })
  const index = await readFolderJson(folder, pathIn(part, weightFile), indexSchema)
  const all = new Map<string, StoredTensor>()
  for (const file of new Set(Object.values(index.weight_map))) {
    // `basename`: the index must not point outside the folder.
    const shard = basename(file)
    if (!existsSync(join(folder, part, shard))) {
      throw new UserError({ code: 'checkpoint-incomplete', file: model, missing: pathIn(part, shard) })
    }
    const { tensors } = await readSafetensors(join(folder, part, shard))
    for (const [name, tensor] of tensors) all.set(name, tensor)
  }
  return all
}

/** A JSON file of a model's folder by its schema. @throws UserError `checkpoint-incomplete`, `model-unreadable` */
export async function readFolderJson<T>(folder: string, file: string, schema: z.ZodType<T>): Promise<T> {
  const model = basename(folder)
  try {
    const text = await readModelText(join(folder, file))
    if (text === undefined) throw new UserError({ code: 'checkpoint-incomplete', file: model, missing: file })
    return schema.parse(parsePythonJson(text))
  } catch (error) {
    if (error instanceof UserError) throw error
    const detail = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new UserError({ code: 'model-unreadable', model, detail: `${file}: ${detail}` }, { cause: error })
  }
}
