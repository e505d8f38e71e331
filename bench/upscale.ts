import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { upscaleEngine } from '../src/inference/engines/upscale/engine.js'
import { LANCZOS } from '../src/inference/engines/upscale/lanczos.js'
import type { Extent } from '../src/inference/image/geometry.js'
import { filledMask, PAINT, type Pixels } from '../src/inference/image/pixels.js'

const SCALE = 4

/** The side of the photos' middle that is enlarged back, in pixels. */
const SIDE = { quick: 256, whole: 512 } as const

/**
 * How near upscaled pictures are to what they were before: the middle of each photo is made four times smaller, then enlarged by
 * bicubic resampling, by `lanczos` without its grain, which no measure of likeness rewards, and by the network of `model`. PSNR is of all channels, in dB; SSIM of the luma (Wang et al. 2004), both
 * as means over the photos.
 */
export async function benchUpscale(options: { quick: boolean; pictures?: string; model?: string; device?: string }) {
  const { quick, pictures: folder, model, device = 'cpu' } = options
  if (folder === undefined) throw new Error('Say which photos: npm run bench -- upscale --pictures FOLDER')
  const engines = [upscaleEngine(LANCZOS, undefined), ...(model ? [upscaleEngine('network', model, device)] : [])]
  const scores = new Map<string, { psnr: number; ssim: number }[]>()
  const seconds = new Map<string, number>()
  const files = (await readdir(folder)).filter(name => /\.(png|jpe?g|webp)$/i.test(name)).sort()
  for (const file of quick ? files.slice(0, 3) : files) {
    const photo = await middle(join(folder, file), quick ? SIDE.quick : SIDE.whole)
    const size = { width: photo.width / SCALE, height: photo.height / SCALE }
    const small = await resized(photo, size)
    const results: [string, Pixels][] = [['bicubic', await resized(small, photo)]]
    for (const engine of engines) {
      const start = performance.now()
      results.push([engine.name, await enlarged(engine, small)])
      seconds.set(engine.name, (seconds.get(engine.name) ?? 0) + (performance.now() - start) / 1000)
    }
    for (const [name, result] of results) {
      const score = { psnr: psnr(photo, result), ssim: ssim(luma(photo), luma(result), photo.width) }
      scores.set(name, [...(scores.get(name) ?? []), score])
    }
  }
  for (const engine of engines) await engine.close()
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length
  return Object.fromEntries(
    [...scores].map(([name, all]) => {
      const time = seconds.get(name)
      return [
        name,
        {
          psnr: Number(mean(all.map(one => one.psnr)).toFixed(2)),
          ssim: Number(mean(all.map(one => one.ssim)).toFixed(4)),
          ...(time !== undefined && { secondsPerPhoto: Number((time / all.length).toFixed(2)) }),
        },
      ]
    }),
  )
}

async function enlarged(engine: ReturnType<typeof upscaleEngine>, pixels: Pixels): Promise<Pixels> {
  const canvas = { pixels, mask: filledMask(pixels, PAINT), old: { x: 0, y: 0, width: 0, height: 0 } }
  const task = { seeds: [0], prompt: '', options: { scale: SCALE, grain: false }, signal: new AbortController().signal }
  const [result] = await engine.paint(canvas, { ...task, onProgress: () => {} })
  return result!
}

/** The middle of a photo, whose sides are multiples of the scale. */
async function middle(file: string, side: number): Promise<Pixels> {
  const { width, height } = await sharp(file).metadata()
  const [wide, high] = [width, height].map(length => Math.min(side, length - (length % SCALE)))
  const box = { left: (width - wide!) >> 1, top: (height - high!) >> 1, width: wide!, height: high! }
  const data = await sharp(file).extract(box).removeAlpha().toColourspace('srgb').raw().toBuffer()
  return { width: wide!, height: high!, data }
}

async function resized({ width, height, data }: Pixels, size: Extent): Promise<Pixels> {
  const to = { width: size.width, height: size.height }
  const raw = { width, height, channels: 3 } as const
  return {
    ...to,
    data: await sharp(data, { raw })
      .resize({ ...to, fit: 'fill', kernel: 'cubic' })
      .raw()
      .toBuffer(),
  }
}

function psnr(one: Pixels, other: Pixels): number {
  const sum = one.data.reduce((total, value, at) => total + (value - other.data[at]!) ** 2, 0)
  return 10 * Math.log10(255 ** 2 / (sum / one.data.length))
}

/** Rec. 601. */
function luma({ data }: Pixels): Float64Array {
  return Float64Array.from(
    { length: data.length / 3 },
    (_, at) => 0.299 * data[at * 3]! + 0.587 * data[at * 3 + 1]! + 0.114 * data[at * 3 + 2]!,
  )
}

/** The mean structural similarity over windows of 8×8 pixels. */
function ssim(one: Float64Array, other: Float64Array, width: number): number {
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2]
  const [side, height] = [8, one.length / width]
  let [sum, count] = [0, 0]
  for (let y = 0; y + side <= height; y += side / 2) {
    for (let x = 0; x + side <= width; x += side / 2) {
      let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0]
      for (let row = y; row < y + side; row++) {
        for (let at = row * width + x; at < row * width + x + side; at++) {
          const [v, w] = [one[at]!, other[at]!]
          a += v
          b += w
          aa += v * v
          bb += w * w
          ab += v * w
        }
      }
      const n = side * side
      const [ma, mb] = [a / n, b / n]
      const [va, vb, cov] = [aa / n - ma * ma, bb / n - mb * mb, ab / n - ma * mb]
      sum += ((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2))
      count++
    }
  }
  return sum / count
}
