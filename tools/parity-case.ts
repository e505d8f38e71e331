import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { MASK_RULES } from '../src/inference/engines/diffusion/inpaint/inpaint-conditioning.js'
import { sampleLatents } from '../src/inference/engines/diffusion/inpaint/sample-latents.js'
import { workRegion } from '../src/inference/engines/diffusion/inpaint/work-region.js'
import type { DiffusionModel } from '../src/inference/engines/diffusion/model/diffusion-model.js'
import { pixelsToPlanes } from '../src/inference/engines/diffusion/model/planes.js'
import { LATENT_CHANNELS, VAE_SCALE_FACTOR } from '../src/inference/engines/diffusion/model/vae.js'
import { SAMPLER_NAMES, SIGMA_SPACINGS } from '../src/inference/engines/diffusion/sampling/sampler-names.js'
import { paddedBounds } from '../src/inference/image/crop.js'
import { readPicture } from '../src/inference/image/decode.js'
import type { Extent } from '../src/inference/image/geometry.js'
import { decodeSoftMask } from '../src/inference/image/mask-file.js'
import { cropMask, cropPixels, KEEP, type Mask, PAINT, type Pixels } from '../src/inference/image/pixels.js'
import { NOWHERE } from '../src/inference/pipeline/canvas.js'
import { SWITCH_AT } from '../src/inference/pipeline/options.js'

/** Largest difference in single precision, relative to the largest latent. What is reached is 1e-5. */
const DEFAULT_BOUND = 5e-5

/** diffusers paints from this grey level on. */
const MIDDLE_GREY = 128

/** The content of a `case.json`. */
export const caseSchema = z.object({
  model: z.string(),
  task: z.enum(['inpaint', 'img2img', 'txt2img']),
  prompt: z.string().default(''),
  /** Without it SDXL gets zeros, as from diffusers' `negative_prompt=None`; the empty text is encoded. */
  negative: z.string().optional(),
  steps: z.int().positive(),
  scheduler: z.enum(SAMPLER_NAMES),
  spacing: z.enum(SIGMA_SPACINGS).default('linear'),
  guidance: z.number().default(7.5),
  guidanceRescale: z.number().min(0).max(1).default(0),
  /** A second model, which continues after this share of the noise schedule. */
  refiner: z.string().optional(),
  switchAt: z.number().min(0).max(1).default(SWITCH_AT.default),
  /** ControlNets; `hint` is a file next to `case.json` of floats, shape [3, height, width]. */
  controls: z
    .array(
      z.object({
        model: z.string(),
        hint: z.string(),
        module: z.enum(['inpaint', 'tile']).default('inpaint'),
        weight: z.number().default(1),
        start: z.number().default(0),
        end: z.number().default(1),
        mode: z.enum(['balanced', 'my prompt', 'controlnet', 'guess']).default('balanced'),
      }),
    )
    .default([]),
  /** Only the masked area is painted, with this many pixels around it; it has to have the size that is painted. */
  paddingMaskCrop: z.int().min(0).optional(),
  strength: z.number().min(0).max(1).default(1),
  width: z.int().multipleOf(VAE_SCALE_FACTOR),
  height: z.int().multipleOf(VAE_SCALE_FACTOR),
  batch: z.int().positive().default(1),
  clipSkip: z.int().positive().optional(),
  /** Largest difference of latents, relative to the largest latent. */
  bound: z.number().positive().default(DEFAULT_BOUND),
  /** Why the bound is not the default. */
  boundReason: z.string().min(1).optional(),
})

export type ParityCase = z.infer<typeof caseSchema>

/** The latents that Overscan paints for a case, with the same code as for people. @param folder of the case */
export async function sampleCase(
  folder: string,
  one: ParityCase,
  prompt: string,
  model: DiffusionModel,
  refiner?: DiffusionModel,
): Promise<Float32Array[]> {
  const length = (LATENT_CHANNELS * one.width * one.height) / VAE_SCALE_FACTOR ** 2
  const noiseValues = await readFloats(join(folder, 'noise.f32'))
  const noiseAt = (index: number) => {
    const noise = noiseValues.slice(index * length, (index + 1) * length)
    if (noise.length < length) throw new RangeError('noise.f32 has too little noise for the steps of this sampler')
    return noise
  }
  let noiseIndex = one.batch
  const { picture, mask } = await readCasePictures(folder, one)
  const pictureLatents = picture && (await model.vae.encode(pixelsToPlanes(picture), one))
  const canvas = picture && mask && { pixels: picture, mask, old: NOWHERE }
  const region = canvas && (await workRegion(model, canvas, { atOwnSize: true, rule: MASK_RULES.diffusers }))
  const strength = one.task === 'txt2img' ? 1 : one.strength
  // As in diffusers: inpainting at full strength starts from pure noise, img2img adds the noise to the picture.
  const startsFromNoise = one.task === 'txt2img' || (one.task === 'inpaint' && strength === 1)
  return sampleLatents({
    model,
    refiner: refiner && { model: refiner, switchAt: one.switchAt },
    prompt,
    negative: one.negative,
    clipSkip: one.clipSkip,
    settings: { ...one, sampler: one.scheduler },
    controls: await Promise.all(
      one.controls.map(async (control, index) => {
        return { ...control, net: model.controlNets[index]!, hint: await readFloats(join(folder, control.hint)) }
      }),
    ),
    strength,
    size: one,
    startLatents: startsFromNoise ? undefined : pictureLatents,
    inpaint: region && (await region.conditioning(pictureLatents!)),
    noise: Array.from({ length: one.batch }, (_, index) => noiseAt(index)),
    freshNoise: () => noiseAt(noiseIndex++),
    signal: new AbortController().signal,
    onStep: () => {},
  })
}

/** The picture and the mask of the case, as they are painted. */
async function readCasePictures(folder: string, one: ParityCase): Promise<{ picture?: Pixels; mask?: Mask }> {
  if (one.task === 'txt2img') return {}
  const picture = await readFile(join(folder, 'image.png'))
  const readScaled = async () => (await readPicture(picture, { size: one })).pixels
  if (one.task === 'img2img') return { picture: await readScaled() }
  const mask = await readMask(join(folder, 'mask.png'))
  if (one.paddingMaskCrop !== undefined) {
    const box = paddedBounds(mask, one.paddingMaskCrop)!
    requireSize('the masked area with its padding', box, one)
    const { pixels } = await readPicture(picture, {})
    return { picture: cropPixels(pixels, box), mask: cropMask(mask, box) }
  }
  requireSize('mask.png', mask, one)
  return { picture: await readScaled(), mask }
}

async function readMask(file: string): Promise<Mask> {
  const { width, height, data } = await decodeSoftMask(await readFile(file))
  return { width, height, data: data.map(grey => (grey >= MIDDLE_GREY ? PAINT : KEEP)) }
}

function requireSize(what: string, { width, height }: Extent, wanted: Extent): void {
  if (width === wanted.width && height === wanted.height) return
  throw new RangeError(`${what} is ${width}×${height} pixels large, not ${wanted.width}×${wanted.height}`)
}

/** Little-endian floats. */
export async function readFloats(file: string): Promise<Float32Array> {
  const bytes = await readFile(file)
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4))
}
