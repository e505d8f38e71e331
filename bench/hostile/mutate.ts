/** Numbers that lengths and counts are replaced by: none, one, the largest of each size, and those around a sign. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff] as const

/** Random whole numbers below a limit: the same for each seed (xorshift32). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed * 2654435761 || 1
  return below => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % Math.max(1, below)
  }
}

/** A file with one to four faults: bits, lengths, missing, repeated or foreign parts. */
export function mutate(file: Uint8Array, other: Uint8Array, random: (below: number) => number): Buffer {
  let bytes: Buffer = Buffer.from(file)
  for (let faults = 1 + random(4); faults > 0; faults--) bytes = addFault(bytes, other, random)
  return bytes
}

function addFault(bytes: Buffer, other: Uint8Array, random: (below: number) => number): Buffer {
  const at = random(bytes.length)
  const end = at + random(Math.min(256, bytes.length - at) + 1)
  switch (random(7)) {
    case 0:
      bytes[at] = random(256)
      return bytes
    case 1:
      return writeEdge(bytes, at, EDGES[random(EDGES.length)]!, random(2) === 0)
    case 2:
      return bytes.subarray(0, at)
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
    case 4:
      return Buffer.concat([
        bytes.subarray(0, end),
        ...Array(1 + random(50)).fill(bytes.subarray(at, end)),
        bytes.subarray(end),
      ])
    case 5:
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random(other.length)), bytes.subarray(end)])
    default:
      return bytes.fill(random(256), at, end)
  }
}

/** A length or a count, in either order of bytes. */
function writeEdge(bytes: Buffer, at: number, value: number, isLittle: boolean): Buffer {
  const number = Buffer.alloc(4)
  if (isLittle) number.writeUInt32LE(value)
  else number.writeUInt32BE(value)
  number.copy(bytes, at)
  return bytes
}

const PIECES = [
  '\0',
  '\ud800',
  '<@1>',
  '@everyone',
  'https://x.test',
  '](',
  '`',
  '```',
  '\u202e',
  '\n> ',
  '\x1b[2J',
  '"',
  '\\',
  '{}',
  '9'.repeat(400),
]

/** A text with one to four faults. */
export function mutateText(text: string, random: (below: number) => number): string {
  let changed = text
  for (let faults = 1 + random(4); faults > 0; faults--) {
    const at = random(changed.length + 1)
    const piece = random(3) === 0 ? changed.slice(random(changed.length)) : PIECES[random(PIECES.length)]!
    changed = changed.slice(0, at) + (random(4) === 0 ? '' : piece) + changed.slice(at + random(8))
  }
  return changed.slice(0, 100_000)
}
