import { ProblemError } from '../../../problem.js'
import { part, pasted } from '../../area.js'
import type { Canvas } from '../../canvas.js'
import { composite } from '../../composite.js'
import type { CONTENTS } from '../../edit.js'
import type { Engine, Task } from '../../engine.js'
import { resized, resizedRgba } from '../../files/picture.js'
import type { Box, Extent } from '../../geometry.js'
import { squaredDistances } from '../../masks/shape.js'
import { blank, crop, KEEP, type Mask, maskOf, PAINT, type Pixels } from '../../pixels.js'
import { fillEngine } from '../fill/fill.js'
import { denoise, type Guide, type Keeping } from './denoise.js'
import { AUTO, loadModel, type Model } from './model.js'
import { between, noiseFrom } from './noise.js'
import { passesFor } from './passes.js'
import { previewOf } from './preview.js'
import { promptAt, subprompts } from './prompt/scheduled.js'
import { type SamplerName, samplers } from './samplers/samplers.js'
import { matched } from './seam.js'
import { CHANNELS, LATENT, pixelsOf, planesOf } from './vae.js'

/** What a job does that says nothing else; as in A1111's web UI. */
const USUAL = { steps: 20, sampler: 'DPM++ 2M', guidance: 7 } as const

/** The same for latent consistency models: with a LoRA merged in, and distilled whole. */
const LCM = { steps: 6, sampler: 'LCM', guidance: 1.5 } as const
const DISTILLED = { steps: 4, sampler: 'LCM', guidance: 8 } as const

/** Samplers that are better with Karras' sigmas. */
const KARRAS: ReadonlySet<SamplerName> = new Set(['DPM++ 2M', 'DPM++ 2M SDE'])

/** Sides of what is painted are multiples of so many pixels. */
const SIDE = 64

/**
 * Denoising strength where the job says nothing: models that were trained for it begin with nothing but noise; others need to
 * see something under it.
 */
const STRENGTH = { trained: 1, other: 0.9 } as const

/** The mask reaches so far into the known picture, in pixels as the model paints: the border is painted on both sides. */
const OVERLAP = 16

/** At most one preview in so many milliseconds. */
const PREVIEW_PAUSE = 2000

/** A model that is not used for so long, in milliseconds, gives its memory back. */
const IDLE = 10 * 60_000

/**
 * Stable Diffusion from a model folder. Canvases are painted at about the size that the model knows, in passes where much is
 * added, begun with what the `fill` engine paints there, and matched along the border.
 *
 * @param name that people know it by
 * @param device as `loadModel` takes it
 * @param tell is told, in a line, what computes the model whenever it is loaded
 */
export function diffusionEngine(
  name: string,
  folder: string,
  device: string = AUTO,
  tell: (line: string) => void = () => {},
): Engine {
  const fill = fillEngine('fill')
  let loading: Promise<Model> | undefined
  let idle: NodeJS.Timeout | undefined

  const load = () => {
    clearTimeout(idle)
    loading ??= loadModel(folder, device).then(model => {
      const why = model.reasons.length > 0 ? ` (${model.reasons.join('; ')})` : ''
      tell(`${name} is computed on ${model.device}${why}`)
      return model
    })
    // What failed once may have been mended since.
    loading.catch(() => {
      loading = undefined
    })
    return loading
  }
  const unload = async () => {
    clearTimeout(idle)
    const loaded = loading
    loading = undefined
    await (await loaded?.catch(() => undefined))?.close()
  }

  return {
    name,
    async paint(canvas, task) {
      task.signal.throwIfAborted()
      const model = await load()
      try {
        return await paintWith(model, canvas, task, fill)
      } finally {
        idle = setTimeout(() => void unload(), IDLE)
        idle.unref()
      }
    },
    async close() {
      await unload()
      await fill.close()
    },
  }
}

async function paintWith(model: Model, canvas: Canvas, task: Task, fill: Engine): Promise<Pixels[]> {
  const { seeds, signal, onProgress } = task
  const boxes = passesFor(canvas.old, canvas.pixels)
  const finished: Pixels[] = []
  let shown = 0
  for (const [index, seed] of seeds.entries()) {
    let { pixels, mask } = canvas
    for (const [pass, box] of boxes.entries()) {
      const onStep = (share: number, preview: () => Pixels) => {
        const done = Math.min(0.99, (index + (pass + share) / boxes.length) / seeds.length)
        const now = performance.now()
        const isDue = index === 0 && now - shown >= PREVIEW_PAUSE
        if (isDue) shown = now
        onProgress(isDue ? { done, preview: preview() } : { done })
      }
      const isWhole = boxes.length === 1
      const piece = isWhole ? canvas : part({ pixels, mask, old: canvas.old }, box)
      if (!piece.mask.data.includes(PAINT)) continue
      // Passes are different pictures: with the same noise they would repeat themselves.
      const moved = { seed: (seed + pass) >>> 0, variation: index + pass }
      const painted = await paintPiece({ model, fill, piece, task, ...moved, onStep })
      signal.throwIfAborted()
      if (isWhole) pixels = painted
      else {
        pixels = pasted(pixels, composite(piece, painted), box)
        mask = without(mask, box)
      }
    }
    finished.push(pixels)
  }
  onProgress({ done: 1 })
  return finished
}

