import type { Extent } from '../../image/geometry.js'
import type { Pixels } from '../../image/pixels.js'
import { AUTO_DEVICE } from '../../onnx/device-names.js'
import type { Engine } from '../../pipeline/engine.js'
import { deviceFallback } from '../device-fallback.js'
import { fitPreview } from '../diffusion/preview.js'
import { addGrain, measureGrain } from './grain.js'
import { loadUpscaleNetwork, type UpscaleNetwork } from './network.js'
import { LANCZOS_REACH, reduce, resample } from './resample.js'
import { enlargeInTiles, type Tiling, tilesOf } from './tiles.js'

/**
 * Longest sides of a tile, in pixels. With ×4 and 64 channels at full size, as RRDBNets have them, a tile of 192 takes about 0.5 GB,
 * one of 384 about 2 GB in half precision 1 GB: that much a graphics card has.
 */
const TILE_SIDE = { cpu: 192, others: 384, lanczos: 512 } as const

/**
 * Margin of the tiles of networks that look farther than is worth computing, in pixels: twice that of Real-ESRGAN's own program.
 */
const DEFAULT_MARGIN = 20

/** Enlarges a tile by the network's own scale. */
type EnlargeTile = { readonly scale: number; readonly tiling: Tiling; enlarge(tile: Pixels): Promise<Pixels> }

/**
 * Enlarges pictures: the canvas is the picture, all of it is painted, and the results are `options.scale` times as wide and high.
 * If that isn’t a whole number, the picture is enlarged more and then resampled. A network that enlarges more is averaged down, one that enlarges less is used again. The seed changes nothing.
 *
 * @param name of the engine
 * @param path of the network's file; undefined for Lanczos resampling
 * @param device as `loadUpscaleNetwork` takes it
 * @param log as `deviceFallback` takes it
 */
export function upscaleEngine(
  name: string,
  path: string | undefined,
  device: string = AUTO_DEVICE,
  log: (line: string) => void = () => {},
): Engine {
  const network =
    path === undefined ? undefined : deviceFallback(name, skip => loadUpscaleNetwork(path, device, skip), log)
  return {
    name,

    async paint({ pixels }, { seeds, options, signal, onProgress, onMemoryFallback }) {
      const { scale = 2 } = options ?? {}
      const whole = Math.ceil(scale)
      const enlarged = network
        ? await network.run(loaded => upscale(pixels, whole, tileEnlarger(loaded), signal, onProgress))
        : await upscale(pixels, whole, lanczosEnlarger(whole), signal, onProgress)
      const size = { width: Math.round(pixels.width * scale), height: Math.round(pixels.height * scale) }
      const large = whole === scale ? enlarged : await resample(enlarged, size)
      for (const fallback of (await network?.fallbacks()) ?? []) onMemoryFallback?.(fallback)
      onProgress({ done: 1, preview: await fitPreview(large) })
      const grain = network || options?.grain === false ? undefined : measureGrain(pixels)
      if (!grain) return seeds.map(() => large)
      return seeds.map(seed => {
        const grained = { ...large, data: seeds.length > 1 ? large.data.slice() : large.data }
        addGrain(grained, grain, { scale }, seed)
        return grained
      })
    },

    close: async () => network?.close(),
  }
}

function lanczosEnlarger(scale: number): EnlargeTile {
  const tiling = { side: TILE_SIDE.lanczos, margin: LANCZOS_REACH }
  return { scale, tiling, enlarge: tile => resample(tile, scaled(tile, scale)) }
}

function tileEnlarger({ scale, reach, inputSize, device, enlarge }: UpscaleNetwork): EnlargeTile {
  const largest = device === 'cpu' ? TILE_SIDE.cpu : TILE_SIDE.others
  const side = inputSize ? Math.min(inputSize.width, inputSize.height) : largest
  return { scale, tiling: { side, margin: marginOf(reach, side) }, enlarge }
}

/** How far from its edge a tile of this side is not used. @param reach of the network, as far as that is known */
export function marginOf(reach: number | undefined, side: number): number {
  return Math.min(reach ?? DEFAULT_MARGIN, DEFAULT_MARGIN, Math.floor(side / 4))
}

/** @throws the signal's reason once it fires, within a tile */
async function upscale(
  pixels: Pixels,
  wanted: number,
  { scale, tiling, enlarge }: EnlargeTile,
  signal: AbortSignal,
  onProgress: (progress: { done: number }) => void,
): Promise<Pixels> {
  const passes = passesFor(wanted, scale)
  const counts = passes.map((_, index) => {
    const factor = passes.slice(0, index).reduce((product, one) => product * one, 1)
    return tilesOf(scaled(pixels, factor), tiling).length
  })
  const total = counts.reduce((sum, count) => sum + count, 0)
  let [large, done] = [pixels, 0]
  for (const pass of passes) {
    large = await enlargeInTiles(large, pass, tiling, async tile => {
      signal.throwIfAborted()
      const enlarged = await reduce(await enlarge(tile), scaled(tile, pass))
      onProgress({ done: Math.min(0.99, ++done / total) })
      return enlarged
    })
  }
  signal.throwIfAborted()
  return large
}

/** How much each use of a network enlarges: the largest factors of `wanted` that it reaches. What it enlarges more is reduced. */
function passesFor(wanted: number, scale: number): number[] {
  if (wanted === 1) return []
  let pass = Math.min(scale, wanted)
  while (wanted % pass !== 0) pass--
  return [pass, ...passesFor(wanted / pass, scale)]
}

function scaled({ width, height }: Extent, scale: number): Extent {
  return { width: width * scale, height: height * scale }
}
