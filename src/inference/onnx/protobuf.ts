import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

// Encoded fields of protobuf messages (protobuf.dev, "Encoding").

/** An int64 field; negative numbers take ten bytes. */
export function varintField(field: number, value: number | bigint): Uint8Array {
  return new BinaryWriter().tag(field, WireType.Varint).int64(value).finish()
}

export function floatField(field: number, value: number): Uint8Array {
  return new BinaryWriter().tag(field, WireType.Bit32).float(value).finish()
}

/** A field of bytes, a string or an embedded message. */
export function bytesField(field: number, content: Uint8Array | string): Uint8Array {
  const writer = new BinaryWriter().tag(field, WireType.LengthDelimited)
  return (typeof content === 'string' ? writer.string(content) : writer.bytes(content)).finish()
}

/** A packed repeated int64 field. */
export function packedField(field: number, values: readonly (number | bigint)[]): Uint8Array {
  const writer = new BinaryWriter().tag(field, WireType.LengthDelimited).fork()
  for (const value of values) writer.int64(value)
  return writer.join().finish()
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}

/** A field of a message. */
export type Field = {
  readonly field: number
  /** Of bytes, strings, embedded messages and packed lists; otherwise empty. */
  readonly content: Uint8Array
  /** Of integers and single-precision numbers; otherwise 0. */
  readonly value: number
  /** The whole field with its tag. */
  readonly encoded: Uint8Array
}

/** The fields of a message. Nothing is copied. @throws RangeError or Error if the bytes are not a message */
export function readFields(message: Uint8Array): Field[] {
  const reader = new BinaryReader(message)
  const fields: Field[] = []
  while (reader.pos < reader.len) {
    const start = reader.pos
    const [field, type] = reader.tag()
    let content: Uint8Array = EMPTY
    let value = 0
    if (type === WireType.LengthDelimited) content = reader.bytes()
    else if (type === WireType.Varint) value = Number(reader.int64())
    else if (type === WireType.Bit32) value = reader.float()
    else reader.skip(type)
    fields.push({ field, content, value, encoded: message.subarray(start, reader.pos) })
  }
  return fields
}

const EMPTY = new Uint8Array()

/** The content of a packed repeated int64 field. */
export function readPacked(content: Uint8Array): number[] {
  const reader = new BinaryReader(content)
  const values: number[] = []
  while (reader.pos < reader.len) values.push(Number(reader.int64()))
  return values
}
