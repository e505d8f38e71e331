import { addResiduals, type ControlNet } from '../model/controlnet.js'
import type { Conditioning, Residuals } from '../model/unet.js'

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
type Item = { readonly sample: Float32Array; readonly condition: Conditioning; readonly isNegative: boolean }

/**
 * What the ControlNets add to each item of a batch at a step; undefined for nothing.
 *
 * @param progress the shares of the steps that are done before and after this one, as diffusers counts them
 */
export async function controlResiduals(
  controls: readonly Control[],
  items: readonly Item[],
  timestep: number,
  size: readonly [number, number],
  progress: readonly [before: number, after: number],
): Promise<(Residuals | undefined)[]> {
  const found: Residuals[][] = items.map(() => [])
  for (const { net, hint, start, end, ...control } of controls) {
    if (!isAtWork({ start, end }, progress)) continue
    const controlled = items.flatMap(({ isNegative, ...item }, index) => {
      const scales = controlScales(control, net.count, isNegative)
      return scales.some(scale => scale !== 0) ? [{ ...item, scales, index }] : []
    })
    // The items of a union's batch attend to each other; others need less memory one by one.
    const batches = net.isUnion ? [controlled] : controlled.map(item => [item])
    for (const batch of batches.filter(({ length }) => length > 0)) {
      const residuals = await net.residuals(batch, timestep, size, hint)
      for (const [at, { index }] of batch.entries()) found[index]!.push(residuals[at]!)
    }
  }
  return found.map(own => (own.length > 0 ? addResiduals(own) : undefined))
}

/** Whether a step is between these shares of all steps, as diffusers counts them. */
export function isAtWork(
  { start, end }: { readonly start: number; readonly end: number },
  [before, after]: readonly [before: number, after: number],
): boolean {
  return before >= start && after <= end
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
