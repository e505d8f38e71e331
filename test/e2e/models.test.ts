import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { writeDiffusersFolder, writeLora, writeSingleFile } from '../support/checkpoints.js'
import { landscapeFile, recipesIn, useTestBot } from '../support/e2e.js'
import { buttonsOf, shownAttachments, textOf, waitForButton, waitForRefusal } from '../support/emulator.js'

// Models of few weights, which are random: what they paint means nothing, but is painted the whole way.

const LONG_NAME = 'a'.repeat(101)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-models-'))
  await cp('test/fixtures/diffusion/models', folder, { recursive: true })
  // A folder says at which size the tiny model paints.
  await writeDiffusersFolder('sd1-inpaint', join(folder, 'checkpoint'), 'F16')
  await writeSingleFile('sd1-inpaint', join(folder, `${LONG_NAME}.safetensors`), 'F16')
  await writeLora(join(folder, 'lora', 'tiny.safetensors'))
  vi.stubEnv('MODEL_FOLDER', folder)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const world = useTestBot()

test('a model in the folder paints by its name, with the prompt, also from a button', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const options = {
    image: await landscapeFile(),
    model: 'sd1-inpaint',
    prompt: 'a lighthouse [by the sea:at night:0.5]',
    steps: 3,
  }
  const grid = await waitForButton(discord, await ada.slash('zoom', { ...options, variations: 2, seed: 5 }), 'U1')
  const [first, second] = await recipesIn(discord, grid)
  expect(first).toMatchObject({ engine: 'sd1-inpaint', prompt: options.prompt, seed: 5 })
  expect(second).toMatchObject({ seed: 6 })
  const [one, two] = await Promise.all(shownAttachments(grid).map(picture => world.pixels(picture)))
  expect(Buffer.compare(one!, two!)).not.toBe(0)
  expect(textOf(grid)).toContain('sd1-inpaint')
  expect(textOf(grid)).not.toMatch(/ignores:|was ignored/)

  const picked = await waitForButton(discord, await ada.press(grid, 'U2'), 'Recipe')
  const again = await waitForButton(discord, await ada.press(picked, 'Zoom Out 1.5×'), 'U1')
  expect((await recipesIn(discord, again))[0]).toMatchObject({ engine: 'sd1-inpaint', prompt: options.prompt })
})

test('without a choice the best installed model paints, and a fill that ignores a prompt names it', async () => {
  const { discord } = world
  const image = await landscapeFile()
  const options = { image, prompt: 'a lighthouse', variations: 1, seed: 5, steps: 2 }
  const painted = await waitForButton(discord, await discord.person('Ada').slash('square', options), 'Recipe')
  expect((await recipesIn(discord, painted))[0]).toMatchObject({ engine: 'checkpoint', prompt: 'a lighthouse' })
  expect(textOf(painted)).toContain('checkpoint')
  const filled = await waitForButton(
    discord,
    await discord.person('Ada').slash('square', { ...options, model: 'fill' }),
    'Recipe',
  )
  expect(textOf(filled)).toContain('“fill” can’t read text. Choose the model “checkpoint” to use it')
})

test('without a choice fill paints scratches, and the model what is wider or has a prompt', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const image = await landscapeFile(320, 200)
  const painterOf = async (width: number, prompt?: string) => {
    const data = Buffer.alloc(320 * 200, 0)
    for (let y = 20; y < 180; y++) data.fill(255, y * 320 + 100, y * 320 + 100 + width)
    const mask = {
      name: 'mask.png',
      data: await sharp(data, { raw: { width: 320, height: 200, channels: 1 } })
        .png()
        .toBuffer(),
    }
    const sent = await ada.slash('inpaint', { image, mask, variations: 1, steps: 1, ...(prompt && { prompt }) })
    // The plan goes through the confirmation's files.
    const confirmation = await waitForButton(discord, sent, 'Paint')
    const painted = await waitForButton(discord, await ada.press(confirmation, 'Paint'), 'Recipe')
    return (await recipesIn(discord, painted))[0]?.engine
  }
  expect([await painterOf(4), await painterOf(4, 'a mast'), await painterOf(40)]).toEqual([
    'fill',
    'checkpoint',
    'checkpoint',
  ])
})

