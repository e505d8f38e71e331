import { readFileSync } from 'node:fs'
import { encodeSafetensors, type Tensor, tensorValues } from './checkpoints.js'

/** Written by `tools/reference/upscalers.py`. */
type UpscalerCase = {
  readonly exponent: number
  readonly shapes: Readonly<Record<string, readonly number[]>>
  /** Channels, height and width of the result. */
  readonly size: readonly [number, number, number]
  readonly values: readonly number[]
}

export const UPSCALER_CASES: Readonly<Record<string, UpscalerCase>> = JSON.parse(
  readFileSync('test/fixtures/upscalers.json', 'utf8'),
)

/** The picture that the results are of: 10×6 pixels, values from 0 to 1 by channel. */
export const UPSCALER_INPUT = {
  data: Float32Array.from({ length: 180 }, (_, at) => ((at * 37) % 251) / 255),
  dims: [1, 3, 6, 10],
} as const

/** The tensors of a small network by BasicSR's names. */
export function upscalerTensors(name: string): Map<string, Tensor> {
  const { shapes, exponent } = UPSCALER_CASES[name]!
  return new Map(
    Object.entries(shapes).map(([key, shape]) => [key, { shape, values: tensorValues(key, shape, exponent) }]),
  )
}

/** The file of a small network. @param rename gives its tensors other names */
export function upscalerFile(name: string, rename = (key: string) => key): Buffer {
  const renamed = [...upscalerTensors(name)].map(([key, tensor]): [string, Tensor] => [rename(key), tensor])
  return encodeSafetensors(new Map(renamed), 'F32')
}
