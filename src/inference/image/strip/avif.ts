/** Boxes of a file, and of its `meta` box, that a reader needs (ISO/IEC 14496-12 and 23008-12). Others become empty `free` boxes. */
const FILE_BOXES = new Set(['ftyp', 'meta', 'mdat'])
const META_BOXES = new Set(['hdlr', 'pitm', 'iinf', 'iref', 'iprp', 'iloc', 'idat'])

/** Properties of a picture: size, codec, colors, rotation, which kind of auxiliary picture. */
const PROPERTIES = new Set([
  'ispe',
  'pixi',
  'pasp',
  'colr',
  'av1C',
  'irot',
  'imir',
  'clap',
  'auxC',
  'a1op',
  'a1lx',
  'lsel',
  'mdcv',
  'clli',
])

/** Items of a picture: coded, of tiles, of layers. */
const PICTURE_ITEMS = new Set(['av01', 'grid', 'iovl'])

export type BoxRange = { readonly type: string; readonly start: number; readonly body: number; readonly end: number }
/** What libheif reads at most. Larger files are refused there. */
const MAX_BOXES = 2000
const MAX_ITEMS = 1000
const MAX_EXTENTS = 32

/** How deep references go: a picture's transparency, put together from tiles. */
const MAX_REFERENCE_DEPTH = 8

type Item = { readonly id: number; readonly isPicture: boolean }

/**
 * An AVIF of nothing but its picture: everything else is overwritten by zeros, so that all offsets stay. Kept are the bytes
 * that belong to the main item, its tiles and its auxiliary pictures (its transparency), the properties of an allow-list, and
 * the boxes that list them. Of a sequence the still picture is kept.
 */
export function stripAvif(file: Uint8Array): Buffer {
  const avif = Buffer.from(file)
  const boxes = boxesIn(avif, 0, avif.length)
  const meta = boxes.find(({ type }) => type === 'meta')
  for (const box of boxes) if (!FILE_BOXES.has(box.type)) makeFree(avif, box)
  // Whatever is behind the last box.
  avif.fill(0, boxes.at(-1)?.end ?? 0)
  try {
    const inMeta = meta ? boxesIn(avif, meta.body + 4, meta.end) : []
    for (const box of inMeta) if (!META_BOXES.has(box.type)) makeFree(avif, box)
    const find = (type: string) => inMeta.find(box => box.type === type)
    const kept = meta ? keptItems(avif, find) : new Set<number>()
    const idat = find('idat')
    const ranges = keptRanges(avif, find('iloc'), kept, idat)
    for (const { type, body, end } of [...boxes, ...inMeta]) {
      if (type === 'mdat' || type === 'idat') fillBetween(avif, body, end, ranges)
    }
    cleanProperties(avif, find('iprp'))
    const hdlr = find('hdlr')
    // Version, reserved, type of handler, reserved; then a name.
    if (hdlr) avif.fill(0, hdlr.body + 20, hdlr.end)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    // Its lists can't be read: neither can it be by a decoder.
    avif.fill(0, boxes[0]?.end ?? 0)
  }
  return avif
}

export function boxesIn(file: Buffer, from: number, to: number): BoxRange[] {
  const boxes: BoxRange[] = []
  for (let at = from; at + 8 <= to && boxes.length < MAX_BOXES; ) {
    const size = file.readUInt32BE(at)
    const isLong = size === 1 && at + 16 <= to
    const length = isLong ? Number(file.readBigUInt64BE(at + 8)) : size === 0 ? to - at : size
    const body = at + (isLong ? 16 : 8)
    const end = Math.min(to, at + length)
    if (end < body) break
    boxes.push({ type: file.toString('latin1', at + 4, at + 8), start: at, body, end })
    at = end
  }
  return boxes
}

function makeFree(file: Buffer, { start, body, end }: BoxRange): void {
  file.write('free', start + 4, 'latin1')
  file.fill(0, body, end)
}

type Find = (type: string) => BoxRange | undefined

