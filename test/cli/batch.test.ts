import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasResults, listInputs, maskFor } from '../../src/cli/batch-inputs.js'
import { runProgram } from '../../src/cli/program.js'
import { readRecipe } from '../../src/inference/pipeline/recipe-file.js'
import { landscape } from '../contracts/engine.js'
import { problemIn } from '../support/problems.js'

let root = ''
const path = (...names: string[]) => join(root, ...names)
const size = { width: 48, height: 32 }

async function folderOf(name: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  await mkdir(path(name), { recursive: true })
  for (const [file, bytes] of Object.entries(files)) await writeFile(path(name, file), bytes)
  return path(name)
}

const picture = () => sharp(landscape(size.width, size.height).data, { raw: { ...size, channels: 3 } })

/** White from the left to a column. */
function mask(width: number): Promise<Buffer> {
  const data = Buffer.from(
    Array.from({ length: size.width * size.height }, (_, at) => (at % size.width < width ? 255 : 0)),
  )
  return sharp(data, { raw: { ...size, channels: 1 } })
    .png()
    .toBuffer()
}

/** Run the program in this process. */
async function overscan(...argv: string[]) {
  const written = { stdout: '', stderr: '' }
  const restore = (['stdout', 'stderr'] as const).map(name => {
    const stream = process[name]
    const { write } = stream
    stream.write = ((text: string) => {
      written[name] += text
      return true
    }) as typeof write
    return () => {
      stream.write = write
    }
  })
  try {
    return { ...written, code: await runProgram(argv), ...{ written } }
  } finally {
    for (const one of restore) one()
    process.exitCode = undefined
  }
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'overscan-batch-'))
})
afterAll(() => rm(root, { recursive: true }))

const FEW = ['--variations', '1', '--seed', '5'] as const

describe('a folder of pictures', () => {
  test('is painted one by one; a picture that fails does not stop the others, and the exit code tells', async () => {
    const png = await picture().png().toBuffer()
    const folder = await folderOf('mixed', { 'a 10.png': png, 'a 9.png': png, 'b.png': 'no picture', 'notes.txt': 'x' })
    const { code, written } = await overscan('square', folder, '-o', path('mixed-out'), ...FEW)
    expect(code).toBe(2)
    expect(written.stderr).toMatch(
      /^1\/3 a 9\.png\n2\/3 a 10\.png\n3\/3 b\.png\noverscan: .*b\.png: I can’t read that file/,
    )
    expect(written.stdout).toMatch(/Painted 2 of 3 pictures; 1 failed\.\n$/)
    expect((await readdir(path('mixed-out'))).sort()).toEqual(['a 10-square-5.png', 'a 9-square-5.png'])

    const again = await overscan('square', folder, '-o', path('mixed-out'), ...FEW, '--skip-existing', '--json')
    expect(again.code).toBe(2)
    expect(JSON.parse(again.written.stdout).results).toEqual([
      { source: path('mixed', 'a 9.png'), skipped: true },
      { source: path('mixed', 'a 10.png'), skipped: true },
      { source: path('mixed', 'b.png'), problem: { code: 'not-a-picture' }, message: expect.any(String), exitCode: 2 },
    ])
  })

  test('with a folder of masks: each picture has its own; the kept part stays', async () => {
    const png = await picture().png().toBuffer()
    const folder = await folderOf('two', { 'one.png': png, 'two.png': png, 'three.png': png })
    const masks = await folderOf('two-masks', {
      'one.png': await mask(10),
      'TWO.webp': await sharp(await mask(30))
        .webp({ lossless: true })
        .toBuffer(),
    })
    const { code, written } = await overscan('inpaint', folder, '--mask', masks, '-o', path('two-out'), ...FEW)
    expect(code).toBe(2)
    expect(written.stderr).toMatch(/three\.png: .*two-masks has no mask for three\.png/)
    for (const [name, width] of [
      ['one', 10],
      ['two', 30],
    ] as const) {
      const data = await sharp(path('two-out', `${name}-inpaint-5.png`))
        .raw()
        .toBuffer()
      const before = landscape(size.width, size.height).data
      const changed = [...data.keys()].filter(at => data[at] !== before[at]).map(at => Math.floor(at / 3) % size.width)
      expect(Math.max(...changed)).toBe(width - 1)
    }
  })

  test('without pictures, or with the results in it, is refused', async () => {
    const empty = await folderOf('empty', { 'notes.txt': 'x', '.hidden.png': 'x' })
    expect(await problemIn(listInputs(empty, path('out')))).toEqual({ code: 'folder-empty', path: empty })
    expect(await problemIn(listInputs(empty, join(empty, '..', 'empty')))).toEqual({
      code: 'output-is-input',
      path: empty,
    })
  })

  test('never writes two results to one file', async () => {
    const folder = await folderOf('names', {
      'a.png': '',
      'A.jpg': '',
      'b.webp': '',
      'caf\u00e9.png': '',
      'cafe\u0301.jpg': '',
      'a.png.gif': '',
    })
    const names = (await listInputs(folder, path('out'))).map(({ name }) => name)
    const keys = new Set(names.map(name => name.normalize('NFC').toLowerCase()))
    expect(keys.size).toBe(6)
    expect(names).toContain('b')
    expect(names).toContain('A.jpg')
  })
})

