import { readFileSync, writeFileSync } from 'node:fs'
import { syntheticInputs } from '../../src/inference/engines/diffusion/model/diffusion-model.js'
import { readModelFiles } from '../../src/inference/engines/diffusion/model/read-model-files.js'
import { openOnnxSession } from '../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../src/inference/onnx/verified-session.js'
import type { MeasuredGraph } from './measure-peak.js'

// The child process of measure-peak.ts: runs a graph once and reports the peak of its memory in bytes.

/** See proc(5): it sets the peak of the resident memory to what it is now. */
const RESET_PEAK = '5'

const [folder, graph, side] = process.argv.slice(2)
const files = await readModelFiles(folder!)
const session = await openOnnxSession(files[graph as MeasuredGraph], CPU_PROVIDER, true)
const [output] = session.outputs
// The first run reads the weights and starts threads.
await session.run(syntheticInputs(session), [output!])
const inputs = syntheticInputs(session, Number(side) / 8)
globalThis.gc?.()
writeFileSync('/proc/self/clear_refs', RESET_PEAK)
const before = memory()
await session.run(inputs, [output!])
const after = memory()
await session.close()
process.send!(after.peak - before.resident - (after.mapped - before.mapped), () => process.exit())

function memory() {
  const status = readFileSync('/proc/self/status', 'utf8')
  const bytes = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)![1])
  return { peak: bytes('VmHWM'), resident: bytes('VmRSS'), mapped: bytes('RssFile') }
}
