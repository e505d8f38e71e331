import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngineRegistry } from '../../inference/engines/registry.js'
import { sharp } from '../../inference/image/sharp.js'
import { paintFile } from '../paint-file.js'
import { printLine } from '../print-line.js'
import { createProgressBar } from '../progress-bar.js'
import { SAMPLE_PICTURE } from '../sample-picture.js'

/** Width of the test picture, in pixels. */
const TEST_WIDTH = 256

/** Sampling steps: enough to see that the model paints. */
const TEST_STEPS = 8

type PaintTestOptions = {
  /** The one that paints by default if undefined. */
  readonly engine: string | undefined
  /** The value of `MODEL`. */
  readonly defaultEngine: string | undefined
  readonly modelFolder: string
  readonly device: string | undefined
  /** The folder of the picture. */
  readonly output: string
  readonly signal: AbortSignal
}

/** Zoom out of a small copy of the sample picture, to show that everything works. */
export async function paintTestPicture({ signal, ...options }: PaintTestOptions): Promise<void> {
  const { name: engine, supportsPrompt } = createEngineRegistry(options).forEdit({ kind: 'zoom' }, options.engine)
  const folder = await mkdtemp(join(tmpdir(), 'overscan-setup-'))
  const bar = createProgressBar(process.stderr, 'painting')
  try {
    const source = join(folder, 'lighthouse.png')
    await sharp(SAMPLE_PICTURE).resize({ width: TEST_WIDTH }).png().toFile(source)
    const request = {
      ...options,
      engine,
      edit: { kind: 'zoom', factor: 1.5, grow: false },
      source,
      variations: 1,
      seed: 1,
      prompt: 'a lighthouse by the sea',
      ...(supportsPrompt && { options: { steps: TEST_STEPS } }),
    } as const
    const onProgress = (done: number) => bar.show(done)
    const { pictures, timings } = await paintFile(request, { signal, onProgress })
    bar.end()
    for (const { file } of pictures) {
      printLine(`Test picture by ${engine}, painted in ${(timings.total / 1000).toFixed(1)} s: ${file}`)
    }
  } finally {
    bar.end()
    await rm(folder, { recursive: true })
  }
}
