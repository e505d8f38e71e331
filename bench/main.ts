import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { setCudaRoot } from '../src/inference/onnx/cuda-folder.js'
import { benchBot } from './bot.js'
import { benchCheckpoint } from './checkpoint.js'
import { benchControlNet } from './controlnet.js'
import { benchDiffusion } from './diffusion.js'
import { benchFill } from './fill.js'
import { benchFillBytes } from './fill-bytes.js'
import { benchFillAblation } from './fill-quality/ablation.js'
import { benchFillQuality } from './fill-quality/fill-quality.js'
import { benchHostile } from './hostile/hostile.js'
import { benchMemory } from './memory/memory.js'
import { benchPages } from './pages.js'
import { benchQueue } from './queue.js'
import { benchSelect } from './select/select.js'
import { benchSoak } from './soak.js'
import { benchStart } from './start.js'
import { benchUpscale } from './upscale.js'
import { benchWaiting } from './waiting.js'

// npm run bench -- fill|fill-bytes|fill-quality|fill-ablation|diffusion|controlnet|checkpoint|bot|start|queue|memory|pages|select|soak|hostile|upscale|waiting
//   [--quick] [--json] [--pictures FOLDER] [--method NAME] [--model PATH] [--device NAME] [--export FOLDER] [--python PROGRAM] [--compare FILE] [--minutes NUMBER]
//   [--results FILE] [--brief] [--parts] [--profile] [--cuda FOLDER]

const benches = {
  fill: benchFill,
  'fill-bytes': benchFillBytes,
  'fill-quality': benchFillQuality,
  'fill-ablation': benchFillAblation,
  diffusion: benchDiffusion,
  controlnet: benchControlNet,
  checkpoint: benchCheckpoint,
  bot: benchBot,
  start: benchStart,
  queue: benchQueue,
  memory: benchMemory,
  pages: benchPages,
  select: benchSelect,
  soak: benchSoak,
  hostile: benchHostile,
  upscale: benchUpscale,
  waiting: benchWaiting,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    pictures: { type: 'string' },
    method: { type: 'string' },
    model: { type: 'string' },
    device: { type: 'string' },
    export: { type: 'string' },
    python: { type: 'string' },
    compare: { type: 'string' },
    minutes: { type: 'string' },
    results: { type: 'string' },
    brief: { type: 'boolean', default: false },
    parts: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    cuda: { type: 'string' },
  },
})
const [name = ''] = positionals
if (!Object.hasOwn(benches, name)) {
  process.stderr.write(`Choose one of: ${Object.keys(benches).join(', ')}\n`)
  process.exit(2)
}
// The folder of `overscan setup cuda`.
if (values.cuda !== undefined) setCudaRoot(resolve(values.cuda))
const result = await benches[name as keyof typeof benches]({
  quick: values.quick,
  brief: values.brief,
  parts: values.parts,
  profile: values.profile,
  ...(values.pictures !== undefined && { pictures: values.pictures }),
  ...(values.method !== undefined && { method: values.method }),
  ...(values.model !== undefined && { model: values.model }),
  ...(values.device !== undefined && { device: values.device }),
  ...(values.export !== undefined && { export: values.export }),
  ...(values.python !== undefined && { python: values.python }),
  ...(values.minutes !== undefined && { minutes: Number(values.minutes) }),
  ...(values.results !== undefined && { results: values.results }),
  ...(values.compare !== undefined && { compare: values.compare }),
})
if (!values.json) process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}\n`)
process.stdout.write(`${values.json ? JSON.stringify(result) : JSON.stringify(result, null, 2)}\n`)