test('a mask is found by the name of its picture; two of that name are refused', async () => {
  const masks = await folderOf('masks', { 'a.png': '', 'a.webp': '', 'b.webp': '' })
  expect(await maskFor('x/a.png', masks)).toBe(join(masks, 'a.png'))
  expect(await maskFor('x/b.jpg', masks)).toBe(join(masks, 'b.webp'))
  expect(await maskFor('x/b.jpg', 'mask.png')).toBe('mask.png')
  expect(await problemIn(maskFor('x/a.jpg', masks))).toEqual({
    code: 'mask-unmatched',
    picture: 'a.jpg',
    folder: masks,
    found: 2,
  })
  expect(await problemIn(maskFor('x/c.jpg', masks))).toMatchObject({ found: 0 })
})

test('results are there if all variations are, of the seed if one is given', async () => {
  const output = await folderOf('results', {
    'a-square-5.png': '',
    'a-square-6.png': '',
    'a-square-x.png': '',
    'ab-square-7.png': '',
  })
  const settings = {
    edit: { kind: 'square' },
    output,
    prompt: '',
    engine: 'fill',
    modelFolder: '',
    device: undefined,
  } as const
  const has = (variations: number, seed?: number, format?: 'webp') =>
    hasResults({ source: 'in/a.jpg' }, { ...settings, variations, seed, format })
  expect([
    await has(2, 5),
    await has(3, 5),
    await has(2),
    await has(3),
    await has(2, 6),
    await has(1, 5, 'webp'),
  ]).toEqual([true, false, true, false, false, false])
})

describe('formats', () => {
  test.each(['jpeg', 'webp'] as const)(
    '%s has the size, sRGB and the recipe; a lower quality is smaller',
    async format => {
      const file = path('photo.png')
      await picture().withIccProfile('p3').png().toFile(file)
      const bytes: number[] = []
      for (const quality of ['95', '20']) {
        const output = path(`${format}-${quality}`)
        const { code, written } = await overscan(
          'zoom',
          file,
          '-o',
          output,
          '--format',
          format,
          '--quality',
          quality,
          ...FEW,
        )
        expect(code).toBe(0)
        expect(written.stderr).toMatch(/note: the colors were converted to sRGB/)
        const result = await readFile(join(output, `photo-zoom-5.${format === 'jpeg' ? 'jpg' : 'webp'}`))
        expect(await sharp(result).metadata()).toMatchObject({ format, ...size, space: 'srgb' })
        expect(readRecipe(result)).toMatchObject({ edit: { kind: 'zoom' }, seed: 5 })
        bytes.push(result.length)
      }
      expect(bytes[1]).toBeLessThan(bytes[0]!)
    },
  )

  test('transparent parts are white in a JPEG, and stay in a WebP', async () => {
    const file = path('sticker.png')
    const clear = { create: { width: 12, height: 12, channels: 4 as const, background: '#000f' } }
    await picture()
      .ensureAlpha()
      .composite([{ input: clear, left: 0, top: 0, blend: 'dest-out' }])
      .png()
      .toFile(file)
    await writeFile(
      path('corner.png'),
      await sharp(await mask(48))
        .extract({ left: 0, top: 0, ...size })
        .png()
        .toBuffer(),
    )
    await writeFile(
      path('right.png'),
      await sharp(await mask(20))
        .flop()
        .png()
        .toBuffer(),
    )
    const argv = ['inpaint', file, '--mask', path('right.png'), '-o', path('flat'), ...FEW] as const
    const { written } = await overscan(...argv, '--format', 'jpeg')
    expect(written.stderr).toMatch(/note: JPEG has no transparency, so transparent parts are white/)
    const jpeg = await sharp(path('flat', 'sticker-inpaint-5.jpg')).raw().toBuffer()
    expect([...jpeg.subarray(0, 3)].every(value => value > 245)).toBe(true)
    await overscan(...argv, '--format', 'webp')
    const webp = await sharp(path('flat', 'sticker-inpaint-5.webp')).ensureAlpha().raw().toBuffer()
    expect([webp[3], webp[47 * 4 + 3]]).toEqual([0, 255])
  })

  test.each([
    [['--quality', '50'], /PNG loses nothing/],
    [['--format', 'webp', '--quality', '0'], /from 1 to 100/],
    [['--format', 'webp', '--quality', '7.5'], /whole number/],
    [['--format', 'jpeg', '--keep-alpha'], /JPEG has no transparency/],
    [['--format', 'bmp'], /Allowed choices are png, jpeg, webp/],
  ])('%j is refused', async (argv, sentence) => {
    const { code, written } = await overscan('square', path('photo.png'), '-o', path('none'), ...argv)
    expect([code, written.stderr]).toEqual([2, expect.stringMatching(sentence)])
  })
})

