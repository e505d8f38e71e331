import type { SigmaSpacing } from '../timestep-spacing.js'
import { ddim } from './ddim.js'
import { dpm2m, dpm2mSde } from './dpm-solver.js'
import { euler } from './euler.js'
import { eulerAncestral } from './euler-ancestral.js'
import { heun } from './heun.js'
import { lcm } from './lcm.js'
import { lms } from './lms.js'
import type { SamplerFactory } from './sampler.js'
import { unipc } from './unipc.js'

const all: readonly SigmaSpacing[] = ['linear', 'karras', 'align-your-steps']

/** Every sampler by the name that A1111's web UI gives it, and how its steps may be spread. */
export const samplerRegistry = {
  'DPM++ 2M': { make: dpm2m, spacings: all },
  'DPM++ 2M SDE': { make: dpm2mSde, spacings: all },
  Euler: { make: euler, spacings: all },
  'Euler a': { make: eulerAncestral, spacings: all },
  UniPC: { make: unipc, spacings: all },
  DDIM: { make: ddim, spacings: ['linear'] },
  LMS: { make: lms, spacings: all },
  Heun: { make: heun, spacings: all },
  LCM: { make: lcm, spacings: ['linear'] },
} as const satisfies Record<string, { make: SamplerFactory; spacings: readonly SigmaSpacing[] }>

export type SamplerName = keyof typeof samplerRegistry
