import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { basename, join } from 'node:path'
import { findWeightFile } from '../checkpoint/folder-weights.js'
import { isRegularFile } from '../onnx/model-file.js'

/** Longest header of a checkpoint that is read here, in bytes. Those of SDXL have about 400 kB. */
const MAX_HEADER_BYTES = 10_000_000

/** The header of a `.safetensors` file: its length in 8 bytes, then JSON. Empty if it can't be read. */
export function readTensorHeader(file: string): Record<string, unknown> {
  if (!isRegularFile(file)) return {}
  const handle = openSync(file, 'r')
  try {
    const prefix = Buffer.alloc(8)
    const length = readSync(handle, prefix, 0, 8, 0) === 8 ? Number(prefix.readBigUInt64LE()) : 0
    if (length === 0 || length > MAX_HEADER_BYTES) return {}
    const json = Buffer.alloc(length)
    readSync(handle, json, 0, length, 8)
    return parseObject(json.toString('utf8'))
  } finally {
    closeSync(handle)
  }
}

/**
 * The headers of a network's weights: of a `.safetensors` file, or of all files in a part of a folder.
 *
 * @param part of a folder in which the weights of a network are
 */
export function readTensorHeaders(path: string, part: string): Record<string, unknown>[] {
  if (isRegularFile(path)) return [readTensorHeader(path)]
  const file = findWeightFile(path, part)
  if (file === undefined) return []
  if (!file.endsWith('.json')) return [readTensorHeader(join(path, part, file))]
  const { weight_map: map } = readJsonObject(join(path, part, file))
  const shards = typeof map === 'object' && map !== null ? new Set(Object.values(map).map(String)) : []
  return [...shards].map(shard => readTensorHeader(join(path, part, basename(shard))))
}

/** A file with a JSON object; empty if there is none. */
export function readJsonObject(file: string): Record<string, unknown> {
  return isRegularFile(file) ? parseObject(readFileSync(file, 'utf8')) : {}
}

/** A JSON object; empty if the text is none. */
function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {} // painting with this model reports what is wrong with it
  }
}

/** The shape of a tensor in a header. */
export function shapeIn(entry: unknown): readonly number[] | undefined {
  const shape = typeof entry === 'object' && entry !== null && 'shape' in entry ? entry.shape : undefined
  return Array.isArray(shape) ? shape : undefined
}
