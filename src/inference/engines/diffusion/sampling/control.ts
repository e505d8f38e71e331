import { disposeTensors } from '../../../onnx/device-tensor.js'
import {
  type ControlledItem,
  type ControlNet,
  type ControlNetCall,
  type ItemResiduals,
  isControlled,
  joinResiduals,
} from '../model/controlnet.js'
import type { Conditioning, Residuals, ResidualsOf } from '../model/unet.js'

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

/** A ControlNet that adds something in a step. */
type AtWork = { readonly net: ControlNet; readonly items: readonly ControlledItem[]; readonly call: ControlNetCall }

/**
 * What the ControlNets add to the items of a batch in a step. As much as can be stays on the device: ControlNets whose graphs are
 * written by us compute the same rows as the UNet, and the second one adds to what the first one found.
 *
 * @param progress the shares of the steps that are done before and after this one, as diffusers counts them
 */
export function controlResiduals(
  controls: readonly Control[],
  items: readonly Item[],
  timestep: number,
  size: readonly [number, number],
  progress: readonly [before: number, after: number],
): ResidualsOf {
  const atWork = controls
    .filter(control => isAtWork(control, progress))
    .map(({ net, hint, ...control }): AtWork => {
      const scalesOf = ({ isNegative }: Item) => controlScales(control, net.count, isNegative)
      return { net, items: items.map(item => ({ ...item, scales: scalesOf(item) })), call: { timestep, size, hint } }
    })
  const alone = new Map(atWork.map(one => [one, computeAlone(one)]))
  return async (start, end) => {
    const here = atWork.filter(one => one.items.slice(start, end).some(isControlled))
    const inBatch = here.filter(one => runsInBatch(one, start, end, here.length > 1))
    const separate = here.filter(one => !inBatch.includes(one))
    const found: ItemResiduals[][] = []
    for (let index = start; index < end; index++) {
      const own: ItemResiduals[] = []
      for (const one of separate) own.push(...(await alone.get(one)!(index)))
      found.push(own)
    }
    let sum = joinResiduals(found)
    for (const { net, items: all, call } of inBatch) {
      const previous: Residuals | undefined = sum
      try {
        sum = await net.batchResiduals!(all.slice(start, end), call, previous)
      } finally {
        if (previous) disposeTensors(previous)
      }
    }
    return sum
  }
}

/** Whether a ControlNet computes some rows of the UNet's batch at once, without a copy in JavaScript. */
function runsInBatch({ net, items }: AtWork, start: number, end: number, hasOthers: boolean): boolean {
  if (!net.batchResiduals || (hasOthers && !net.addsPrevious)) return false
  const count = items.slice(start, end).filter(isControlled).length
  // The items of a union's batch attend to each other, and to no others.
  return !net.isUnion || (count === items.filter(isControlled).length && (count === 1 || count === end - start))
}

/** What a ControlNet adds to an item, each computed when it is asked for; a union computes all at once. */
function computeAlone({ net, items, call }: AtWork): (index: number) => Promise<readonly ItemResiduals[]> {
  const controlled = items.filter(isControlled)
  let all: Promise<readonly ItemResiduals[]> | undefined
  return async index => {
    const item = items[index]!
    if (!isControlled(item)) return []
    if (!net.isUnion) return net.itemResiduals([item], call)
    all ??= net.itemResiduals(controlled, call)
    return [(await all)[controlled.indexOf(item)]!]
  }
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
