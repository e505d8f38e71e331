import { open, realpath, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../user-error.js'
import type { StoredTensor, TensorDataType } from '../onnx/graph-builder.js'
import { halfToFloat } from '../onnx/half-precision.js'

/** Bytes per element, by data type in the header. */
const BYTES_PER_ELEMENT: Readonly<Record<string, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
  U16: 2,
  U32: 4,
  U64: 8,
  F8_E4M3: 1,
  F8_E5M2: 1,
}

/** Data types that graphs can use. Tensors of other types are skipped. */
const SUPPORTED_TYPES: ReadonlySet<string> = new Set<TensorDataType>([
  'F64',
  'F32',
  'F16',
  'BF16',
  'F8_E4M3',
  'F8_E5M2',
  'I64',
  'I32',
  'I16',
  'I8',
  'U8',
])

/** Longest header, in bytes: the limit of the format. */
const MAX_HEADER_BYTES = 100_000_000

const size = z.int().nonnegative()
const entrySchema = z.object({ dtype: z.string(), shape: z.array(size).max(8), data_offsets: z.tuple([size, size]) })
const metadataSchema = z.record(z.string(), z.string())

/** The header of a `.safetensors` file. */
export type Safetensors = {
  readonly file: string
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * Read the header of a `.safetensors` file, without the tensors' data. The format: header length (8 bytes,
 * little-endian), JSON header, data. Files are untrusted: every size is checked.
 *
 * @throws UserError `checkpoint-is-pickle`, `checkpoint-truncated`, `checkpoint-corrupt`, `no-such-file`
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  const name = basename(path)
  const broken = (detail: string) => new UserError({ code: 'checkpoint-corrupt', file: name, detail })
  const file = await realpath(path).catch(cause => {
    throw new UserError({ code: 'no-such-file', path }, { cause })
  })
  const stats = await stat(file)
  // Opening a pipe would wait for ever.
  if (!stats.isFile()) throw broken('it isn’t a file')
  const fileSize = stats.size
  const handle = await open(file)
  try {
    const prefix = Buffer.alloc(9)
    const { bytesRead } = await handle.read(prefix, 0, 9, 0)
    if (prefix.toString('latin1', 8) !== '{' && isPickle(prefix)) {
      throw new UserError({ code: 'checkpoint-is-pickle', file: name })
    }
    if (bytesRead < 9) throw new UserError({ code: 'checkpoint-truncated', file: name, has: fileSize, needs: 9 })
    const headerLength = prefix.readBigUInt64LE()
    if (headerLength > MAX_HEADER_BYTES) throw broken(`its header would be ${headerLength} bytes long`)
    const dataStart = 8 + Number(headerLength)
    if (dataStart > fileSize) {
      throw new UserError({ code: 'checkpoint-truncated', file: name, has: fileSize, needs: dataStart })
    }
    const headerBytes = Buffer.alloc(Number(headerLength))
    await handle.read(headerBytes, 0, headerBytes.length, 8)
    return { file, ...parseHeader(headerBytes.toString('utf8'), { file, name, dataStart, fileSize }) }
  } finally {
    await handle.close()
  }
}

/** Whether a file starts as torch's own formats do: a zip archive or a pickle. Unpickling can run code. */
function isPickle(prefix: Buffer): boolean {
  return prefix.toString('latin1', 0, 4) === 'PK\x03\x04' || (prefix[0] === 0x80 && prefix[1]! >= 2 && prefix[1]! <= 5)
}

/** Sizes and offsets in bytes. */
type HeaderLocation = {
  readonly file: string
  readonly name: string
  readonly dataStart: number
  readonly fileSize: number
}