type Piece = {
  readonly model: Model
  readonly fill: Engine
  readonly piece: Canvas
  readonly task: Task
  readonly seed: number
  /** By how much the variation's seed has moved on. */
  readonly variation: number
  /** How much of this piece is done, from 0 to 1. */
  readonly onStep: (share: number, preview: () => Pixels) => void
}

/** Paint what is missing of a piece of a canvas, once. */
async function paintPiece({ model, fill, piece, task, seed, variation, onStep }: Piece): Promise<Pixels> {
  const { signal, options = {} } = task
  const usually =
    model.schedule.config._class_name === 'LCMScheduler' ? (model.unet.knowsGuidance ? DISTILLED : LCM) : USUAL
  const { steps = usually.steps, sampler: samplerName = usually.sampler, guidance = usually.guidance } = options
  const { negative = '', content = 'fill', spacing = KARRAS.has(samplerName) ? 'karras' : 'linear' } = options
  const { size, place } = workSize(piece.pixels, model)
  const [across, down] = [size.width / LATENT, size.height / LATENT]
  const length = CHANNELS * across * down
  const { pixels: known, mask } = placed(await resizedCanvas(piece, place), place, size)
  const isBlank = mask.data.every(value => value === PAINT)
  const under = content === 'original' ? task.under : undefined
  const isFresh = isBlank && !under
  const strongest = model.unet.channels === 9 ? STRENGTH.trained : STRENGTH.other
  const strength = isFresh ? 1 : (options.strength ?? strongest)

  // Of a lower strength only the last steps are done.
  const done = Math.max(1, Math.floor(steps * strength))
  const guides: Guide[] = []
  for (const { towards, away } of promptsOf(task.prompt, negative, done)) {
    const [unwanted, ...wanted] = await model.conditions([away, ...towards.map(({ text }) => text)], size)
    const positive = towards.map(({ weight }, index) => ({ condition: wanted[index]!, weight }))
    guides.push({ positive, negative: guidance > 1 && !model.unet.knowsGuidance ? unwanted : undefined })
  }
  signal.throwIfAborted()

  const begun = async () => {
    if (under) return pasted(blank(size), await resized(under, place), place)
    if (isFresh) return known
    const alone = { seeds: [seed], prompt: '', signal, onProgress: () => {} }
    const [filled] = await fill.paint({ pixels: known, mask, old: piece.old }, alone)
    return filled!
  }
  // A model that sees the picture beside its latents, and begins with nothing but noise, never sees what lies under it.
  const isUnseen = model.unet.channels === 9 && strength === 1
  const picture = isUnseen ? new Float32Array(length) : await model.vae.encode(planesOf(await begun()), size)
  const isFree = isBlank && model.unet.channels === 4
  const keeping = isFree ? undefined : await keepingOf(model, known, mask, picture, size)
  const sampler = samplers[samplerName].make(model.schedule, { steps, spacing, family: model.family })
  const noises = noiseFrom(seed)
  const { variationSeed, variationStrength = 0 } = options
  const own = noises(length)
  const isVaried = variationSeed !== undefined && variationStrength > 0
  const noise = isVaried ? between(own, noiseFrom((variationSeed + variation) >>> 0)(length), variationStrength) : own
  const first = sampler.callsPerStep * (steps - done)
  const start = keeping ? underMask(content, picture, keeping.mask, () => noises(length)) : picture
  const [latents] = await denoise({
    unet: model.unet,
    sampler,
    first,
    latents: [strength === 1 ? sampler.begin(noise) : sampler.noised(start, noise, first)],
    size: [down, across],
    guideAt: step => guides[Math.min(step, guides.length - 1)]!,
    guidance,
    keeping,
    noise: [noise],
    freshNoise: () => noises(length),
    signal,
    onStep(calls, whole, [latest]) {
      onStep(calls / whole, () => previewOf(latest!, { width: across, height: down }, model.family))
      // Cancelling comes by a message, which is read between steps.
      return new Promise(resolve => setImmediate(resolve))
    },
  })
  signal.throwIfAborted()
  const planes = await model.vae.decode(latents!, size)
  if (!planes.every(Number.isFinite)) throw new ProblemError({ code: 'model-overflowed', model: model.name })
  const painted = await resized(crop(pixelsOf(planes, size), place), piece.pixels)
  return isBlank ? painted : matched(painted, piece.pixels, piece.mask)
}

/** What lies in the box is not to be painted any more. */
function without(mask: Mask, box: Box): Mask {
  const data = mask.data.slice()
  for (let y = box.y; y < box.y + box.height; y++) {
    data.fill(KEEP, y * mask.width + box.x, y * mask.width + box.x + box.width)
  }
  return { ...mask, data }
}

/**
 * The size at which a model paints a canvas: as large as what it was trained at, in the canvas's shape, of which the canvas takes
 * all; or, for graphs that take one size only, that, and the canvas in the middle of it.
 */
