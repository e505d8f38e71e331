import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { type DiffusionModel, loadDiffusionModel } from '../src/inference/engines/diffusion/model/diffusion-model.js'
import {
  LATENT_CHANNELS,
  pixelsToPlanes,
  planesToPixels,
  VAE_SCALE_FACTOR,
} from '../src/inference/engines/diffusion/model/vae.js'
import { extractLoras } from '../src/inference/engines/diffusion/prompt/lora-tags.js'
import {
  denoise,
  type InpaintConditioning,
  type StepConditioning,
} from '../src/inference/engines/diffusion/sampling/denoise.js'
import { SAMPLER_NAMES, SIGMA_SPACINGS } from '../src/inference/engines/diffusion/sampling/sampler-names.js'
import { samplerRegistry } from '../src/inference/engines/diffusion/sampling/samplers/sampler-registry.js'
import { readPicture } from '../src/inference/image/decode.js'

/**
 * Compare the diffusion engine's results with those of another program for the same model, noise and prompt.
 *
 *     npm run parity -- CASES_DIR
 *
 * Each folder in CASES_DIR is a case:
 * - `case.json`: see {@link caseSchema}; `model` is a folder or a `.safetensors` file, relative to the case's folder
 * - `image.png` and `mask.png` (white is painted) for img2img and inpaint
 * - `noise.f32`: little-endian floats of shape [batch, 4, height / 8, width / 8], the initial noise; what follows is
 *   the noise that ancestral and SDE samplers add in their steps
 * - `expected.f32`, the final latents, or `expected.png`
 *
 * `npm run parity` prints a line for each case and exits with 1 if any is over its bound.
 */
const caseSchema = z.object({
  model: z.string(),
  task: z.enum(['inpaint', 'img2img', 'txt2img']),
  prompt: z.string().default(''),
  /** Without it SDXL gets zeros, as from diffusers' `negative_prompt=None`; the empty text is encoded. */
  negative: z.string().optional(),
  steps: z.int().positive(),
  scheduler: z.enum(SAMPLER_NAMES),
  spacing: z.enum(SIGMA_SPACINGS).default('linear'),
  guidance: z.number().default(7.5),
  strength: z.number().min(0).max(1).default(1),
  width: z.int().multipleOf(VAE_SCALE_FACTOR),
  height: z.int().multipleOf(VAE_SCALE_FACTOR),
  batch: z.int().positive().default(1),
  clipSkip: z.int().positive().optional(),
  /** Largest difference of latents, relative to the largest latent. Half precision needs more than the default. */
  bound: z.number().positive().default(1e-3),
})

type Case = z.infer<typeof caseSchema>

/** Share of a picture's values that have to be within the bound and one grey level. */
const MIN_EQUAL_SHARE = 0.999

type ParityResult = {
  readonly name: string
  readonly isSame: boolean
  /** Largest and mean difference: of latents relative to the largest one, or of pictures in grey levels. */
  readonly largest: number
  readonly mean: number
  readonly of: 'latents' | 'picture'
}

/** Compare all cases of a folder, in the order of their names. */
export async function* compareParityCases(folder: string): AsyncGenerator<ParityResult> {
  const models = new Map<string, DiffusionModel>()
  try {
    for (const name of (await readdir(folder)).sort()) {
      const folderOfCase = join(folder, name)
      if (!(await fileExists(join(folderOfCase, 'case.json')))) continue
      const parsedCase = caseSchema.parse(JSON.parse(await readFile(join(folderOfCase, 'case.json'), 'utf8')))
      const { prompt, loras } = extractLoras(parsedCase.prompt)
      const testCase = { ...parsedCase, prompt }
      const path = resolve(folderOfCase, testCase.model)
      const key = JSON.stringify([path, loras])
      const model = models.get(key) ?? (await loadDiffusionModel(path, 'cpu', { loras }))
      models.set(key, model)
      yield* compareResults(name, folderOfCase, testCase, await denoiseCase(folderOfCase, testCase, model), model)
    }
  } finally {
    for (const model of models.values()) await model.close()
  }
}

async function* compareResults(
  name: string,
  caseFolder: string,
  testCase: Case,
  latents: readonly Float32Array[],
  model: DiffusionModel,
): AsyncGenerator<ParityResult> {
  if (await fileExists(join(caseFolder, 'expected.f32'))) {
    const expected = await readFloats(join(caseFolder, 'expected.f32'))
    const actual = Float32Array.from(latents.flatMap(picture => [...picture]))
    const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const { largest, mean } = difference(actual, expected)
    const isSame = actual.length === expected.length && largest / size < testCase.bound
    yield { name, isSame, largest: largest / size, mean: mean / size, of: 'latents' }
  }
  if (await fileExists(join(caseFolder, 'expected.png'))) {
    const { pixels: expected } = await readPicture(await readFile(join(caseFolder, 'expected.png')), {})
    const actual = planesToPixels(await model.vae.decode(latents[0]!, testCase), testCase)
    const { largest, mean } = difference(actual.data, expected.data)
    const withinTolerance = actual.data.filter(
      (value, index) => Math.abs(value - expected.data[index]!) <= 255 * testCase.bound + 1,
    )
    yield { name, isSame: withinTolerance.length >= MIN_EQUAL_SHARE * actual.data.length, largest, mean, of: 'picture' }
  }
}