/** The main item, what it is put together from, and the auxiliary pictures of these; other items lose type and name. */
function keptItems(file: Buffer, find: Find): Set<number> {
  const items = cleanItemInfos(file, find('iinf'))
  const pitm = find('pitm')
  if (!pitm) return new Set()
  const isPicture = new Set(items.filter(item => item.isPicture).map(({ id }) => id))
  const kept = new Set([file[pitm.body] === 0 ? file.readUInt16BE(pitm.body + 4) : file.readUInt32BE(pitm.body + 4)])
  const references = readReferences(file, find('iref'))
  for (let depth = 0, size = 0; size !== kept.size && depth < MAX_REFERENCE_DEPTH; depth++) {
    size = kept.size
    for (const { type, from, to } of references) {
      if (type === 'dimg' && kept.has(from)) for (const id of to) kept.add(id)
      if (type === 'auxl' && to.some(id => kept.has(id))) kept.add(from)
    }
  }
  return new Set([...kept].filter(id => isPicture.has(id)))
}

function cleanItemInfos(file: Buffer, iinf: BoxRange | undefined): Item[] {
  if (!iinf) return []
  const items: Item[] = []
  for (const { type, body, end } of boxesIn(file, iinf.body + (file[iinf.body] === 0 ? 6 : 8), iinf.end)) {
    const version = file[body]!
    if (type !== 'infe' || version < 2) {
      file.fill(0, body, end)
      continue
    }
    const afterId = body + 4 + (version === 2 ? 2 : 4)
    const id = version === 2 ? file.readUInt16BE(body + 4) : file.readUInt32BE(body + 4)
    const isPicture = PICTURE_ITEMS.has(file.toString('latin1', afterId + 2, afterId + 6))
    if (!isPicture) file.write('free', afterId + 2, 'latin1')
    file.fill(0, afterId + 6, end)
    items.push({ id, isPicture })
  }
  return items
}

function readReferences(file: Buffer, iref: BoxRange | undefined) {
  if (!iref) return []
  const idBytes = file[iref.body] === 0 ? 2 : 4
  return boxesIn(file, iref.body + 4, iref.end).map(({ type, body, end }) => {
    const from = file.readUIntBE(body, idBytes)
    const inBox = Math.floor((end - body - idBytes - 2) / idBytes)
    const count = Math.min(file.readUInt16BE(body + idBytes), inBox, MAX_ITEMS)
    const to = Array.from({ length: count }, (_, at) => file.readUIntBE(body + idBytes + 2 + at * idBytes, idBytes))
    return { type, from, to }
  })
}

type Range = { readonly from: number; readonly to: number }

/** Where the bytes of these items are in the file, in order. */
function keptRanges(
  file: Buffer,
  iloc: BoxRange | undefined,
  kept: ReadonlySet<number>,
  idat: BoxRange | undefined,
): Range[] {
  if (!iloc) return []
  let at = iloc.body + 4
  const read = (bytes: number) => {
    const value = bytes === 8 ? Number(file.readBigUInt64BE(at)) : bytes === 0 ? 0 : file.readUIntBE(at, bytes)
    at += bytes
    return value
  }
  const version = file[iloc.body]!
  const sizes = read(2)
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15]
  const indexBytes = version === 0 ? 0 : sizes & 15
  const count = read(version < 2 ? 2 : 4)
  if (count > MAX_ITEMS) throw new RangeError('too many items')
  const ranges: Range[] = []
  for (let item = 0; item < count; item++) {
    const id = read(version < 2 ? 2 : 4)
    const method = version === 0 ? 0 : read(2) & 15
    at += 2
    const base = read(baseBytes)
    const extents = read(2)
    if (extents > MAX_EXTENTS) throw new RangeError('too many extents')
    for (let extent = 0; extent < extents; extent++) {
      read(indexBytes)
      const from = base + read(offsetBytes) + (method === 1 ? (idat?.body ?? 0) : 0)
      const length = read(lengthBytes)
      if (kept.has(id) && method <= 1) ranges.push({ from, to: length === 0 ? file.length : from + length })
    }
  }
  return ranges.sort((one, other) => one.from - other.from)
}

function fillBetween(file: Buffer, start: number, end: number, ranges: readonly Range[]): void {
  let at = start
  for (const { from, to } of ranges) {
    if (from > at) file.fill(0, at, Math.min(from, end))
    at = Math.max(at, Math.min(to, end))
  }
  file.fill(0, at, end)
}

function cleanProperties(file: Buffer, iprp: BoxRange | undefined): void {
  for (const box of iprp ? boxesIn(file, iprp.body, iprp.end) : []) {
    if (box.type === 'ipma') continue
    if (box.type !== 'ipco') makeFree(file, box)
    else
      for (const property of boxesIn(file, box.body, box.end))
        if (!PROPERTIES.has(property.type)) makeFree(file, property)
  }
}