function workSize({ width, height }: Extent, { trained, unet }: Model): { size: Extent; place: Box } {
  if (unet.fixed) {
    const size = { width: unet.fixed[1] * LATENT, height: unet.fixed[0] * LATENT }
    const scale = Math.min(size.width / width, size.height / height)
    const inner = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
    const x = Math.floor((size.width - inner.width) / 2)
    return { size, place: { x, y: Math.floor((size.height - inner.height) / 2), ...inner } }
  }
  const scale = (trained * LATENT) / Math.sqrt(width * height)
  const side = (length: number) => Math.max(SIDE, Math.round((length * scale) / SIDE) * SIDE)
  const size = { width: side(width), height: side(height) }
  return { size, place: { x: 0, y: 0, ...size } }
}

/** On a larger canvas, of which the rest is to be painted as well. */
function placed(small: Omit<Canvas, 'old'>, place: Box, size: Extent): Omit<Canvas, 'old'> {
  if (small.pixels.width === size.width && small.pixels.height === size.height) return small
  const mask = maskOf(size, PAINT)
  for (let row = 0; row < place.height; row++) {
    const line = small.mask.data.subarray(row * place.width, (row + 1) * place.width)
    mask.data.set(line, (place.y + row) * size.width + place.x)
  }
  return { pixels: pasted(blank(size), small.pixels, place), mask }
}

/** What is not known does not shine into what is; a pixel is painted if any of what it stands for is. */
async function resizedCanvas({ pixels, mask }: Canvas, { width, height }: Extent): Promise<Omit<Canvas, 'old'>> {
  if (pixels.width === width && pixels.height === height) return { pixels, mask }
  const rgba = new Uint8Array(mask.data.length * 4)
  for (let at = 0; at < mask.data.length; at++) {
    if (mask.data[at] === PAINT) continue
    for (let channel = 0; channel < 3; channel++) rgba[at * 4 + channel] = pixels.data[at * 3 + channel]!
    rgba[at * 4 + 3] = 255
  }
  const data = await resizedRgba({ width: pixels.width, height: pixels.height, data: rgba }, { width, height })
  const small = { pixels: blank({ width, height }), mask: maskOf({ width, height }, KEEP) }
  for (let at = 0; at < width * height; at++) {
    for (let channel = 0; channel < 3; channel++) small.pixels.data[at * 3 + channel] = data[at * 4 + channel]!
    if (data[at * 4 + 3]! < WHOLE) small.mask.data[at] = PAINT
  }
  return small
}

/** A pixel is whole from this alpha on: resampling rounds. */
const WHOLE = 250

/**
 * How a piece is kept while a model paints: the mask by latents, and what the model sees of the picture.
 *
 * All latents that a masked pixel lies on are painted, and {@link OVERLAP} beyond; for models of 4 channels less and less, so
 * that those are let go late.
 */
async function keepingOf(
  model: Model,
  known: Pixels,
  mask: Mask,
  picture: Float32Array,
  size: Extent,
): Promise<Keeping> {
  const [across, down] = [size.width / LATENT, size.height / LATENT]
  const latentMask = maskOf({ width: across, height: down }, KEEP)
  const latentAt = (at: number) =>
    Math.floor(at / size.width / LATENT) * across + Math.floor((at % size.width) / LATENT)
  for (let at = 0; at < mask.data.length; at++) if (mask.data[at] === PAINT) latentMask.data[latentAt(at)] = PAINT
  const far = squaredDistances(latentMask, PAINT)
  const reach = OVERLAP / LATENT
  if (model.unet.channels === 4) {
    const soft = Float32Array.from(far, square => Math.max(0, 1 - Math.sqrt(square) / (reach + 1)))
    return { mask: soft, picture, maskedPicture: picture }
  }
  const hard = Float32Array.from(far, square => Number(square <= reach * reach))
  // Grey under the mask, as these models were trained; and all of a latent, or none.
  const planes = planesOf(known).map((value, index) => {
    return hard[latentAt(index % mask.data.length)] === 1 ? 0 : value
  })
  return { mask: hard, picture, maskedPicture: await model.vae.encode(planes, size) }
}

/** The latents that the painting begins with, in the sense of A1111's "masked content". */
function underMask(
  content: (typeof CONTENTS)[number],
  latents: Float32Array,
  mask: Float32Array,
  noise: () => Float32Array,
): Float32Array {
  if (content === 'original' || content === 'fill') return latents
  const instead = content === 'latent noise' ? noise() : new Float32Array(latents.length)
  return latents.map((value, at) => (mask[at % mask.length]! > 0 ? instead[at]! : value))
}

/** What to go towards and away from in each step; one entry if nothing changes. */
function promptsOf(prompt: string, negative: string, steps: number) {
  const all = Array.from({ length: steps }, (_, step) => ({
    towards: subprompts(promptAt(prompt, step + 1, steps)),
    away: promptAt(negative, step + 1, steps),
  }))
  const isConstant = all.every(one => JSON.stringify(one) === JSON.stringify(all[0]))
  return isConstant ? all.slice(0, 1) : all
}
