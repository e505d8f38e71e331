import type { Extent } from '../geometry.js'
import { type BoxRange, boxesIn } from './avif.js'

/** An item has some ten properties. More of them are not read. */
const MAX_PROPERTIES = 64

/** The size of the main item of an AVIF, after cropping and rotation (ISO/IEC 23008-12, 6.5); undefined if it has none. */
export function readAvifSize(file: Buffer): Extent | undefined {
  const meta = boxesIn(file, 0, file.length).find(({ type }) => type === 'meta')
  if (!meta) return undefined
  const inMeta = boxesIn(file, meta.body + 4, meta.end)
  const find = (type: string) => inMeta.find(box => box.type === type)
  const [pitm, iprp] = [find('pitm'), find('iprp')]
  if (!pitm || !iprp) return undefined
  const id = file[pitm.body] === 0 ? file.readUInt16BE(pitm.body + 4) : file.readUInt32BE(pitm.body + 4)
  const inIprp = boxesIn(file, iprp.body, iprp.end)
  const ipco = inIprp.find(({ type }) => type === 'ipco')
  const properties = ipco ? boxesIn(file, ipco.body, ipco.end) : []
  const ipma = inIprp.filter(({ type }) => type === 'ipma')
  let size: Extent | undefined
  for (const index of ipma.flatMap(box => propertiesOf(file, box, id))) {
    const property = properties[index - 1]
    if (property) size = apply(file, property, size)
  }
  return size
}

/** The numbers of an item's properties, from 1, in the order in which they apply. */
function propertiesOf(file: Buffer, { body, end }: BoxRange, id: number): number[] {
  const [isLongId, isLongIndex] = [file[body]! >= 1, (file[body + 3]! & 1) === 1]
  let at = body + 8
  while (at < end) {
    const item = isLongId ? file.readUInt32BE(at) : file.readUInt16BE(at)
    at += isLongId ? 4 : 2
    const count = file.readUInt8(at++)
    if (item === id) {
      return Array.from({ length: Math.min(count, MAX_PROPERTIES) }, (_, index) =>
        isLongIndex ? file.readUInt16BE(at + index * 2) & 0x7fff : file.readUInt8(at + index) & 0x7f,
      )
    }
    at += count * (isLongIndex ? 2 : 1)
  }
  return []
}

function apply(file: Buffer, { type, body }: BoxRange, size: Extent | undefined): Extent | undefined {
  if (type === 'ispe') return { width: file.readUInt32BE(body + 4), height: file.readUInt32BE(body + 8) }
  if (!size) return undefined
  if (type === 'irot' && (file.readUInt8(body) & 1) === 1) return { width: size.height, height: size.width }
  if (type !== 'clap') return size
  const side = (at: number) => Math.round(file.readUInt32BE(body + at) / file.readUInt32BE(body + at + 4))
  return { width: side(0), height: side(8) }
}
