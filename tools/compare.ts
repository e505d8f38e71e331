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
 * Hold what the diffusion engine paints against what another program painted with the same model, noise and words.
 *
 *     npm run parity -- CASES_DIR
 *
 * Each folder in CASES_DIR is a case:
 * - `case.json`: see {@link caseSchema}; `model` is a folder or a `.safetensors` file, seen from the case's own folder
 * - `image.png` and `mask.png` (white is painted) for img2img and inpaint
 * - `noise.f32`: little-endian floats of shape [batch, 4, height / 8, width / 8], the noise to begin with; what follows is
 *   taken for the noise that some samplers add in their steps
 * - `expected.f32`, the final latents, or `expected.png`
 *
 * Prints a line for each case, and exits with 1 if any is over its bound.
 */
const caseSchema = z.object({
  model: z.string(),
  task: z.enum(['inpaint', 'img2img', 'txt2img']),
  prompt: z.string().default(''),
  negative: z.string().default(''),
  steps: z.int().positive(),
  scheduler: z.enum(SAMPLER_NAMES),
  spacing: z.enum(SIGMA_SPACINGS).default('linear'),
  guidance: z.number().default(7.5),
  strength: z.number().min(0).max(1).default(1),
  width: z.int().multipleOf(VAE_SCALE_FACTOR),
  height: z.int().multipleOf(VAE_SCALE_FACTOR),
  batch: z.int().positive().default(1),
  clipSkip: z.int().positive().optional(),
  /** Largest difference of latents, to the largest latent; 0.001 unless told. For half precision it has to be more. */
  bound: z.number().positive().default(1e-3),
})

type Case = z.infer<typeof caseSchema>

/** Pictures may differ by one grey level on so large a share of their values. */
const SAME = 0.999

type ParityResult = {
  readonly name: string
  readonly isSame: boolean
  /** Of the latents, to the largest one; or of the picture, in grey levels. */
  readonly largest: number
  readonly mean: number
  readonly of: 'latents' | 'picture'
}

/** Compare all cases of a folder, in the order of their names. */
export async function* compareParityCases(folder: string): AsyncGenerator<ParityResult> {
  const models = new Map<string, DiffusionModel>()
  try {
    for (const name of (await readdir(folder)).sort()) {
      const at = join(folder, name)
      if (!(await isThere(join(at, 'case.json')))) continue
      const asked = caseSchema.parse(JSON.parse(await readFile(join(at, 'case.json'), 'utf8')))
      const { prompt, loras } = extractLoras(asked.prompt)
      const one = { ...asked, prompt }
      const path = resolve(at, one.model)
      const key = JSON.stringify([path, loras])
      const model = models.get(key) ?? (await loadDiffusionModel(path, 'cpu', { loras }))
      models.set(key, model)
      yield* compared(name, at, one, await latentsOf(at, one, model), model)
    }
  } finally {
    for (const model of models.values()) await model.close()
  }
}

async function* compared(
  name: string,
  at: string,
  one: Case,
  latents: readonly Float32Array[],
  model: DiffusionModel,
): AsyncGenerator<ParityResult> {
  if (await isThere(join(at, 'expected.f32'))) {
    const expected = await floats(join(at, 'expected.f32'))
    const found = Float32Array.from(latents.flatMap(picture => [...picture]))
    const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const { largest, mean } = difference(found, expected)
    const isSame = found.length === expected.length && largest / size < one.bound
    yield { name, isSame, largest: largest / size, mean: mean / size, of: 'latents' }
  }
  if (await isThere(join(at, 'expected.png'))) {
    const { pixels: expected } = await readPicture(await readFile(join(at, 'expected.png')), {})
    const found = planesToPixels(await model.vae.decode(latents[0]!, one), one)
    const { largest, mean } = difference(found.data, expected.data)
    const close = found.data.filter((value, index) => Math.abs(value - expected.data[index]!) <= 255 * one.bound + 1)
    yield { name, isSame: close.length >= SAME * found.data.length, largest, mean, of: 'picture' }
  }
}

async function latentsOf(at: string, one: Case, model: DiffusionModel): Promise<Float32Array[]> {
  const size = [one.height / VAE_SCALE_FACTOR, one.width / VAE_SCALE_FACTOR] as const
  const length = LATENT_CHANNELS * size[0] * size[1]
  const numbers = await floats(join(at, 'noise.f32'))
  const noise = Array.from({ length: one.batch }, (_, i) => numbers.slice(i * length, (i + 1) * length))
  let drawn = one.batch
  const sampler = samplerRegistry[one.scheduler](model.schedule, {
    steps: one.steps,
    spacing: one.spacing,
    family: model.family,
  })
  const planes = one.task === 'txt2img' ? undefined : await picturePlanes(at, one)
  const picture = planes && (await model.vae.encode(planes, one))
  const strength = one.task === 'txt2img' ? 1 : one.strength
  const first = sampler.callsPerStep * (one.steps - Math.min(Math.floor(one.steps * strength), one.steps))
  const keeping = one.task === 'inpaint' ? await keepingOf(at, one, model, planes!, picture!) : undefined
  // In-painting begins with pure noise at full strength; img2img still has the picture under it.
  const isPure = !picture || (one.task === 'inpaint' && strength === 1)
  const latents = noise.map(one => (isPure ? sampler.initialLatents(one) : sampler.addNoise(picture, one, first)))
  const guided = one.guidance > 1 && !model.unet.hasGuidanceEmbedding
  const [positive, negative] = await model.encodePrompts([one.prompt, one.negative], one, one.clipSkip)
  const guide: StepConditioning = {
    positive: [{ condition: positive!, weight: 1 }],
    negative: guided ? negative : undefined,
  }
  return denoise({
    unet: model.unet,
    sampler,
    firstCall: first,
    latents,
    size,
    conditioningAt: () => guide,
    guidanceScale: one.guidance,
    inpaint: keeping,
    noise,
    freshNoise: () => {
      const fresh = numbers.slice(drawn * length, (drawn + 1) * length)
      if (fresh.length < length) throw new RangeError('noise.f32 has no noise for the steps of this sampler')
      drawn++
      return fresh
    },
    signal: new AbortController().signal,
    onStep: () => {},
  })
}

async function picturePlanes(at: string, { width, height }: Case): Promise<Float32Array> {
  const { pixels } = await readPicture(await readFile(join(at, 'image.png')), { size: { width, height } })
  return pixelsToPlanes(pixels)
}

/** As diffusers lays it out: a latent is painted if the pixel in its corner is. */
async function keepingOf(
  at: string,
  { width, height }: Case,
  model: DiffusionModel,
  planes: Float32Array,
  picture: Float32Array,
): Promise<InpaintConditioning> {
  const { pixels } = await readPicture(await readFile(join(at, 'mask.png')), { size: { width, height } })
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

function difference(found: ArrayLike<number>, expected: ArrayLike<number>): { largest: number; mean: number } {
  let [largest, sum] = [0, 0]
  for (let at = 0; at < expected.length; at++) {
    // What is not a number is as wrong as can be.
    const off = Math.abs(found[at]! - expected[at]!)
    largest = Math.max(largest, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off)
    sum += off
  }
  return { largest, mean: sum / expected.length }
}

async function floats(file: string): Promise<Float32Array> {
  const bytes = await readFile(file)
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4))
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
