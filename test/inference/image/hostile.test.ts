import { describe, expect, test } from 'vitest'
import { readPicture } from '../../../src/inference/image/decode.js'
import { fileExtension, readHeader } from '../../../src/inference/image/header.js'
import { sharp } from '../../../src/inference/image/sharp.js'
import { stripMetadata } from '../../../src/inference/image/strip-metadata.js'
import { readRecipe } from '../../../src/inference/pipeline/recipe-file.js'
import { HOSTILE_PICTURES } from '../../support/hostile-pictures.js'
import { problemIn } from '../../support/problems.js'

/** What the bot does to a file in its own process. */
async function handle(file: Uint8Array) {
  const stripped = stripMetadata(file)
  const problem = await problemIn(
    Promise.resolve().then(() => ({ ...readHeader(stripped), as: fileExtension(stripped) })),
  )
  return { stripped, problem, recipe: readRecipe(stripped) }
}

describe('a file that was made to hurt', () => {
  test.each(HOSTILE_PICTURES)('$name takes no memory', async ({ make }) => {
    const file = make()
    const before = process.memoryUsage()
    const { stripped } = await handle(file)
    const after = process.memoryUsage()
    // Objects for each of millions of parts would take several times the file.
    expect(after.heapUsed - before.heapUsed).toBeLessThan(48 * 1024 * 1024)
    expect(stripped.length).toBeLessThanOrEqual(file.length + 1024)
  })

  test.each(HOSTILE_PICTURES.filter(({ refused }) => refused))('$name is refused', async ({ make, refused }) => {
    expect(await handle(make())).toMatchObject({ problem: { code: refused } })
  })
})

describe('a picture that is larger than its header says is refused when it is decoded:', () => {
  const header = { width: 16, height: 16 }
  const large = () => sharp({ create: { width: 1024, height: 1024, channels: 3, background: '#345' } })

  test('an AVIF', async () => {
    const file = await large().avif({ effort: 0 }).toBuffer()
    const size = file.indexOf('ispe') + 8
    file.writeUInt32BE(header.width, size)
    file.writeUInt32BE(header.height, size + 4)
    await isRefused(file)
  })

  test.each([true, false])('a WebP, lossless: %s', async lossless => {
    const chunks = (await large().webp({ lossless, effort: 0 }).toBuffer()).subarray(12)
    const canvas = Buffer.from([10, 0, 0, 0, 0, 0, 0, 0, header.width - 1, 0, 0, header.height - 1, 0, 0])
    const head = Buffer.from('RIFF\0\0\0\0WEBPVP8X')
    head.writeUInt32LE(8 + canvas.length + chunks.length, 4)
    await isRefused(Buffer.concat([head, canvas, chunks]))
  })

  test('a GIF', async () => {
    const file = Buffer.from('GIF89a\x10\0\x10\0\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0;', 'latin1')
    await isRefused(file)
  })

  test('a TIFF, by its tiles', async () => {
    const file = await large().resize(header).tiff({ tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer()
    // The tags 322 and 323: one number of 16 bits each.
    for (const tag of [322, 323]) {
      const at = file.indexOf(Buffer.from([tag & 255, tag >> 8, 3, 0, 1, 0, 0, 0]))
      file.writeUInt16LE(0xfff0, at + 8)
    }
    await isRefused(file)
  })

  async function isRefused(file: Buffer): Promise<void> {
    expect(readHeader(file)).toMatchObject(header)
    expect((await problemIn(readPicture(stripMetadata(file))))?.code).toMatch(/^(not-a-picture|picture-corrupt)$/)
  }
})