function parseHeader(
  headerBytes: string,
  { file, name, dataStart, fileSize }: HeaderLocation,
): Omit<Safetensors, 'file'> {
  const broken = (detail: string) => new UserError({ code: 'checkpoint-corrupt', file: name, detail })
  let header: unknown
  try {
    header = JSON.parse(headerBytes)
  } catch {
    throw broken('its header is not JSON')
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw broken('its header is not an object')
  const { __metadata__: metadataEntry, ...entries } = header as Record<string, unknown>
  const metadata = metadataSchema.safeParse(metadataEntry ?? {})
  const tensors = new Map<string, StoredTensor>()
  const spans: [from: number, to: number, key: string][] = []
  for (const [key, entry] of Object.entries(entries)) {
    const result = entrySchema.safeParse(entry)
    if (!result.success) throw broken(`${truncateName(key)} is not described as it should be`)
    const { dtype, shape, data_offsets } = result.data
    const [from, to] = data_offsets
    const elementBytes = BYTES_PER_ELEMENT[dtype]
    if (elementBytes === undefined)
      throw broken(`${truncateName(key)} is of the type ${truncateName(dtype)}, which is not known`)
    const count = shape.reduce((product, side) => product * side, 1)
    if (to - from !== count * elementBytes) throw broken(`${truncateName(key)} is not as long as its shape says`)
    spans.push([from, to, key])
    if (!SUPPORTED_TYPES.has(dtype)) continue
    tensors.set(key, { file, type: dtype as TensorDataType, shape, offset: dataStart + from, length: to - from })
  }
  const end = spans.reduce((most, [, to]) => Math.max(most, to), 0)
  if (dataStart + end > fileSize) {
    throw new UserError({ code: 'checkpoint-truncated', file: name, has: fileSize, needs: dataStart + end })
  }
  spans.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  for (const [index, [from, , key]] of spans.entries()) {
    if (index > 0 && from < spans[index - 1]![1]) throw broken(`${truncateName(key)} overlaps another tensor`)
  }
  return { tensors, metadata: metadata.success ? metadata.data : {} }
}

/** For error messages: names come from the file and may have any length. */
function truncateName(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name
}

/** The values of a tensor. */
export async function readTensor({ file, type, offset, length }: StoredTensor): Promise<Float32Array> {
  const handle = await open(file)
  const data = Buffer.alloc(length)
  await handle.read(data, 0, length, offset).finally(() => handle.close())
  const uint16 = () => new Uint16Array(data.buffer, data.byteOffset, length / 2)
  switch (type) {
    case 'F32':
      return new Float32Array(data.buffer, data.byteOffset, length / 4)
    case 'F16':
      return halfToFloat(uint16())
    case 'BF16':
      return new Float32Array(Uint32Array.from(uint16(), half => half << 16).buffer)
    case 'F64':
      return Float32Array.from({ length: length / 8 }, (_, at) => data.readDoubleLE(at * 8))
    case 'F8_E4M3':
      return Float32Array.from(data, byte => eighthToFloat(byte, 4))
    case 'F8_E5M2':
      return Float32Array.from(data, byte => eighthToFloat(byte, 5))
    case 'I64':
      return Float32Array.from({ length: length / 8 }, (_, at) => Number(data.readBigInt64LE(at * 8)))
    case 'I32':
      return Float32Array.from({ length: length / 4 }, (_, at) => data.readInt32LE(at * 4))
    case 'I16':
      return Float32Array.from({ length: length / 2 }, (_, at) => data.readInt16LE(at * 2))
    case 'I8':
      return Float32Array.from(data, byte => (byte << 24) >> 24)
    case 'U8':
      return Float32Array.from(data)
  }
}

/** A float of 8 bits (Micikevicius et al. 2022): E4M3 has no infinities and one NaN, E5M2 is as in IEEE 754. */
function eighthToFloat(byte: number, exponentBits: 4 | 5): number {
  const mantissaBits = 7 - exponentBits
  const [sign, magnitude] = [byte & 0x80 ? -1 : 1, byte & 0x7f]
  const [exponent, mantissa] = [magnitude >> mantissaBits, magnitude & (2 ** mantissaBits - 1)]
  if (exponentBits === 4 ? magnitude === 0x7f : magnitude > 0x7c) return Number.NaN
  if (exponentBits === 5 && magnitude === 0x7c) return sign * Number.POSITIVE_INFINITY
  const bias = 2 ** (exponentBits - 1) - 1
  const fraction = mantissa / 2 ** mantissaBits
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias))
}
