import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import {
  type DiffusionModel,
  type LoadOptions,
  loadDiffusionModel,
} from '../src/inference/engines/diffusion/model/diffusion-model.js'
import { planesToPixels } from '../src/inference/engines/diffusion/model/planes.js'
import { extractLoras } from '../src/inference/engines/diffusion/prompt/lora-tags.js'
import { readPicture } from '../src/inference/image/decode.js'
import { caseSchema, type ParityCase, readFloats, sampleCase } from './parity-case.js'

/**
 * Compare the diffusion engine's results with those of another program for the same model, noise and prompt.
 *
 *     npm run parity -- CASES_DIR
 *
 * Each folder in CASES_DIR is a case:
 * - `case.json`: see {@link caseSchema}; `model` and `refiner` are folders or `.safetensors` files, relative to the case's folder
 * - `image.png` and `mask.png` (white is painted) for img2img and inpaint
 * - `noise.f32`: little-endian floats of shape [batch, 4, height / 8, width / 8], the initial noise; what follows is
 *   the noise that ancestral and SDE samplers add in their steps
 * - `expected.f32`, the final latents, or `expected.png`
 */
export type ParityResult = {
  readonly name: string
  readonly isSame: boolean
} & (
  | { readonly of: 'latents' | 'picture'; readonly bound: Bound; readonly largest: number; readonly mean: number }
  | { readonly of: 'error'; readonly message: string }
)

/** The largest difference that counts as the same, and why it is not the default. */
type Bound = { readonly largest: number; readonly reason: string | undefined }

/** Share of a picture's values that have to be within the bound and one grey level. */
const MIN_EQUAL_SHARE = 0.999

/**
 * Compare all cases of a folder, those of a model after each other. Differences are relative to the largest latent, or in
 * grey levels.
 */
export async function* compareParityCases(folder: string): AsyncGenerator<ParityResult> {
  const [models, refiners] = [createModelCache(), createModelCache()]
  try {
    for (const { name, caseFolder, one } of await readCases(folder)) {
      try {
        if (one instanceof Error) throw one
        const { prompt, loras } = extractLoras(one.prompt)
        const controls = one.controls.map(({ model, module }) => ({ name: model, task: module }))
        const model = await models.load(resolve(caseFolder, one.model), { loras, controls })
        const refiner =
          one.refiner === undefined
            ? undefined
            : await refiners.load(resolve(caseFolder, one.refiner), { mayBeRefiner: true })
        yield* compareResults(name, caseFolder, one, await sampleCase(caseFolder, one, prompt, model, refiner), model)
      } catch (error) {
        yield { name, isSame: false, of: 'error', message: describeError(error) }
      }
    }
  } finally {
    await models.close()
    await refiners.close()
  }
}

/** All cases of a folder by model, then by name. A case that can't be read is an error, and comes first. */
async function readCases(folder: string) {
  const names = (await readdir(folder)).filter(name => existsSync(join(folder, name, 'case.json')))
  const cases = await Promise.all(
    names.map(async name => {
      const caseFolder = join(folder, name)
      return { name, caseFolder, one: await readCase(caseFolder).catch((error: Error) => error) }
    }),
  )
  const key = ({ name, one }: (typeof cases)[number]) => (one instanceof Error ? name : `${one.model}\0${name}`)
  return cases.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

async function readCase(folder: string): Promise<ParityCase> {
  const result = caseSchema.safeParse(JSON.parse(await readFile(join(folder, 'case.json'), 'utf8')))
  if (result.success) return result.data
  throw new Error(`case.json: ${z.prettifyError(result.error)}`)
}

/** Keeps the model of the last case. */
function createModelCache() {
  let key: string | undefined
  let model: DiffusionModel | undefined
  const close = async () => {
    await model?.close()
    key = model = undefined
  }
  return {
    async load(path: string, options: LoadOptions): Promise<DiffusionModel> {
      const wanted = JSON.stringify([path, options])
      if (model && key === wanted) return model
      await close()
      model = await loadDiffusionModel(path, 'cpu', options)
      key = wanted
      return model
    },
    close,
  }
}

async function* compareResults(
  name: string,
  caseFolder: string,
  one: ParityCase,
  latents: readonly Float32Array[],
  model: DiffusionModel,
): AsyncGenerator<ParityResult> {
  const bound = { largest: one.bound, reason: one.boundReason }
  if (existsSync(join(caseFolder, 'expected.f32'))) {
    const expected = await readFloats(join(caseFolder, 'expected.f32'))
    const actual = Float32Array.from(latents.flatMap(picture => [...picture]))
    const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const { largest, mean } = difference(actual, expected)
    const isSame = actual.length === expected.length && largest / size < bound.largest
    yield { name, isSame, of: 'latents', bound, largest: largest / size, mean: mean / size }
  }
  if (existsSync(join(caseFolder, 'expected.png'))) {
    const { pixels: expected } = await readPicture(await readFile(join(caseFolder, 'expected.png')), {})
    const actual = planesToPixels(await model.vae.decode(latents[0]!, one), one)
    const { largest, mean } = difference(actual.data, expected.data)
    const withinTolerance = actual.data.filter(
      (value, index) => Math.abs(value - expected.data[index]!) <= 255 * bound.largest + 1,
    )
    const isSame = withinTolerance.length >= MIN_EQUAL_SHARE * actual.data.length
    yield { name, isSame, of: 'picture', bound, largest, mean }
  }
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

function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const problem = error instanceof Error && 'problem' in error ? ` ${JSON.stringify(error.problem)}` : ''
  return `${message}${problem}`.replaceAll('\n', ' ')
}
