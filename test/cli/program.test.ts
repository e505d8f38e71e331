import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readPngTexts } from '../../src/inference/image/png-texts.js'
import { parseParameters } from '../../src/inference/pipeline/recipe.js'
import { pngBomb } from '../support/bomb.js'
import { writeDiffusersFolder, writeLora } from '../support/checkpoints.js'
import { runOverscan } from '../support/overscan.js'
import { writeSegmentModel } from '../support/segment-models.js'

let folder = ''
const file = (name: string) => join(folder, name)

const overscan = (...argv: string[]) => runOverscan(argv)

const overscanIn = (environment: Record<string, string>, ...argv: string[]) =>
  runOverscan(argv, { environment: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment } })

async function pixelsOf(path: string) {
  return sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-'))
  const data = Buffer.from(
    Array.from({ length: 60 * 40 * 3 }, (_, at) => (Math.floor(at / 3) * 31 + (at % 3) * 90) & 255),
  )
  await sharp(data, { raw: { width: 60, height: 40, channels: 3 } })
    .png()
    .toFile(file('picture.png'))
  const mask = Buffer.alloc(60 * 40)
  for (let y = 10; y < 20; y++) mask.fill(255, y * 60 + 10, y * 60 + 30)
  await sharp(mask, { raw: { width: 60, height: 40, channels: 1 } })
    .png()
    .toFile(file('mask.png'))
  await sharp(Buffer.alloc(9), { raw: { width: 9, height: 1, channels: 1 } })
    .png()
    .toFile(file('other.png'))
  await writeFile(file('text.png'), 'this is not a picture')
  await writeFile(file('bomb.png'), pngBomb())
  await mkdir(file('empty'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('painting a file', () => {
  test('zoom keeps the size, and --json prints the results', async () => {
    const output = file('zoomed/deep')
    const argv = [
      'zoom',
      file('picture.png'),
      '-o',
      output,
      '--factor',
      '2',
      '--variations',
      '2',
      '--seed',
      '7',
      '--json',
    ]
    const { code, stdout } = await overscan(...argv, '--prompt', 'fog')
    expect(code).toBe(0)
    const result = JSON.parse(stdout)
    expect(result).toEqual({
      engine: 'fill',
      pictures: [7, 8].map(seed => ({ file: join(output, `picture-zoom-${seed}.png`), width: 60, height: 40, seed })),
      timings: {
        read: expect.any(Number),
        paint: expect.any(Number),
        write: expect.any(Number),
        total: expect.any(Number),
      },
      promptIgnored: { instead: null },
    })
    for (const { file, seed } of result.pictures) {
      const recipe = parseParameters(readPngTexts(await readFile(file)).parameters ?? '')
      expect(recipe).toMatchObject({
        seed,
        prompt: 'fog',
        engine: 'fill',
        old: { x: 15, y: 10, width: 30, height: 20 },
      })
    }
  })

  test('zoom --grow keeps every pixel', async () => {
    const { code, stdout } = await overscan(
      'zoom',
      file('picture.png'),
      '-o',
      file('grown'),
      '--grow',
      '--variations',
      '1',
      '--seed',
      '1',
    )
    expect(code).toBe(0)
    expect(stdout).toContain('picture-zoom-1.png (90×60)')
    const kept = await sharp(join(file('grown'), 'picture-zoom-1.png'))
      .extract({ left: 15, top: 10, width: 60, height: 40 })
      .raw()
      .toBuffer()
    expect(kept).toEqual((await pixelsOf(file('picture.png'))).data)
  })

  test.each([
    ['extend', ['--left', '25%', '--bottom', '10'], [75, 50]],
    ['square', [], [60, 60]],
    ['fit', ['16:9'], [71, 40]],
    ['place', ['--size', '100x50', '--at', '-10,20', '--scale', '0.5'], [100, 50]],
    ['place', ['--size', '100x50', '--at', 'bottom-right'], [100, 50]],
    ['zoom', ['--anchor', 'top'], [60, 40]],
  ])('%s %j makes a picture of its size', async (name, more, size) => {
    const output = file(`${name}${more.join('')}`)
    const { code } = await overscan(name, file('picture.png'), ...more, '-o', output, '--variations', '1')
    expect(code).toBe(0)
    const [made] = await readdir(output)
    const { width, height } = await sharp(join(output, made!)).metadata()
    expect([width, height]).toEqual(size)
  })

  test('inpaint changes only the mask, and continues a pattern', async () => {
    const whole = (await pixelsOf(file('picture.png'))).data
    const masked = (at: number) =>
      at % 60 >= 10 && at % 60 < 30 && Math.floor(at / 60) >= 10 && Math.floor(at / 60) < 20
    const torn = Buffer.from(whole)
    for (let at = 0; at < 60 * 40; at++) if (masked(at)) torn.fill(255, at * 3, at * 3 + 3)
    await sharp(torn, { raw: { width: 60, height: 40, channels: 3 } })
      .png()
      .toFile(file('torn.png'))

    const output = file('in')
    const argv = [
      'inpaint',
      file('torn.png'),
      '--mask',
      file('mask.png'),
      '-o',
      output,
      '--variations',
      '1',
      '--seed',
      '1',
    ]
    const ran = await overscan(...argv)
    expect(ran.code, ran.stderr).toBe(0)
    const after = (await pixelsOf(join(output, 'torn-inpaint-1.png'))).data
    let [mended, of] = [0, 0]
    for (let at = 0; at < 60 * 40; at++) {
      const [was, is] = [whole, after].map(pixels => [...pixels.subarray(at * 3, at * 3 + 3)])
      if (!masked(at)) expect(is).toEqual(was)
      else {
        of++
        // Blending spreads a wrong pixel's difference thinly over its neighbours.
        if (is!.every((value, channel) => Math.abs(value - was![channel]!) <= 8)) mended++
      }
    }
    expect(mended / of).toBeGreaterThan(0.9)
  })

  test('a model paints from a picture or a prompt, and writes its recipe', async () => {
    process.env.MODEL_FOLDER = 'test/fixtures/diffusion/models'
    try {
      const chosen = ['--engine', 'sd1', '--steps', '3', '--sampler', 'Euler', '--negative', 'fog', '--guidance', '4']
      const out = ['-o', file('model'), '--variations', '1', '--seed', '5', ...chosen]
      const { code, stderr } = await overscan('square', file('picture.png'), ...out)
      expect(code).toBe(0)
      expect(stderr).toMatch(/^sd1 runs on \w+/m)
      expect((await overscan('imagine', '--prompt', 'a cat', '--width', '64', '--height', '96', ...out)).code).toBe(0)
      const hires = ['--width', '64', '--height', '64', '--upscale-by', '1.5', '--denoising-strength', '0.4', ...chosen]
      const larger = [...hires, '--upscaler', 'lanczos', '--seed', '6', '--variations', '1', '-o', file('model')]
      expect((await overscan('imagine', '--prompt', 'a cat', ...larger)).code).toBe(0)
      for (const [name, size] of [
        ['picture-square-5.png', [60, 60]],
        ['imagine-5.png', [64, 96]],
        ['imagine-6.png', [96, 96]],
      ] as const) {
        const { info } = await pixelsOf(join(file('model'), name))
        expect([info.width, info.height]).toEqual(size)
        const { parameters = '' } = readPngTexts(await readFile(join(file('model'), name)))
        // As A1111's web UI writes it.
        expect(parameters).toMatch(/\nNegative prompt: fog\nSteps: 3, Sampler: Euler, CFG scale: 4, Seed: [56], Size: /)
        const options = { negative: 'fog', steps: 3, sampler: 'Euler', guidance: 4 }
        expect(parseParameters(parameters)).toMatchObject({ engine: 'sd1', options })
      }
    } finally {
      delete process.env.MODEL_FOLDER
    }
  })

  test('the installed model paints unless MODEL or --engine says otherwise', async () => {
    const folder = file('one-model')
    await cp('test/fixtures/diffusion/models/sd1-inpaint', join(folder, 'sd1-inpaint'), { recursive: true })
    const painted = async (environment: Record<string, string>, ...more: string[]) => {
      const out = ['-o', file('default'), '--variations', '1', '--prompt', 'fog', '--steps', '1', ...more]
      const settings = { MODEL_FOLDER: folder, DEVICE: 'cpu', ...environment }
      const { stdout, stderr } = await overscanIn(settings, 'square', file('picture.png'), ...out)
      return [/^Painted by (\S+)/m.exec(stdout)?.[1], /^Your prompt.*$/m.exec(stderr)?.[0]]
    }
    const ignored = 'Your prompt was ignored: “fill” can’t read text. Add --engine sd1-inpaint.'
    expect(await painted({})).toEqual(['sd1-inpaint', undefined])
    expect(await painted({ MODEL: 'fill' })).toEqual(['fill', ignored])
    expect(await painted({ MODEL: 'fill' }, '--engine', 'sd1-inpaint')).toEqual(['sd1-inpaint', undefined])
    const missing = await overscanIn({ MODEL: 'gone' }, 'square', file('picture.png'), '-o', file('default'))
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no model “gone”') })
  })

  test('without a terminal progress is printed as lines', async () => {
    const { stderr } = await overscan('square', file('picture.png'), '-o', file('lines'), '--variations', '1')
    expect(stderr).toMatch(/^(painting \d+%\n)+$/)
    expect(stderr).toContain('painting 100%\n')
  })
})

describe('an object is selected by points', () => {
  const models = () => ({ MODEL_FOLDER: file('selecting') })
  beforeAll(async () => {
    await writeSegmentModel(file('selecting/tiny'))
    // A black square in the middle of a grey picture.
    const square = { create: { width: 3, height: 3, channels: 3, background: '#000' } } as const
    const grey = { create: { width: 60, height: 40, channels: 3, background: '#888' } } as const
    const input = await sharp(square).png().toBuffer()
    await sharp(grey)
      .composite([{ input, left: 29, top: 19 }])
      .png()
      .toFile(file('square.png'))
  })
  const paintedIn = async (path: string) => {
    const { data } = await sharp(path).extractChannel(0).raw().toBuffer({ resolveWithObject: true })
    return data.reduce((sum, value) => sum + Number(value === 255), 0)
  }

  test('select writes its mask, larger with --size large and --grow', async () => {
    const areas = []
    for (const more of [
      ['--size', 'small', '--grow', '0'],
      ['--size', 'large', '--grow', '0'],
      ['--grow', '3'],
    ]) {
      const argv = ['select', file('picture.png'), '--at', '30,20', ...more, '-o', file('selected.png')]
      const { code, stdout, stderr } = await overscanIn(models(), ...argv)
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(/selected\.png \(60×40\): the object is [\d.]+% of the picture/)
      areas.push(await paintedIn(file('selected.png')))
    }
    expect(areas[0]).toBeGreaterThan(10)
    expect(areas[1]).toBeGreaterThan(areas[0]! * 4)
    expect(areas[2]).toBeGreaterThan(areas[0]!)
  })

  test.each([
    ['remove', ['--size', 'small', '--grow', '1']],
    ['inpaint', ['--size', 'small', '--not-at', '1,1']],
  ])('%s paints it', async (name, more) => {
    const output = file(`selected-${name}`)
    const painting = ['--variations', '1', '--seed', '1', '-o', output]
    const argv = [name, file('square.png'), '--at', '30,20', ...more, ...painting]
    const { code, stderr } = await overscanIn(models(), ...argv)
    expect(stderr).toMatch(/mask: the selected object, [\d.]+% of the picture/)
    expect(code).toBe(0)
    const { data } = await pixelsOf(join(output, `square-${name}-1.png`))
    expect(data.every(value => Math.abs(value - 0x88) < 4)).toBe(true)
  })

  test('select --all writes a numbered overlay, and the mask of each object', async () => {
    const output = file('all-objects')
    const argv = ['select', file('picture.png'), '--all', '--grow', '0', '-o', output]
    const { code, stdout, stderr } = await overscanIn(models(), ...argv)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(
      /objects\.webp: the picture with the \d+ objects numbered\n.*object-1\.png \(60×40\): the object/,
    )
    expect((await sharp(join(output, 'objects.webp')).metadata()).format).toBe('webp')
    const count = Number(/the (\d+) objects numbered/.exec(stdout)![1])
    expect(count).toBeGreaterThan(1)
    const files = Array.from({ length: count }, (_, index) => join(output, `object-${index + 1}.png`))
    const areas = await Promise.all(files.map(paintedIn))
    expect(areas).toEqual(areas.toSorted((one, other) => other - one))
  })

  test.each<[string, string[], RegExp]>([
    ['all objects, and a point', ['--all', '--at', '1,1'], /--all.*cannot be used with option.*--at/],
    ['a point that is no point', ['--at', 'middle'], /Use two numbers like 512,300/],
    ['a box without a size', ['--box', '1,2,0,4'], /Use four numbers/],
    ['a point outside', ['--at', '60,20'], /60,20 is outside the picture, which is 60×40/],
    ['nothing to select', ['--not-at', '1,1'], /Give a point inside the object, or a box/],
    ['a size that is none', ['--at', '1,1', '--size', 'huge'], /Use one of: small, medium, large/],
  ])('%s', async (_, more, sentence) => {
    const { code, stderr } = await overscanIn(models(), 'select', file('picture.png'), ...more, '-o', file('never.png'))
    expect(stderr).toMatch(sentence)
    expect(code).toBe(2)
  })

  test('without a model, and without anything that marks', async () => {
    const at = ['remove', file('picture.png'), '--at', '30,20', '-o', file('never')]
    expect((await overscan(...at)).stderr).toMatch(/overscan models add mobilesam/)
    const nothing = await overscan('remove', file('picture.png'), '-o', file('never'))
    expect(nothing.stderr).toMatch(/add --mask FILE, --at x,y or --box x,y,width,height/)
    const both = await overscan(...at, '--mask', file('mask.png'))
    expect(both.stderr).toMatch(/--mask can’t be combined with --at/)
    expect([nothing.code, both.code]).toEqual([2, 2])
  })
})

describe('invalid input prints one line to stderr and exits with 2:', () => {
  const zoom = (name: string, ...more: string[]) => ['zoom', file(name), '-o', file('never'), ...more]
  test.each<[string, () => string[], RegExp]>([
    ['no such file', () => zoom('nothing.png'), /There is no file .*nothing\.png/],
    ['a folder without pictures', () => zoom('empty'), /There are no pictures in .*empty\. Choose another folder/],
    ['results among the pictures', () => ['zoom', folder, '-o', folder], /Choose another output folder/],
    ['not a picture', () => zoom('text.png'), /read that file as a picture/],
    ['200 megapixels', () => zoom('bomb.png'), /200 megapixels/],
    ['factor 0', () => zoom('picture.png', '--factor', '0'), /zoom out 0×/],
    ['a factor in words', () => zoom('picture.png', '--factor', 'lots'), /Use a number/],
    ['no variations', () => zoom('picture.png', '--variations', '0'), /0 variations/],
    ['a broken seed', () => zoom('picture.png', '--seed', '1.5'), /1\.5 isn’t a valid seed/],
    ['an unknown engine', () => zoom('picture.png', '--engine', 'magic'), /no model “magic”/],
    [
      'a mask of another size',
      () => ['inpaint', file('picture.png'), '--mask', file('other.png'), '-o', file('never')],
      /9×1.*60×40/,
    ],
    ['nothing to extend', () => ['extend', file('picture.png'), '-o', file('never')], /Nothing would be added/],
    [
      'an odd length',
      () => ['extend', file('picture.png'), '--left', 'some', '-o', file('never')],
      /“some” isn’t a valid length/,
    ],
    ['an odd aspect', () => ['fit', file('picture.png'), 'wide', '-o', file('never')], /“wide” isn’t a valid aspect/],
    ['no frame', () => ['place', file('picture.png'), '-o', file('never')], /required option .*--size/],
    [
      'an odd frame',
      () => ['place', file('picture.png'), '--size', 'wide', '-o', file('never')],
      /“wide” isn’t a valid size.*from 1 to 16384 pixels/,
    ],
    [
      'an odd position',
      () => ['place', file('picture.png'), '--size', '100x100', '--at', 'up', '-o', file('never')],
      /“up” isn’t a valid position.*200,300.*bottom-right/,
    ],
    [
      'a picture outside its frame',
      () => ['place', file('picture.png'), '--size', '100x100', '--at', '100,0', '-o', file('never')],
      /outside the new frame \(100×100\)/,
    ],
    [
      'a picture that covers its frame',
      () => ['place', file('picture.png'), '--size', '10x10', '-o', file('never')],
      /covers the whole frame \(10×10\)/,
    ],
    [
      'a scale of 0',
      () => ['place', file('picture.png'), '--size', '100x100', '--scale', '0', '-o', file('never')],
      /scale of 0\. Use a scale from 0\.01 to 8/,
    ],
    ['an odd anchor', () => zoom('picture.png', '--anchor', 'up'), /Allowed choices are center, top/],
    ['no output', () => ['zoom', file('picture.png')], /required option/],
    ['an output that is a file', () => ['zoom', file('picture.png'), '-o', file('text.png')], /can’t be written/],
    ['no steps', () => zoom('picture.png', '--steps', '0'), /steps: /],
    ['an unknown sampler', () => zoom('picture.png', '--sampler', 'magic'), /sampler: .*DPM\+\+ 2M/],
    ['words alone without a model', () => ['imagine', '-o', file('never')], /need a diffusion model/],
    ['an unknown command', () => ['zap'], /unknown command/],
  ])('%s', async (_, argv, sentence) => {
    const { code, stdout, stderr } = await overscan(...argv())
    expect(stderr).toMatch(sentence)
    expect(
      stderr
        .trim()
        .split('\n')
        .filter(line => !line.startsWith('painting')),
    ).toHaveLength(1)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect([code, stdout]).toEqual([2, ''])
  })

  test('a bot with a shared queue but no token', async () => {
    for (const [name, url] of [
      ['REDIS_URL', 'redis://127.0.0.1:1'],
      ['DATABASE_URL', 'postgres://127.0.0.1:1/x'],
    ] as const) {
      const { code, stdout, stderr } = await overscanIn({ [name]: url }, 'bot')
      expect(stderr).toMatch(new RegExp(`^.*DISCORD_TOKEN isn’t set, but ${name} is.*“overscan playground”.*\\n$`))
      expect([code, stdout]).toEqual([2, ''])
    }
  })

  test('no output was written', async () => {
    const never = await readdir(file('never')).catch(() => [])
    expect(never).toEqual([])
  })
})

describe('models', () => {
  test('are added, listed, checked and used, with LoRAs', async () => {
    const folder = file('models')
    vi.stubEnv('MODEL_FOLDER', folder)
    try {
      // A folder says at which size the tiny model paints.
      await writeDiffusersFolder('sd1', file('tiny'), 'F16')
      await writeLora(join(folder, 'lora', 'tiny.safetensors'))
      const added = await overscan('models', 'add', file('tiny'), '--name', 'mine')
      expect(added).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^Added mine \(SD 1, 4 channels, fp16, [\d.]+ [kM]B\)\.$/m),
      })
      expect((await overscan('models', 'list')).stdout).toMatch(/^mine +SD 1 +4 +fp16/m)
      expect(await overscan('models', 'check', 'mine')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^mine: OK/m),
      })
      const paint = (prompt: string, output: string) =>
        overscan(
          ...['square', file('picture.png'), '-o', file(output), '--engine', 'mine', '--prompt', prompt],
          ...['--steps', '1', '--variations', '1', '--seed', '1', '--device', 'cpu'],
        )
      expect((await paint('the sea', 'plain')).code).toBe(0)
      expect((await paint('the sea <lora:tiny:0.8>', 'styled')).code).toBe(0)
      const [plain, styled] = await Promise.all(
        ['plain', 'styled'].map(output => pixelsOf(join(file(output), 'picture-square-1.png'))),
      )
      expect(Buffer.compare(plain!.data, styled!.data)).not.toBe(0)
      const creative = await overscan(
        ...['upscale', file('picture.png'), '-o', file('larger'), '--creative', '0.3', '--engine', 'mine'],
        ...['--model', 'lanczos', '--prompt', 'the sea', '--steps', '4', '--seed', '7', '--device', 'cpu'],
      )
      expect(creative).toMatchObject({ code: 0, stdout: expect.stringMatching(/Upscaled by mine/) })
      expect(await readdir(file('larger'))).toEqual(['picture-upscale-2x-7.png'])
      const missing = await paint('the sea <lora:none>', 'none')
      expect(missing).toMatchObject({ code: 2, stderr: expect.stringMatching(/no LoRA “none”.*tiny/) })
    } finally {
      vi.unstubAllEnvs()
    }
  }, 120_000)

  test('that are invalid get a message', async () => {
    vi.stubEnv('MODEL_FOLDER', file('no-models'))
    try {
      expect(await overscan('models', 'add', file('text.png'))).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^overscan: /m),
      })
      expect(await overscan('models', 'check', 'x')).toMatchObject({
        code: 2,
        stdout: expect.stringMatching(/^No models in .*models catalog/),
      })
    } finally {
      vi.unstubAllEnvs()
    }
  })
})
