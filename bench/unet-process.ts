import { existsSync, readFileSync } from 'node:fs'
import { readModelFiles } from '../src/inference/engines/diffusion/model/read-model-files.js'
import { createUnet } from '../src/inference/engines/diffusion/model/unet.js'
import { openOnnxSession } from '../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../src/inference/onnx/verified-session.js'

// A model's UNet in a process of its own: see checkpoint.ts. Answers each message with a step at 512×512.

const start = performance.now()
const network = await openOnnxSession((await readModelFiles(process.argv[2]!)).unet, CPU_PROVIDER)
const painter = createUnet(network, 1)
const tokens = network.inputs.get('encoder_hidden_states')!.dims.at(-1) as number
const condition = { promptEmbeds: { data: new Float32Array(77 * tokens).fill(0.1), dims: [1, 77, tokens] } }
const row = { sample: new Float32Array(painter.channels * 64 * 64).fill(0.3), condition }
say({ seconds: (performance.now() - start) / 1000 })

process.on('message', async () => {
  const begun = performance.now()
  await painter.predict([row], 500, { size: [64, 64], guidanceScale: 1 })
  say({ seconds: (performance.now() - begun) / 1000 })
})

function say({ seconds }: { seconds: number }): void {
  const io = existsSync('/proc/self/io') ? readFileSync('/proc/self/io', 'utf8') : ''
  const written = Number(/^write_bytes: (\d+)/m.exec(io)?.[1] ?? Number.NaN)
  process.send!({ seconds, peak: process.resourceUsage().maxRSS / 2 ** 20, written })
}