async function denoiseCase(caseFolder: string, testCase: Case, model: DiffusionModel): Promise<Float32Array[]> {
  const size = [testCase.height / VAE_SCALE_FACTOR, testCase.width / VAE_SCALE_FACTOR] as const
  const length = LATENT_CHANNELS * size[0] * size[1]
  const noiseValues = await readFloats(join(caseFolder, 'noise.f32'))
  const noise = Array.from({ length: testCase.batch }, (_, i) => noiseValues.slice(i * length, (i + 1) * length))
  let noiseIndex = testCase.batch
  const sampler = samplerRegistry[testCase.scheduler](model.schedule, {
    steps: testCase.steps,
    spacing: testCase.spacing,
    family: model.family,
  })
  const planes = testCase.task === 'txt2img' ? undefined : await picturePlanes(caseFolder, testCase)
  const picture = planes && (await model.vae.encode(planes, testCase))
  const strength = testCase.task === 'txt2img' ? 1 : testCase.strength
  const first =
    sampler.callsPerStep * (testCase.steps - Math.min(Math.floor(testCase.steps * strength), testCase.steps))
  const inpaint =
    testCase.task === 'inpaint'
      ? await diffusersConditioning(caseFolder, testCase, model, planes!, picture!)
      : undefined
  // Inpainting at full strength starts from pure noise; img2img still adds the noise to the picture.
  const startsFromNoise = !picture || (testCase.task === 'inpaint' && strength === 1)
  const latents = noise.map(testCase =>
    startsFromNoise ? sampler.initialLatents(testCase) : sampler.addNoise(picture, testCase, first),
  )
  const usesNegative = testCase.guidance > 1 && !model.unet.hasGuidanceEmbedding
  const [positive, negative] = await model.encodePrompts(
    [testCase.prompt, testCase.negative],
    testCase,
    testCase.clipSkip,
  )
  const conditioning: StepConditioning = {
    positive: [{ condition: positive!, weight: 1 }],
    negative: usesNegative ? negative : undefined,
  }
  return denoise({
    unet: model.unet,
    sampler,
    firstCall: first,
    latents,
    size,
    conditioningAt: () => conditioning,
    guidanceScale: testCase.guidance,
    inpaint,
    noise,
    freshNoise: () => {
      const fresh = noiseValues.slice(noiseIndex * length, (noiseIndex + 1) * length)
      if (fresh.length < length) throw new RangeError('noise.f32 has no noise for the steps of this sampler')
      noiseIndex++
      return fresh
    },
    signal: new AbortController().signal,
    onStep: () => {},
  })
}

async function picturePlanes(caseFolder: string, { width, height }: Case): Promise<Float32Array> {
  const { pixels } = await readPicture(await readFile(join(caseFolder, 'image.png')), { size: { width, height } })
  return pixelsToPlanes(pixels)
}

/** The conditioning as in diffusers: a latent is painted if its top left pixel is masked. */
async function diffusersConditioning(
  caseFolder: string,
  { width, height }: Case,
  model: DiffusionModel,
  planes: Float32Array,
  picture: Float32Array,
): Promise<InpaintConditioning> {
  const { pixels } = await readPicture(await readFile(join(caseFolder, 'mask.png')), { size: { width, height } })
  const isPainted = (x: number, y: number) => pixels.data[(y * width + x) * 3]! >= 128
  const masked = planes.map((value, index) => {
    const place = index % (width * height)
    return isPainted(place % width, Math.floor(place / width)) ? 0 : value
  })
  const across = width / VAE_SCALE_FACTOR
  const mask = Float32Array.from({ length: (across * height) / VAE_SCALE_FACTOR }, (_, index) =>
    Number(isPainted((index % across) * VAE_SCALE_FACTOR, Math.floor(index / across) * VAE_SCALE_FACTOR)),
  )
  return { mask, originalLatents: picture, maskedImageLatents: await model.vae.encode(masked, { width, height }) }
}

function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): { largest: number; mean: number } {
  let [largest, sum] = [0, 0]
  for (let at = 0; at < expected.length; at++) {
    // NaN counts as infinitely wrong.
    const off = Math.abs(actual[at]! - expected[at]!)
    largest = Math.max(largest, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off)
    sum += off
  }
  return { largest, mean: sum / expected.length }
}

async function readFloats(file: string): Promise<Float32Array> {
  const bytes = await readFile(file)
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4))
}

async function fileExists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
