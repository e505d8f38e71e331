import { type ResidualShapes, shellControlNet, shellUnet } from '../../bench/profile/shell-controlnet.js'
import { createControlNet } from '../../src/inference/engines/diffusion/model/controlnet.js'
import { createUnet } from '../../src/inference/engines/diffusion/model/unet.js'
import type { ControlMode } from '../../src/inference/engines/diffusion/sampling/control.js'
import { denoise } from '../../src/inference/engines/diffusion/sampling/denoise.js'
import { gaussianNoise } from '../../src/inference/engines/diffusion/sampling/noise.js'
import {
  makeNoiseSchedule,
  schedulerConfigSchema,
} from '../../src/inference/engines/diffusion/sampling/noise-schedule.js'
import { samplerRegistry } from '../../src/inference/engines/diffusion/sampling/samplers/sampler-registry.js'
import type { DeviceTensor } from '../../src/inference/onnx/device-tensor.js'
import { type OnnxSession, openOnnxSession } from '../../src/inference/onnx/session.js'

const SIDE = 4
const WIDTH = 8
const SHAPES: ResidualShapes = [
  [6, 4],
  [8, 2],
  [8, 2],
]

/** What is denoised: `nets` are indices of {@link openControlled}'s ControlNets. */
export type ControlledJob = {
  readonly nets: readonly number[]
  readonly mode: ControlMode
  readonly prompts: number
  readonly signal?: AbortSignal
  readonly onStep?: () => void
}

/** Each way that residuals take. */
export const CONTROLLED_JOBS = {
  'no ControlNet': { nets: [], mode: 'balanced', prompts: 1 },
  one: { nets: [0], mode: 'balanced', prompts: 1 },
  'one, for the prompt only': { nets: [0], mode: 'controlnet', prompts: 1 },
  'one, for two prompts': { nets: [0], mode: 'my prompt', prompts: 2 },
  two: { nets: [0, 1], mode: 'my prompt', prompts: 1 },
  'one that does not add, twice': { nets: [3, 3], mode: 'balanced', prompts: 1 },
  'a union': { nets: [2], mode: 'balanced', prompts: 1 },
  'a union and another one, for two prompts': { nets: [2, 1], mode: 'balanced', prompts: 2 },
} as const satisfies Record<string, ControlledJob>

/**
 * A UNet and four ControlNets on a device: two, a union, and one that can't add to what others found. Each of their residuals is one
 * number, repeated.
 *
 * @param change replaces the UNet's session, or a ControlNet's
 */
export async function openControlled(
  device: string,
  change: (session: OnnxSession, name: string) => OnnxSession = session => session,
) {
  /** What the ControlNets left on the device, with where that was. */
  const left: { readonly tensor: DeviceTensor; readonly location: string }[] = []
  const open = async (name: string, graph: Uint8Array) => {
    const source = { name, folder: '/', writeGraph: () => graph, outputsStayOnDevice: true } as const
    return change(await openOnnxSession(source, { name: device }), name)
  }
  const unetSession = await openOnnxSession(
    { name: 'unet', folder: '/', graph: shellUnet(SHAPES, WIDTH) },
    { name: device },
  )
  const unet = createUnet(change(unetSession, 'unet'), 2)
  const sessions: OnnxSession[] = []
  for (const name of ['first', 'second', 'union', 'single']) {
    sessions.push(await open(name, shellControlNet(SHAPES, WIDTH, name !== 'single')))
  }
  const nets = sessions.map((session, index) => {
    const request = { name: 'shell', task: 'inpaint', isUnion: index === 2 } as const
    const { runOnDevice } = session
    if (!runOnDevice) return createControlNet(session, request)
    const watched: OnnxSession = {
      ...session,
      async runOnDevice(inputs) {
        const results = await runOnDevice(inputs)
        for (const tensor of Object.values(results)) left.push({ tensor, location: tensor.tensor.location })
        return results
      },
    }
    return createControlNet(watched, request)
  })
  const hints = nets.map((_, seed) => gaussianNoise(seed)(3 * 64 * SIDE * SIDE).map(Math.abs))

  return {
    left,
    async denoise({ nets: used, mode, prompts, signal, onStep }: ControlledJob): Promise<Float32Array> {
      const schedule = makeNoiseSchedule(schedulerConfigSchema.parse({ prediction_type: 'epsilon' }))
      const sampler = samplerRegistry.Euler(schedule, { steps: 3, spacing: 'linear', family: 'sd' })
      const noise = gaussianNoise(1)(4 * SIDE * SIDE)
      const prompt = (seed: number) => ({ promptEmbeds: { data: gaussianNoise(seed)(2 * WIDTH), dims: [1, 2, WIDTH] } })
      const positive = Array.from({ length: prompts }, (_, index) => ({
        condition: prompt(3 + index),
        weight: 1 + index,
      }))
      const negative = prompt(2)
      const control = { weight: 0.5, start: 0, end: 1, mode }
      const [latents] = await denoise({
        unet,
        schedule,
        sampler,
        conditioningAt: () => ({ positive, negative }),
        firstCall: 0,
        latents: [sampler.initialLatents(noise)],
        size: [SIDE, SIDE],
        guidanceScale: 2,
        controls: used.map(index => ({ ...control, net: nets[index]!, hint: hints[index]! })),
        noise: [noise],
        freshNoise: () => noise,
        signal: signal ?? new AbortController().signal,
        onStep: onStep ?? (() => {}),
      })
      return latents!
    },
    async close() {
      await unet.close()
      for (const one of sessions) await one.close()
    },
  }
}
