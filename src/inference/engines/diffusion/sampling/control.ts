import { addResiduals, type ControlNet, type Residuals } from '../model/controlnet.js'
import type { Conditioning } from '../model/unet.js'

/** A1111's control modes, and diffusers' guess mode for comparisons. */
export type ControlMode = 'balanced' | 'my prompt' | 'controlnet' | 'guess'

/** A ControlNet at work. */
export type Control = {
  readonly net: ControlNet
  /** Shape [3, height, width] in pixels. */
  readonly hint: Float32Array
  /** 0 to 2. */
  readonly weight: number
  /** The shares of the steps between which it works, 0 to 1. */
  readonly start: number
  readonly end: number
  readonly mode: ControlMode
}

/** One item of a batch. */
export type ControlledItem = {
  readonly sample: Float32Array
  readonly condition: Conditioning
  readonly isNegative: boolean
}

/**
 * What the ControlNets add to one item at a step; undefined for nothing.
 *
 * @param progress the shares of the steps that are done before and after this one, as diffusers counts them
 */
export async function controlResiduals(
  controls: readonly Control[],
  item: ControlledItem,
  timestep: number,
  size: readonly [number, number],
  progress: readonly [before: number, after: number],
): Promise<Residuals | undefined> {
  const found: Residuals[] = []
  for (const { net, hint, start, end, ...control } of controls) {
    const scales = controlScales(control, net.count, item.isNegative)
    const isOn = progress[0] >= start && progress[1] <= end && scales.some(scale => scale !== 0)
    if (isOn) found.push(await net.residuals(item, timestep, size, hint, scales))
  }
  return found.length > 0 ? addResiduals(found) : undefined
}

/** A1111's factor between a residual and the next deeper one, where the prompt or the ControlNet is more important. */
const LAYER_DECAY = 0.825

/** The residuals of Stable Diffusion 1 and 2, which A1111's factors are made for. */
const LAYERS = 13

/** What each residual is multiplied by. */
function controlScales(
  { weight, mode }: Pick<Control, 'weight' | 'mode'>,
  count: number,
  isNegative: boolean,
): number[] {
  const isSkipped = isNegative && (mode === 'controlnet' || mode === 'guess')
  return Array.from({ length: count }, (_, index) => {
    if (isSkipped) return 0
    if (mode === 'balanced') return weight
    return weight * (mode === 'guess' ? 10 ** (index / (count - 1) - 1) : LAYER_DECAY ** (LAYERS - 1 - index))
  })
}
