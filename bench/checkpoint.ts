import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median } from './median.js'
import { roundToSignificant, torchSteps } from './torch-steps.js'

/** Seconds, gigabytes and bytes, as a process of a UNet tells them. */
type Told = { readonly seconds: number; readonly peak: number; readonly written: number }

/**
 * The UNet of a checkpoint of Stable Diffusion 1.5's size on the processor, at 512×512, each in a process of its own and a step at a
 * time in turns: the checkpoint as it is; the same weights exported as ONNX (`tools/reference/full_size.py` makes both); and
 * torch, where `python` is one that has it. How long until it is ready (in a warm page cache), seconds of a step, the most
 * memory, and bytes written to disk.
 */
export async function benchCheckpoint(options: { quick: boolean; model?: string; export?: string; python?: string }) {
  const { quick, model, export: exported, python } = options
  if (model === undefined) throw new Error('Say which: npm run bench -- checkpoint --model FILE --export FOLDER')
  const paths = { checkpoint: model, ...(exported !== undefined && { exported }) }
  // Once before it counts: files are read into the page cache.
  for (const path of Object.values(paths)) await (await open(path)).end()
  const running = await Promise.all(
    Object.entries(paths).map(async ([name, path]) => ({ name, steps: [] as number[], child: await open(path) })),
  )
  const peer = python === undefined ? undefined : await torchSteps(python, 9)
  const torch: number[] = []
  const rounds = quick ? 1 : 5
  try {
    // The first step reads what is mapped.
    for (const { child } of running) await child.step()
    for (let round = 0; round < rounds; round++) {
      for (const { child, steps } of running) steps.push((await child.step()).seconds)
      if (peer) torch.push(await peer.step())
    }
    const told = running.map(({ name, steps, child }) => {
      const { ready, last } = child
      const figures = { ready: roundToSignificant(ready.seconds), step: roundToSignificant(median(steps)) }
      return [
        name,
        { ...figures, gigabytes: roundToSignificant(last().peak), 'bytes written': last().written },
      ] as const
    })
    return { ...Object.fromEntries(told), ...(peer && { torch: { step: roundToSignificant(median(torch)) } }) }
  } finally {
    peer?.end()
    for (const { child } of running) await child.end()
  }
}

async function open(path: string) {
  const child = fork(fileURLToPath(new URL('unet-process.ts', import.meta.url)), [path], {
    execArgv: ['--import', 'tsx'],
  })
  const answer = () =>
    new Promise<Told>((resolve, reject) => {
      child.once('message', message => resolve(message as Told))
      child.once('exit', code => reject(new Error(`the process of ${path} ended with ${code}`)))
    })
  const ready = await answer()
  let latest = ready
  return {
    ready,
    last: () => latest,
    async step() {
      const told = answer()
      child.send('step')
      latest = await told
      return latest
    },
    async end() {
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill()
      await ended
    },
  }
}
