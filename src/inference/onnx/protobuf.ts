/** Fields of a protobuf message, as bytes (protobuf.dev, "Encoding"). */

/** A whole number, of wire type 0. Negative ones take ten bytes, as for int64. */
export function varint(field: number, value: number | bigint): Uint8Array {
  return joined([number(field << 3), number(value)])
}

/** A 32-bit float, of wire type 5. */
export function float(field: number, value: number): Uint8Array {
  return joined([number((field << 3) | 5), new Uint8Array(Float32Array.of(value).buffer)])
}

/** Bytes, a text or another message, of wire type 2. */
export function bytes(field: number, content: Uint8Array | string): Uint8Array {
  const data = typeof content === 'string' ? Buffer.from(content) : content
  return joined([number((field << 3) | 2), number(data.length), data])
}

/** Several whole numbers in one field, of wire type 2. */
export function packed(field: number, values: readonly (number | bigint)[]): Uint8Array {
  return bytes(field, joined(values.map(number)))
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}

function number(value: number | bigint): Uint8Array {
  let left = BigInt.asUintN(64, BigInt(value))
  const digits: number[] = []
  while (left >= 128n) {
    digits.push(Number(left & 127n) | 128)
    left >>= 7n
  }
  digits.push(Number(left))
  return Uint8Array.from(digits)
}
