import { CONTROLLED_JOBS, openControlled } from './controlnet-jobs.js'

// node --import tsx test/support/controlnet-process.ts DEVICE: the latents of each job, where the residuals were, and how many are not
// disposed of.

const { left, denoise, close } = await openControlled(process.argv[2]!)
const latents: Record<string, number[]> = {}
for (const [name, job] of Object.entries(CONTROLLED_JOBS)) latents[name] = [...(await denoise(job))]
await close()
const locations = [...new Set(left.map(({ location }) => location))]
const remaining = left.filter(({ tensor }) => tensor.tensor.location !== 'none').length
process.stdout.write(JSON.stringify({ latents, locations, residuals: left.length, remaining }))
