import { createControlNet } from '../src/inference/engines/diffusion/model/controlnet.js'
import { createUnet } from '../src/inference/engines/diffusion/model/unet.js'
import type { Control, ControlMode } from '../src/inference/engines/diffusion/sampling/control.js'
import { denoise } from '../src/inference/engines/diffusion/sampling/denoise.js'
import { gaussianNoise } from '../src/inference/engines/diffusion/sampling/noise.js'
import { makeNoiseSchedule, schedulerConfigSchema } from '../src/inference/engines/diffusion/sampling/noise-schedule.js'
import { samplerRegistry } from '../src/inference/engines/diffusion/sampling/samplers/sampler-registry.js'
import { type ExecutionProvider, openOnnxSession } from '../src/inference/onnx/session.js'
import { median } from './median.js'
import { timeInOnnxruntime } from './onnxruntime-time.js'
import { SD_RESIDUALS, shellControlNet, shellUnet } from './profile/shell-controlnet.js'

const SIDE = 64
const STEPS = 20
const CONTEXT = 768

/**
 * What a ControlNet's residuals cost on their way to the UNet, in milliseconds of a step, at 512×512 with guidance, two rows in a batch
 * as on a GPU. Both networks have the inputs and outputs of Stable Diffusion 1.5 and compute next to nothing.
 */
export async function benchResiduals(device: string, quick: boolean) {
  const provider: ExecutionProvider = { name: device }
  const open = (name: string, graph: Uint8Array, outputsStayOnDevice = false) =>
    openOnnxSession(
      { name, folder: '/', writeGraph: () => graph, ...(outputsStayOnDevice && { outputsStayOnDevice }) },
      provider,
    )
  const unetSession = await open('unet', shellUnet(SD_RESIDUALS, CONTEXT))
  // Of several ControlNets each adds to what the one before found.
  const sessions = [
    await open('controlnet', shellControlNet(SD_RESIDUALS, CONTEXT, false), true),
    await open('second controlnet', shellControlNet(SD_RESIDUALS, CONTEXT, true), true),
  ]
  const unet = createUnet(unetSession, 2)
  const nets = sessions.map(session => createControlNet(session, { name: 'bench', task: 'inpaint', isUnion: false }))
  const hint = new Float32Array(3 * 64 * SIDE * SIDE).fill(0.5)
  const control = (mode: ControlMode, net = nets[0]!): Control => ({ net, hint, weight: 0.8, start: 0, end: 1, mode })
  try {
    const found: Record<string, unknown> = {}
    const jobs = {
      'without a ControlNet': [],
      'one ControlNet': [control('balanced')],
      'for the prompt only': [control('controlnet')],
      'two ControlNets': [control('balanced', nets[1]), control('balanced', nets[1])],
    }
    for (const [name, controls] of Object.entries(jobs)) {
      const rounds: { whole: number; inside: number; processor: number }[] = []
      for (let round = 0; round <= (quick ? 1 : 7); round++) {
        const before = process.cpuUsage()
        const times = await timeInOnnxruntime(() => paint(unet, controls))
        const { user, system } = process.cpuUsage(before)
        // The first round compiles.
        if (round > 0) rounds.push({ ...times, processor: (user + system) / 1000 })
      }
      const perStep = (of: (one: (typeof rounds)[number]) => number) => (median(rounds.map(of)) / STEPS).toFixed(2)
      found[name] = {
        'outside session.run': perStep(({ whole, inside }) => whole - inside),
        'inside it': perStep(({ inside }) => inside),
        'processor time': perStep(({ processor }) => processor),
      }
    }
    return found
  } finally {
    await unet.close()
    for (const one of sessions) await one.close()
  }
}

function paint(unet: ReturnType<typeof createUnet>, controls: readonly Control[]) {
  const schedule = makeNoiseSchedule(schedulerConfigSchema.parse({ prediction_type: 'epsilon' }))
  const sampler = samplerRegistry.Euler(schedule, { steps: STEPS, spacing: 'linear', family: 'sd' })
  const condition = { promptEmbeds: { data: new Float32Array(77 * CONTEXT).fill(0.1), dims: [1, 77, CONTEXT] } }
  const negative = { promptEmbeds: { data: new Float32Array(77 * CONTEXT).fill(0.2), dims: [1, 77, CONTEXT] } }
  const noise = gaussianNoise(1)(4 * SIDE * SIDE)
  return denoise({
    unet,
    schedule,
    sampler,
    conditioningAt: () => ({ positive: [{ condition, weight: 1 }], negative }),
    firstCall: 0,
    latents: [sampler.initialLatents(noise)],
    size: [SIDE, SIDE],
    guidanceScale: 7,
    controls,
    noise: [noise],
    freshNoise: () => noise,
    signal: new AbortController().signal,
    onStep: () => {},
  })
}
