import { gzipSync } from 'node:zlib'
import { PNG_SIGNATURE, pngChunk } from '../../src/inference/image/png-chunks.js'

// Picture files that are small or simple to write and costly to read. Each is a kind that has hurt some reader of pictures.

export type HostilePicture = {
  readonly name: string
  readonly make: () => Buffer
  /** The problem that its header is refused with, where that is certain. */
  readonly refused?: string
}

/** The largest file that the bot fetches. */
const MAX_BYTES = 64 * 1024 * 1024

/** Of what is put into a file afterwards, which copies it. */
const PART_BYTES = 16 * 1024 * 1024

const latin1 = (text: string) => Buffer.from(text, 'latin1')
const u16 = (value: number) => Buffer.from([value & 255, value >> 8])
const u32 = (value: number) => Buffer.from(new Uint32Array([value]).buffer)
const u32be = (value: number) => u32(value).reverse()

/** A file of this head and then one part, as often as it fits. In one buffer: the bench measures memory. */
function fill(part: Buffer, head: Buffer = Buffer.alloc(0), bytes = MAX_BYTES): Buffer {
  const file = Buffer.alloc(head.length + Math.floor((bytes - head.length) / part.length) * part.length)
  head.copy(file)
  return file.fill(part, head.length)
}

export const HOSTILE_PICTURES: readonly HostilePicture[] = [
  { name: 'an SVG in gzip, called PNG', make: () => gzipSync(svg()), refused: 'not-a-picture' },
  { name: 'a PDF', make: () => fill(latin1('%PDF-1.7 <<>>\n'), undefined, 1 << 20), refused: 'not-a-picture' },
  {
    name: 'a PNG of chunks of 12 bytes',
    make: () => png(16, 16, fill(pngChunk('aaAa', Buffer.alloc(0)), undefined, PART_BYTES)),
  },
  {
    name: 'a PNG of empty IDAT chunks',
    make: () => png(16, 16, fill(pngChunk('IDAT', Buffer.alloc(0)), undefined, PART_BYTES)),
  },
  {
    name: 'a PNG of small texts',
    make: () => png(16, 16, fill(pngChunk('tEXt', latin1('parameters\0')), undefined, PART_BYTES)),
  },
  { name: 'a PNG of 4 gigapixels', make: () => png(65_535, 65_535, Buffer.alloc(0)), refused: 'picture-too-large' },
  { name: 'a PNG without width', make: () => png(0, 16, Buffer.alloc(0)), refused: 'not-a-picture' },
  { name: 'a GIF of two million frames', make: () => fill(gifFrame(), gifHeader(16, 16), 2e6 * gifFrame().length) },
  { name: 'a GIF of empty extensions', make: () => fill(Buffer.from([0x21, 0xfe, 0]), gifHeader(16, 16)) },
  {
    name: 'a GIF of graphic controls',
    make: () => fill(Buffer.from([0x21, 0xf9, 4, 0, 0, 0, 0, 0]), gifHeader(16, 16)),
  },
  {
    name: 'a GIF of blocks of one byte',
    make: () => fill(Buffer.from([1, 7]), Buffer.concat([gifHeader(16, 16), Buffer.from([0x21, 0xfe])])),
  },
  { name: 'a JPEG of empty segments', make: () => fill(Buffer.from([0xff, 0xdb, 0, 2]), latin1('\xff\xd8')) },
  { name: 'a JPEG of fill bytes', make: () => fill(Buffer.from([0xff]), latin1('\xff\xd8\xff')) },
  { name: 'a JPEG of restart markers', make: () => fill(Buffer.from([0xff, 0xd0]), latin1('\xff\xd8\xff\xd0')) },
  { name: 'a JPEG of stuffed bytes', make: () => fill(Buffer.from([0xff, 0]), jpeg(16, 16, true)) },
  { name: 'a JPEG of a million scans', make: () => fill(Buffer.from([0xff, 0xda, 0, 2, 0]), jpeg(16, 16, true)) },
  { name: 'a JPEG of 4 gigapixels', make: () => jpeg(65_535, 65_535), refused: 'picture-too-large' },
  { name: 'a WebP of empty chunks', make: () => webp(fill(latin1('VP8 \0\0\0\0'), undefined, PART_BYTES)) },
  { name: 'a WebP of empty frames', make: () => webp(fill(webpFrame(), undefined, PART_BYTES)) },
  {
    name: 'a WebP whose one frame has a million parts',
    make: () => webp(webpFrame(latin1('ALPH\0\0\0\0'), 8_000_000)),
  },
  { name: 'a TIFF of 10 gigapixels, turned', make: () => tiff(100_000, 100_000), refused: 'picture-too-large' },
  { name: 'a TIFF whose directory follows itself', make: () => tiff(16, 16, 8) },
  { name: 'a TIFF of 4000 tags that share one value', make: sharedValueTiff },
  { name: 'a BigTIFF of 2⁶⁰ tags', make: () => bigTiff(), refused: 'not-a-picture' },
  { name: 'an AVIF of empty boxes', make: () => fill(latin1('\0\0\0\x08free'), ftyp()), refused: 'not-a-picture' },
  { name: 'an AVIF of 2³² items without extents', make: () => avif(iloc(0xffffffff, 0)), refused: 'not-a-picture' },
  {
    name: 'an AVIF of items of 65,535 empty extents',
    make: () => avif(iloc(1_000_000, 65_535)),
    refused: 'not-a-picture',
  },
  { name: 'an AVIF of references to everything', make: () => avif(iref()), refused: 'not-a-picture' },
  { name: 'an AVIF of 4 gigapixels', make: () => avif(avifSize(65_535, 65_535)), refused: 'picture-too-large' },
  { name: 'an AVIF whose boxes are nested in themselves', make: () => fill(box('meta', Buffer.alloc(8)), ftyp()) },
]