test('/imagine paints from a prompt alone', async () => {
  const sent = await world.discord
    .person('Ada')
    .slash('imagine', { prompt: 'a lighthouse', model: 'sd1', variations: 1, steps: 2 })
  const message = await waitForButton(world.discord, sent, 'Recipe')
  const [recipe] = await recipesIn(world.discord, message)
  expect(recipe).toMatchObject({ engine: 'sd1', edit: { kind: 'imagine' }, source: '' })
})

test('/imagine with hires fix gives a larger picture', async () => {
  const { discord } = world
  const options = {
    prompt: 'a lighthouse',
    model: 'sd1',
    variations: 1,
    steps: 2,
    'hires-fix': 1.25,
    upscaler: 'lanczos',
  }
  const message = await waitForButton(discord, await discord.person('Ada').slash('imagine', options), 'Recipe')
  expect(shownAttachments(message).map(({ width, height }) => [width, height])).toEqual([[640, 640]])
  expect(textOf(message)).toContain('Imagine (hires fix 1.25×)')
  const hires = { scale: 1.25, strength: 0.5, upscaler: 'lanczos' }
  expect((await recipesIn(discord, message))[0]).toMatchObject({ edit: { kind: 'imagine', width: 512, hires } })
})

test('/models lists what is installed', async () => {
  const sent = await world.discord.person('Ada').slash('models', {})
  const text = await waitForRefusal(world.discord, sent)
  for (const name of ['fill', 'sd1', 'sd1-half', 'sd1-inpaint', 'sd2-v', 'sdxl']) expect(text).toContain(`**${name}**`)
  expect(text).toContain('**checkpoint**')
  expect(text).toMatch(/LoRAs.*`<lora:tiny:1>`/)
  expect(text).not.toMatch(/No diffusion model/)
  expect(text).toContain(`The model “${LONG_NAME}” is left out: its name has 101 characters`)
})

test('a checkpoint paints with a LoRA, which the recipe names; an unknown LoRA is an error', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const options = { image: await landscapeFile(), model: 'checkpoint', steps: 2, variations: 1, seed: 3 }
  const pictures = []
  for (const prompt of ['the sea', 'the sea <lora:tiny:0.8>']) {
    const message = await waitForButton(discord, await ada.slash('zoom', { ...options, prompt }), 'Recipe')
    expect((await recipesIn(discord, message))[0]).toMatchObject({ engine: 'checkpoint', prompt })
    pictures.push(await world.pixels(shownAttachments(message)[0]!))
  }
  expect(Buffer.compare(pictures[0]!, pictures[1]!)).not.toBe(0)
  const wrong = await ada.slash('zoom', { ...options, prompt: 'the sea <lora:none>' })
  expect(await waitForRefusal(discord, wrong)).toMatch(/no LoRA “none”.*tiny/)
})

test('the server’s steps and color match are the default', async () => {
  const { discord } = world
  const boss = discord.person('Boss')
  boss.addRole(discord.role('managers', ['ManageGuild']))
  const answer = await waitForRefusal(
    discord,
    await boss.slash('settings defaults', { steps: 3, 'color-match': false }),
  )
  expect(answer).toMatch(/Steps: 3/)
  expect(answer).toMatch(/Match colors: no/)
  const sent = await discord
    .person('Ada')
    .slash('square', { image: await landscapeFile(), model: 'sd1', variations: 1 })
  const [recipe] = await recipesIn(discord, await waitForButton(discord, sent, 'Recipe'))
  expect(recipe?.options).toEqual({ steps: 3, colorMatch: false })
  const plain = await discord
    .person('Ada')
    .slash('square', { image: await landscapeFile(), model: 'fill', variations: 1 })
  const [other] = await recipesIn(discord, await waitForButton(discord, plain, 'Recipe'))
  expect(other?.options).toBeUndefined()
})

test('negative prompt, steps, sampler and guidance are used, also by buttons, and named where they are ignored', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const text = { negative: 'fog', steps: 4, sampler: 'Euler a', guidance: 3.5 }
  const image = await landscapeFile()
  const options = { image, variations: 1, ...text }
  const message = await waitForButton(discord, await ada.slash('zoom', { ...options, model: 'sd1' }), 'Recipe')
  expect((await recipesIn(discord, message))[0]?.options).toEqual(text)
  const again = await waitForButton(discord, await ada.press(message, 'Make Square'), 'U1')
  expect((await recipesIn(discord, again))[0]?.options).toEqual(text)

  const plain = await waitForButton(discord, await ada.slash('zoom', { ...options, model: 'fill' }), 'Recipe')
  expect(textOf(plain)).toContain('“fill” ignores: negative prompt, steps, sampler, guidance scale')
  expect((await recipesIn(discord, plain))[0]?.options).toBeUndefined()
})

