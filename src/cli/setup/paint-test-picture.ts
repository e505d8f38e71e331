import { join } from 'node:path'
import { createEngineRegistry } from '../../inference/engines/registry.js'
import { sharp } from '../../inference/image/sharp.js'
import { painter } from '../../inference/runtime/painter.js'
import { createOutputFolder, writeOutput } from '../paint-file.js'
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

/**
 * Zoom out of a small copy of the sample picture, in a process like the bot's, to show that everything works.
 *
 * @throws UserError `cannot-write`, those of the engine
 */
export async function paintTestPicture({ output, signal, ...options }: PaintTestOptions): Promise<void> {
  const { name: engine, supportsPrompt } = createEngineRegistry(options).forEdit({ kind: 'zoom' }, options.engine)
  const bar = createProgressBar(process.stderr, 'painting')
  const painting = painter(options)
  try {
    const request = {
      engine,
      edit: { kind: 'zoom', factor: 1.5, grow: false },
      source: await sharp(SAMPLE_PICTURE).resize({ width: TEST_WIDTH }).png().toBuffer(),
      seeds: [1],
      prompt: 'a lighthouse by the sea',
      ...(supportsPrompt && { options: { steps: TEST_STEPS } }),
    } as const
    const { pictures, timings } = await painting.paint(request, { signal, onProgress: ({ done }) => bar.show(done) })
    bar.end()
    const file = join(output, 'lighthouse-zoom-1.png')
    await createOutputFolder(output)
    await writeOutput(file, pictures[0]!.png)
    printLine(`Test picture by ${engine}, painted in ${(timings.total / 1000).toFixed(1)} s: ${file}`)
  } finally {
    bar.end()
    await painting.close()
  }
}
