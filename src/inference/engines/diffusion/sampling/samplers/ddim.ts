import { sigmaOf } from '../noise-schedule.js'
import { timestepsOf } from '../timestep-spacing.js'
import { combined, type MakeSampler, pictureIn, preserved, preserving } from './sampler.js'

/** Denoising diffusion implicit models, without noise of its own (Song et al. 2021, equation 12 with η = 0). */
export const ddim: MakeSampler = (schedule, { steps }) => {
  const { alphasCumprod, config } = schedule
  const timesteps = timestepsOf(schedule, config.timestep_spacing ?? 'leading', steps).map(Math.round)
  const last = config.set_alpha_to_one ? 0 : sigmaOf(alphasCumprod[0]!)
  const stride = Math.floor(config.num_train_timesteps / steps)
  const ratioAt = (timestep: number) => (timestep < 0 ? last : sigmaOf(alphasCumprod[timestep]!))
  return {
    timesteps,
    callsPerStep: 1,
    ...preserving({ sigmas: timesteps.map(ratioAt) }),
    step(latents, output, index) {
      const timestep = timesteps[index]!
      const now = preserved(ratioAt(timestep))
      const next = preserved(ratioAt(timestep - stride))
      const picture = pictureIn(config.prediction_type, latents, output, now.alpha, now.sigma)
      // The noise that is in the latents besides that picture.
      const noise = combined([1 / now.sigma, latents], [-now.alpha / now.sigma, picture])
      return combined([next.alpha, picture], [next.sigma, noise])
    },
  }
}
