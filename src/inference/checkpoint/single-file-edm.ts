import type { Tensors } from './checkpoint.js'
import type { LatentScale } from './latent-scale.js'
import { readTensor } from './safetensors.js'

/** What a single file of a model trained as in Karras et al. 2022 says of itself. */
export type SingleFileEdm = { readonly schedulerConfig: object; readonly latentScale?: LatentScale }

/**
 * Recognize Playground 2.5, whose file has the mean and deviation of its latents, and CosXL, whose file has its largest σ.
 *
 * @returns undefined for all other models
 */
export async function readEdm(tensors: Tensors): Promise<SingleFileEdm | undefined> {
  const values = async (name: string) => {
    const tensor = tensors.get(name)
    return tensor && [...(await readTensor(tensor))]
  }
  const [sigmaMax, sigmaMin] = [await values('edm_vpred.sigma_max'), await values('edm_vpred.sigma_min')]
  if (sigmaMax) {
    const sigmas = { sigma_max: sigmaMax[0], sigma_min: sigmaMin?.[0] ?? COSXL.sigma_min }
    return { schedulerConfig: { ...COSXL, ...sigmas } }
  }
  const [mean, deviation] = [await values('edm_mean'), await values('edm_std')]
  if (!mean || !deviation) return undefined
  return { schedulerConfig: PLAYGROUND, latentScale: { factor: PLAYGROUND_SCALING_FACTOR, mean, deviation } }
}

/** As on the pages of these models. */
const COSXL = {
  _class_name: 'EDMEulerScheduler',
  prediction_type: 'v_prediction',
  sigma_min: 0.002,
  sigma_data: 1,
  sigma_schedule: 'exponential',
} as const
const PLAYGROUND = {
  _class_name: 'EDMDPMSolverMultistepScheduler',
  prediction_type: 'epsilon',
  sigma_min: 0.002,
  sigma_max: 80,
  sigma_data: 0.5,
  sigma_schedule: 'karras',
} as const
const PLAYGROUND_SCALING_FACTOR = 0.5
