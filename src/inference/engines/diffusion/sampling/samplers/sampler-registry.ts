import type { SamplerName } from '../sampler-names.js'
import { ddim } from './ddim.js'
import { dpm2m, dpm2mSde } from './dpm-solver.js'
import { euler } from './euler.js'
import { eulerAncestral } from './euler-ancestral.js'
import { heun } from './heun.js'
import { lcm } from './lcm.js'
import { lms } from './lms.js'
import type { SamplerFactory } from './sampler.js'
import { tcd } from './tcd.js'
import { unipc } from './unipc.js'

/** Samplers for models that were distilled with a schedule of timesteps. */
export const DISTILLED_SAMPLERS: ReadonlySet<SamplerName> = new Set(['LCM', 'TCD'])

/** The implementation of every sampler. DDIM, LCM and TCD have their own timesteps and ignore the sigma spacing. */
export const samplerRegistry: Readonly<Record<SamplerName, SamplerFactory>> = {
  'DPM++ 2M': dpm2m,
  'DPM++ 2M SDE': dpm2mSde,
  Euler: euler,
  'Euler a': eulerAncestral,
  UniPC: unipc,
  DDIM: ddim,
  LMS: lms,
  Heun: heun,
  LCM: lcm,
  TCD: tcd,
}
