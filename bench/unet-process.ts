import { existsSync, readFileSync } from 'node:fs'
import { readModelFiles } from '../src/inference/engines/diffusion/model/read-model-files.js'
import { createUnet } from '../src/inference/engines/diffusion/model/unet.js'
import { openOnnxSession } from '../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../src/inference/onnx/verified-session.js'

// The child process of checkpoint.ts: runs one UNet step at 512×512 for each message.

const start = performance.now()
const session = await openOnnxSession((await readModelFiles(process.argv[2]!)).unet, CPU_PROVIDER)
const unet = createUnet(session, 1)
const embedWidth = session.inputs.get('encoder_hidden_states')!.dims.at(-1) as number
const condition = { promptEmbeds: { data: new Float32Array(77 * embedWidth).fill(0.1), dims: [1, 77, embedWidth] } }
const row = { sample: new Float32Array(unet.channels * 64 * 64).fill(0.3), condition }
report({ seconds: (performance.now() - start) / 1000 })

process.on('message', async () => {
  const begun = performance.now()
  await unet.predict([row], 500, { size: [64, 64], guidanceScale: 1 })
  report({ seconds: (performance.now() - begun) / 1000 })
})

function report({ seconds }: { seconds: number }): void {
  const io = existsSync('/proc/self/io') ? readFileSync('/proc/self/io', 'utf8') : ''
  const written = Number(/^write_bytes: (\d+)/m.exec(io)?.[1] ?? Number.NaN)
  process.send!({ seconds, peak: process.resourceUsage().maxRSS / 2 ** 20, written })
}