function svg(): Buffer {
  const shapes = '<g><rect width="9" height="9"/></g>'.repeat(1000)
  return latin1(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${shapes}</svg>`)
}

function png(width: number, height: number, chunks: Buffer): Buffer {
  const header = Buffer.concat([u32be(width), u32be(height), Buffer.from([8, 2, 0, 0, 0])])
  const file = [PNG_SIGNATURE, pngChunk('IHDR', header), chunks]
  return Buffer.concat([...file, pngChunk('IEND', Buffer.alloc(0))])
}

function gifHeader(width: number, height: number): Buffer {
  return Buffer.concat([latin1('GIF89a'), u16(width), u16(height), Buffer.from([0x80, 0, 0, 0, 0, 0, 255, 255, 255])])
}

function gifFrame(): Buffer {
  return Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0])
}

function jpeg(width: number, height: number, hasScan = false): Buffer {
  const size = Buffer.concat([u16(height).reverse(), u16(width).reverse()])
  const frame = Buffer.concat([Buffer.from([0xff, 0xc0, 0, 11, 8]), size, Buffer.from([1, 1, 0x11, 0])])
  const scan = hasScan ? Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]) : Buffer.alloc(0)
  return Buffer.concat([latin1('\xff\xd8'), frame, scan])
}

function webp(chunks: Buffer): Buffer {
  const extended = Buffer.concat([latin1('VP8X\x0a\0\0\0\x02\0\0\0'), Buffer.from([15, 0, 0, 15, 0, 0])])
  return Buffer.concat([latin1('RIFF'), u32(4 + extended.length + chunks.length), latin1('WEBP'), extended, chunks])
}

function webpFrame(part: Buffer = Buffer.alloc(0), count = 1): Buffer {
  const body = Buffer.concat([Buffer.alloc(16), Buffer.alloc(part.length * count, part), Buffer.alloc(2)])
  return Buffer.concat([latin1('ANMF'), u32(body.length), body])
}

function tiffTag(tag: number, type: number, count: number, value: number): Buffer {
  return Buffer.concat([u16(tag), u16(type), u32(count), u32(value)])
}

function tiff(width: number, height: number, next = 0): Buffer {
  const tags = [tiffTag(256, 4, 1, width), tiffTag(257, 4, 1, height), tiffTag(258, 3, 1, 8), tiffTag(274, 3, 1, 6)]
  const strips = [tiffTag(273, 4, 1, 8), tiffTag(279, 4, 1, 16)]
  const all = [...tags.slice(0, 3), strips[0]!, tags[3]!, strips[1]!]
  return Buffer.concat([latin1('II*\0'), u32(8), u16(all.length), ...all, u32(next), Buffer.alloc(16)])
}

/** Each tag has the same value of 512 kB: copied once for each, they take 2 GB. */
function sharedValueTiff(): Buffer {
  const tags = Array.from({ length: 4000 }, () => tiffTag(320, 7, 1 << 19, 60_000))
  return Buffer.concat([latin1('II*\0'), u32(8), u16(tags.length), ...tags, u32(0), Buffer.alloc(1 << 20)])
}

function bigTiff(): Buffer {
  const count = Buffer.from(new BigUint64Array([1n << 60n]).buffer)
  return Buffer.concat([latin1('II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0'), count, Buffer.alloc(64)])
}

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([u32be(8 + body.length), latin1(type), body])
}

function ftyp(): Buffer {
  return box('ftyp', latin1('avif\0\0\0\0avifmif1'))
}

function avif(...inMeta: readonly Buffer[]): Buffer {
  const pitm = box('pitm', Buffer.from([0, 0, 0, 0, 0, 1]))
  return Buffer.concat([ftyp(), box('meta', Buffer.alloc(4), pitm, ...inMeta)])
}

/** Where items are: none of its numbers takes a byte, so that an item takes ten. */
function iloc(items: number, extents: number): Buffer {
  const item = Buffer.concat([u32be(1), Buffer.alloc(4), u16(extents)])
  const body = Buffer.alloc(Math.min(items, 1_000_000) * item.length, item)
  return box('iloc', Buffer.from([2, 0, 0, 0, 0, 0]), u32be(items), body)
}

function iref(): Buffer {
  const reference = box('dimg', u16(1).reverse(), u16(65_535), Buffer.alloc(65_535 * 2, 1))
  return box('iref', Buffer.alloc(4), Buffer.alloc(reference.length * 100, reference))
}

function avifSize(width: number, height: number): Buffer {
  const ispe = box('ispe', Buffer.alloc(4), u32be(width), u32be(height))
  const ipma = box('ipma', Buffer.alloc(4), u32be(1), u16(1).reverse(), Buffer.from([1, 1]))
  return box('iprp', box('ipco', ispe), ipma)
}
