import FFT from 'fft.js'
import { KEEP, PAINT, type Pixels } from '../../../image/pixels.js'
import type { Canvas } from '../../../pipeline/canvas.js'
import { createRandom } from '../../../random.js'

/** Share of the noise that differs between red, green and blue, 0 to 1: A1111's "color variation". */
const COLOUR_VARIATION = 0.05

/** Exponent of the known picture's spectrum, A1111's "fall-off exponent"; lower gives more detail. */
const SPECTRUM_EXPONENT = 1

/**
 * Fill the masked area with noise that has the known picture's spectrum and histogram, as A1111's "outpainting mk2"
 * script does: the noise spectrum times the picture's spectrum (masked pixels replaced by the mean colour), with the
 * picture's phases; then histogram matching for each channel.
 */
export function matchedNoise({ pixels, mask }: Pick<Canvas, 'pixels' | 'mask'>, seed: number): Pixels {
  const { width, height } = mask
  const area = width * height
  const transform = fourierTransform(nextPowerOfTwo(width), nextPowerOfTwo(height))
  const uniform = createRandom(seed)
  const greyNoise = Float64Array.from({ length: area }, uniform)
  const data = pixels.data.slice()
  for (let channel = 0; channel < 3; channel++) {
    const knownValues: number[] = []
    for (let at = 0; at < area; at++) if (mask.data[at] === KEEP) knownValues.push(pixels.data[at * 3 + channel]!)
    const meanColour = knownValues.reduce((sum, value) => sum + value, 0) / knownValues.length
    const picture = mirroredPlane(transform, width, height, at =>
      mask.data[at] === KEEP ? pixels.data[at * 3 + channel]! : meanColour,
    )
    const noise = mirroredPlane(transform, width, height, at => {
      return COLOUR_VARIATION * uniform() + (1 - COLOUR_VARIATION) * greyNoise[at]! - 0.5
    })
    transform.forward(picture)
    transform.forward(noise)
    for (let at = 0; at < picture.real.length; at++) {
      const magnitude = Math.hypot(picture.real[at]!, picture.imaginary[at]!)
      const [x, y] = [
        frequency(at % transform.width, transform.width),
        frequency(at / transform.width, transform.height),
      ]
      const power = (noise.real[at]! ** 2 + noise.imaginary[at]! ** 2) / ((x * x + 1) * (y * y + 1)) ** 2
      const scale = magnitude === 0 ? 0 : (power * magnitude ** SPECTRUM_EXPONENT) / magnitude
      picture.real[at] = picture.real[at]! * scale
      picture.imaginary[at] = picture.imaginary[at]! * scale
    }
    transform.backward(picture)
    const maskedPixels: number[] = []
    for (let at = 0; at < area; at++) if (mask.data[at] === PAINT) maskedPixels.push(at)
    const values = maskedPixels.map(at => picture.real[Math.floor(at / width) * transform.width + (at % width)]!)
    const valueRanks = ranks(values)
    knownValues.sort((a, b) => a - b)
    for (const [index, at] of maskedPixels.entries()) {
      data[at * 3 + channel] = knownValues[Math.floor((valueRanks[index]! * knownValues.length) / maskedPixels.length)]!
    }
  }
  return { width, height, data }
}

/** Frequency of an FFT bin, 0 to 1 for the Nyquist frequency. */
function frequency(index: number, length: number): number {
  const whole = Math.floor(index)
  return (2 * Math.min(whole, length - whole)) / length
}

/** The rank of each value, from 0 for the smallest. */
function ranks(values: readonly number[]): Uint32Array {
  const sortedIndices = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!)
  const ranked = new Uint32Array(values.length)
  for (const [rank, index] of sortedIndices.entries()) ranked[index] = rank
  return ranked
}

type Plane = { readonly real: Float64Array; readonly imaginary: Float64Array }
type Transform = ReturnType<typeof fourierTransform>

/** A plane of the transform's size with the picture in its top left corner, mirrored beyond its sides. */
function mirroredPlane(
  { width, height }: Transform,
  across: number,
  down: number,
  valueAt: (at: number) => number,
): Plane {
  const picture = new Float64Array(across * down)
  for (let at = 0; at < picture.length; at++) picture[at] = valueAt(at)
  const real = new Float64Array(width * height)
  const mirrorIndex = (place: number, length: number) => {
    const position = place % (2 * length)
    return position < length ? position : 2 * length - 1 - position
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      real[y * width + x] = picture[mirrorIndex(y, down) * across + mirrorIndex(x, across)]!
  }
  return { real, imaginary: new Float64Array(width * height) }
}

function nextPowerOfTwo(length: number): number {
  return Math.max(2, 2 ** Math.ceil(Math.log2(length)))
}

/** The 2D FFT of planes whose sides are powers of two. Both directions work in place. */
function fourierTransform(width: number, height: number) {
  const transformAxis = (length: number, lineCount: number, stride: number, lineStride: number) => {
    const fft = new FFT(length)
    const [input, output] = [fft.createComplexArray(), fft.createComplexArray()]
    return ({ real, imaginary }: Plane, isInverse: boolean) => {
      for (let line = 0; line < lineCount; line++) {
        for (let i = 0; i < length; i++) {
          input[2 * i] = real[line * lineStride + i * stride]!
          input[2 * i + 1] = imaginary[line * lineStride + i * stride]!
        }
        if (isInverse) fft.inverseTransform(output, input)
        else fft.transform(output, input)
        for (let i = 0; i < length; i++) {
          real[line * lineStride + i * stride] = output[2 * i]!
          imaginary[line * lineStride + i * stride] = output[2 * i + 1]!
        }
      }
    }
  }
  const rows = transformAxis(width, height, 1, width)
  const columns = transformAxis(height, width, width, 1)
  const transform2d = (isInverse: boolean) => (of: Plane) => {
    rows(of, isInverse)
    columns(of, isInverse)
  }
  return { width, height, forward: transform2d(false), backward: transform2d(true) }
}