test('/vary varies any picture, subtly or strongly, and so do its buttons', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const options = { image: await landscapeFile(), model: 'sd1', variations: 1, seed: 4, steps: 4 }
  const varied = async (strength: string) => {
    const message = await waitForButton(discord, await ada.slash('vary', { ...options, strength }), 'Recipe')
    const [recipe] = await recipesIn(discord, message)
    expect(recipe).toMatchObject({ engine: 'sd1', edit: { kind: 'vary', strength }, old: { width: 0, height: 0 } })
    return message
  }
  const [subtle, strong] = [await varied('subtle'), await varied('strong')]
  const [one, two] = await Promise.all([subtle, strong].map(message => world.pixels(shownAttachments(message)[0]!)))
  expect(Buffer.compare(one!, two!)).not.toBe(0)
  const again = await waitForButton(discord, await ada.press(strong, 'Vary (Subtle)'), 'U1')
  expect((await recipesIn(discord, again))[0]).toMatchObject({ edit: { kind: 'vary', strength: 'subtle' } })
})

test('Upscale (Creative) paints with a model in its lane: from the button, /upscale and Apps', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const image = await landscapeFile(64, 48)
  const steps = { steps: 4, model: 'sd1' }
  const zoomed = { image, prompt: 'hills', variations: 1, seed: 5, ...steps }
  const small = await waitForButton(discord, await ada.slash('zoom', zoomed), 'Recipe')
  const large = await waitForButton(discord, await ada.press(small, 'Upscale (Creative)'), 'Recipe')
  expect(shownAttachments(large).map(({ width, height }) => [width, height])).toEqual([[128, 96]])
  expect(textOf(large)).toMatch(/Upscale \(Creative\) 2×.*hills/s)
  expect(large.message_reference?.message_id).toBe(small.id)
  const edit = { kind: 'upscale', scale: 2, creative: { strength: 0.3, upscaler: 'lanczos' } }
  expect((await recipesIn(discord, large))[0]).toMatchObject({
    edit,
    engine: 'sd1',
    prompt: 'hills',
    options: { steps: 4 },
  })
  // It can be remixed, and painting on takes its model.
  expect(buttonsOf(large)).toContain('Remix')

  const own = { image, scale: 4, creative: 0.5, prompt: 'the sea', seed: 7, ...steps }
  const asked = await waitForButton(discord, await ada.slash('upscale', own), 'Recipe')
  expect((await recipesIn(discord, asked))[0]).toMatchObject({
    edit: { scale: 4, creative: { strength: 0.5 } },
    engine: 'sd1',
    prompt: 'the sea',
    seed: 7,
  })

  const posted = await discord.person('Bob').sendMessage('look', { files: [image] })
  for (const [way, prompt, recipe] of [
    ['creative', 'dunes', { edit: { creative: { strength: 0.3 } }, prompt: 'dunes' }],
    ['subtle', 'dunes', { edit: { kind: 'upscale', scale: 2 }, prompt: '', engine: 'lanczos' }],
  ] as const) {
    const modal = await ada.messageCommand(posted, 'Upscale')
    await modal.acknowledged
    const sent = await ada.submitModal(modal, { upscale: [way], prompt })
    const result = await waitForButton(discord, sent, 'Recipe')
    expect((await recipesIn(discord, result))[0]).toMatchObject(recipe)
  }
}, 120_000)

test('a creative result that would take hours is refused at once', async () => {
  const data = await sharp({ create: { width: 2100, height: 2100, channels: 3, background: '#345' } })
    .png()
    .toBuffer()
  const options = { image: { name: 'large.png', data }, creative: 0.3 }
  const sent = await world.discord.person('Ada').slash('upscale', options)
  expect(await waitForRefusal(world.discord, sent)).toMatch(/4200×4200; the limit is 17 megapixels\. Send a smaller/)
})
