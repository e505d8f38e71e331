import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

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