test('notes say what reading a picture left out', async () => {
  const frames = Buffer.concat([landscape(48, 32).data, landscape(48, 32).data.map(value => 255 - value)])
  await sharp(frames, { raw: { width: 48, height: 64, channels: 3, pageHeight: 32 } })
    .gif()
    .toFile(path('wave.gif'))
  await picture().toColourspace('rgb16').png().toFile(path('deep.png'))
  const notes = async (name: string) => (await overscan('zoom', path(name), '-o', path('noted'), ...FEW)).written.stderr
  expect(await notes('wave.gif')).toMatch(/note: only the first frame of the animation was used/)
  expect(await notes('deep.png')).toMatch(/note: the picture has 16 bits per channel; the result has 8/)
})

test('earlier pictures are found among files, whatever their names, and their pixels are put back', async () => {
  const first = await picture().png().toBuffer()
  const folder = await folderOf('zooms', { 'a.png': first })
  for (const from of [join(folder, 'a.png'), path('steps')]) {
    expect(
      await overscan('zoom', from, '--factor', '2', '-o', path(from === path('steps') ? 'outer' : 'steps'), ...FEW),
    ).toMatchObject({
      code: 0,
    })
  }
  await rename(join(folder, 'a.png'), join(folder, 'renamed.png'))
  const args = ['upscale', path('outer'), '-o', path('giant'), '--model', 'lanczos', '--from-history'] as const
  const { code, written } = await overscan(...args, path('steps'), join(folder, 'renamed.png'))
  expect([code, written.stderr]).toEqual([
    0,
    expect.stringContaining('the detail of 2 earlier pictures was put back\n'),
  ])
  const [name] = await readdir(path('giant'))
  expect(name).toMatch(/-upscale-history\.png$/)
  const { width = 0, height = 0 } = await sharp(first).metadata()
  const giant = sharp(path('giant', name!))
  expect(await giant.metadata()).toMatchObject({ width: width * 4, height: height * 4 })
  const middle = giant.extract({ left: width * 1.5, top: height * 1.5, width, height })
  expect((await middle.removeAlpha().raw().toBuffer()).equals(await sharp(first).removeAlpha().raw().toBuffer())).toBe(
    true,
  )
  expect((await overscan(...args, folder, '--skip-existing')).written.stdout).toMatch(/skipped 1/)
  const [outer] = await readdir(path('outer'))
  const lost = await overscan('upscale', path('outer', outer!), '-o', path('giant'), '--from-history', folder)
  expect(lost.code).toBe(2)
  expect(lost.written.stderr).toMatch(/wasn’t found, so there is no detail to put back/)
})

test('upscaled pictures are named after their scale, and are skipped where they are there', async () => {
  const png = await picture().png().toBuffer()
  const folder = await folderOf('small', { 'a.png': png, 'b.png': png })
  const args = [
    'upscale',
    folder,
    '-o',
    path('large'),
    '--scale',
    '4',
    '--model',
    'lanczos',
    '--format',
    'webp',
  ] as const
  const first = await overscan(...args)
  expect(first).toMatchObject({ code: 0 })
  expect(await readdir(path('large'))).toEqual(['a-upscale-4x.webp', 'b-upscale-4x.webp'])
  expect(await sharp(path('large', 'a-upscale-4x.webp')).metadata()).toMatchObject({ width: 192, height: 128 })
  expect((await overscan(...args, '--skip-existing')).written.stdout).toBe('Painted 0 of 2 pictures; skipped 2.\n')
  const unknown = await overscan('upscale', path('small', 'a.png'), '-o', path('large'), '--model', 'fill')
  expect(unknown.code).toBe(2)
  expect(unknown.written.stderr).toContain('There is no model “fill”. Choose one of: ')
  expect((await overscan('upscale', path('small', 'a.png'), '-o', path('large'), '--scale', '3')).code).toBe(2)
  const small = ['upscale', path('small', 'a.png'), '-o', path('large')] as const
  for (const [flags, sentence] of [
    [['--prompt', 'a cat'], '--prompt is for painting, so it needs --creative 0.3'],
    [['--tile-size', '512'], '--tile-size is for painting, so it needs --creative 0.3'],
    [['--creative', '2'], 'creative.strength: 2 > 1'],
    [['--creative', '0.3', '--tile-size', '500'], 'creative.tileSize: 500'],
    [['--creative', '0.3', '--model', 'lanczos'], 'overscan models add sd15'],
  ] as const) {
    const { code, written } = await overscan(...small, ...flags)
    expect([code, written.stderr]).toEqual([2, expect.stringContaining(sentence)])
  }
})
