import { resizePixels } from '../../../image/decode.js'
import { type Mask, PAINT, type Pixels } from '../../../image/pixels.js'
import { parseControl, taskOfModule } from '../../../pipeline/control-modules.js'
import type { DiffusionOptions } from '../../../pipeline/options.js'
import type { DiffusionModel } from '../model/diffusion-model.js'
import type { Control } from '../sampling/control.js'

/** Below this rate A1111's tile_resample leaves the picture as it is. */
const MIN_DOWNSAMPLING_RATE = 1.1

/**
 * The ControlNets of a request with their hints for a region.
 *
 * @param known the region's pixels at work size
 * @param paintInitialImage what sampling starts from, under the mask too
 */
export async function regionControls(
  { controlNets }: DiffusionModel,
  options: DiffusionOptions,
  known: Pixels,
  mask: Mask,
  paintInitialImage: () => Promise<Pixels>,
): Promise<Control[]> {
  const { control = [], controlWeight = 1, controlStart = 0, controlEnd = 1, controlMode = 'balanced' } = options
  const controls: Control[] = []
  for (const { name, module } of control.map(parseControl)) {
    const task = taskOfModule(module)
    const net = controlNets.find(one => one.name === name && one.task === task)!
    const hint =
      task === 'tile'
        ? await tileHint(await paintInitialImage(), options.downsamplingRate)
        : inpaintHint(known, mask, net.isUnion)
    const range = { start: controlStart, end: controlEnd }
    controls.push({ net, hint, weight: controlWeight, mode: controlMode, ...range })
  }
  return controls
}

/** What else the modules of a request change, except for the hints. */
export function controlEffects(options: DiffusionOptions) {
  const { control = [], controlWeight = 1, controlStart = 0, controlEnd = 1 } = options
  const modules = new Set(control.map(text => parseControl(text).module))
  return {
    /** The latents of the known part are not kept: the whole region is sampled. */
    isGlobal: modules.has('inpaint_global_harmonious') && !modules.has('inpaint_only'),
    /** Noise is added to the initial picture even at full strength, where it still shows a little. */
    startsFromPrefill: modules.has('inpaint_only+lama'),
    /** A {@link ColourFix} without its picture. */
    colourFix: modules.has('tile_colorfix')
      ? { weight: Math.min(1, controlWeight), start: controlStart, end: controlEnd }
      : undefined,
  }
}

/** Red, green and blue from 0 to 1; where the picture is painted −1, or 0 for a union. */
function inpaintHint(known: Pixels, mask: Mask, isUnion: boolean): Float32Array {
  const blank = isUnion ? 0 : -1
  return unitPlanes(known).map((value, at) => (mask.data[at % mask.data.length] === PAINT ? blank : value))
}

/** A1111's tile_resample: the picture without its details. */
async function tileHint(picture: Pixels, rate = 1): Promise<Float32Array> {
  if (rate < MIN_DOWNSAMPLING_RATE) return unitPlanes(picture)
  const side = (length: number) => Math.max(1, Math.floor(length / rate))
  const small = await resizePixels(picture, { width: side(picture.width), height: side(picture.height) })
  return unitPlanes(await resizePixels(small, picture))
}

/** Planes of red, green and blue, 0 to 1. */
function unitPlanes({ data, width, height }: Pixels): Float32Array {
  const area = width * height
  const planes = new Float32Array(3 * area)
  for (let at = 0; at < data.length; at++) planes[(at % 3) * area + Math.floor(at / 3)] = data[at]! / 255
  return planes
}
