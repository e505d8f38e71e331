import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median } from './median.js'
import { roundToSignificant, torchSteps } from './torch-steps.js'

/** A report of the UNet process: seconds, peak memory in gigabytes, bytes written to disk. */
type StepReport = { readonly seconds: number; readonly peak: number; readonly written: number }

/**
 * Benchmark the UNet of a checkpoint of Stable Diffusion 1.5's size on the CPU at 512×512: the checkpoint itself; the
 * same weights exported as ONNX (`tools/reference/full_size.py` writes both); and torch, if `python` has it. Each runs
 * in its own process, one step at a time in turns. Reports the time until ready (warm page cache), seconds per step,
 * peak memory, and bytes written to disk.
 */
export async function benchCheckpoint(options: { quick: boolean; model?: string; export?: string; python?: string }) {
  const { quick, model, export: exported, python } = options
  if (model === undefined) throw new Error('Say which: npm run bench -- checkpoint --model FILE --export FOLDER')
  const paths = { checkpoint: model, ...(exported !== undefined && { exported }) }
  // Warm up the page cache.
  for (const path of Object.values(paths)) await (await open(path)).end()
  const running = await Promise.all(
    Object.entries(paths).map(async ([name, path]) => ({ name, steps: [] as number[], child: await open(path) })),
  )
  const torchProcess = python === undefined ? undefined : await torchSteps(python, 9)
  const torch: number[] = []
  const rounds = quick ? 1 : 5
  try {
    // The first step reads the mapped files.
    for (const { child } of running) await child.step()
    for (let round = 0; round < rounds; round++) {
      for (const { child, steps } of running) steps.push((await child.step()).seconds)
      if (torchProcess) torch.push(await torchProcess.step())
    }
    const answers = running.map(({ name, steps, child }) => {
      const { ready, last } = child
      const figures = { ready: roundToSignificant(ready.seconds), step: roundToSignificant(median(steps)) }
      return [
        name,
        { ...figures, gigabytes: roundToSignificant(last().peak), 'bytes written': last().written },
      ] as const
    })
    return {
      ...Object.fromEntries(answers),
      ...(torchProcess && { torch: { step: roundToSignificant(median(torch)) } }),
    }
  } finally {
    torchProcess?.end()
    for (const { child } of running) await child.end()
  }
}

async function open(path: string) {
  const child = fork(fileURLToPath(new URL('unet-process.ts', import.meta.url)), [path], {
    execArgv: ['--import', 'tsx'],
  })
  const answer = () =>
    new Promise<StepReport>((resolve, reject) => {
      child.once('message', message => resolve(message as StepReport))
      child.once('exit', code => reject(new Error(`the process of ${path} ended with ${code}`)))
    })
  const ready = await answer()
  let latest = ready
  return {
    ready,
    last: () => latest,
    async step() {
      const next = answer()
      child.send('step')
      latest = await next
      return latest
    },
    async end() {
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill()
      await ended
    },
  }
}
