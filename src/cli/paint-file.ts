import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { openEngine } from '../inference/engines/open.js'
import { createEngineRegistry } from '../inference/engines/registry.js'
import { encodeMask } from '../inference/image/mask-file.js'
import { type InterpretedMask, interpretMask } from '../inference/mask/interpret.js'
import { invertMask } from '../inference/mask/morphology.js'
import type { MaskReading } from '../inference/mask/readings.js'
import type { Edit } from '../inference/pipeline/edit.js'
import type { DiffusionOptions } from '../inference/pipeline/options.js'
import { type PaintResult, paint } from '../inference/pipeline/paint.js'
import { seedsFor } from '../inference/pipeline/request.js'
import { UserError } from '../user-error.js'

export type PaintFileRequest = {
  readonly edit: Edit
  /** A picture file. Only `imagine` has none. */
  readonly source?: string | undefined
  readonly mask?: string | undefined
  /** What the mask is; worked out from its pixels if undefined. */
  readonly readAs?: MaskReading | undefined
  /** Paint what the mask does not mark. */
  readonly invert?: boolean | undefined
  /** Folder for the results. */
  readonly output: string
  readonly variations: number
  readonly seed?: number | undefined
  readonly prompt: string
  readonly engine: string
  readonly options?: DiffusionOptions | undefined
  readonly modelFolder: string
  /** Like `cuda:1`; the first that works if undefined. */
  readonly device: string | undefined
}

/** The output of `--json`. Times are in milliseconds. */
export type PaintFileResult = {
  readonly engine: string
  readonly pictures: readonly { file: string; width: number; height: number; seed: number }[]
  /** How the mask was understood; `share` is painted. */
  readonly mask?: Pick<InterpretedMask, 'kind' | 'share' | 'certain'>
  readonly timings: PaintResult['timings']
  readonly savings?: PaintResult['savings']
}

/**
 * Paint a picture file and write each result as `<name>-<kind of edit>-<seed>.png`; without a source the name is left out.
 *
 * @throws UserError for invalid files and requests
 */
export async function paintFile(
  request: PaintFileRequest,
  hooks: { readonly signal: AbortSignal; readonly onProgress: (done: number) => void },
): Promise<PaintFileResult> {
  const { edit, prompt } = request
  const seeds = seedsFor(request.variations, request.seed)
  const engines = createEngineRegistry({ modelFolder: request.modelFolder })
  const { name } = engines.forEdit(edit, request.engine)
  const engine = openEngine(name, engines, request.device)
  try {
    const source = request.source === undefined ? undefined : await readInput(request.source)
    const maskFile = request.mask === undefined ? undefined : await readInput(request.mask)
    const understood = source && maskFile && (await interpretMask(maskFile, source, request.readAs))
    const meant = understood && (request.invert ? invertMask(understood.mask) : understood.mask)
    const mask = meant && (await encodeMask(meant))
    await createOutputFolder(request.output)
    const { options } = request
    const pictures = { ...(source && { source }), ...(mask && { mask }) }
    const paintRequest = { edit, prompt, seeds, engine: name, ...(options && { options }), ...pictures }
    const onProgress = ({ done }: { done: number }) => hooks.onProgress(done)
    const result = await paint(paintRequest, engine, { engines, signal: hooks.signal, onProgress })
    const stem = request.source === undefined ? '' : `${basename(request.source, extname(request.source))}-`
    const files = []
    for (const { png, width, height, seed } of result.pictures) {
      const file = join(request.output, `${stem}${edit.kind}-${seed}.png`)
      await writeOutput(file, png)
      files.push({ file, width, height, seed })
    }
    const { timings, savings } = result
    const aboutMask = understood && {
      kind: understood.kind,
      share: request.invert ? 1 - understood.share : understood.share,
      certain: understood.certain,
    }
    return {
      engine: result.engine,
      pictures: files,
      ...(aboutMask && { mask: aboutMask }),
      timings,
      ...(savings && { savings }),
    }
  } finally {
    await engine.close()
  }
}

/** @throws UserError `no-such-file` */
export async function readInput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new UserError({ code: 'no-such-file', path }, { cause })
  }
}

/** @throws UserError `cannot-write` */
export async function createOutputFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch(cause => throwCannotWrite(path, cause))
}

/** @throws UserError `cannot-write` */
export async function writeOutput(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path, bytes).catch(cause => throwCannotWrite(path, cause))
}

function throwCannotWrite(path: string, cause: NodeJS.ErrnoException): never {
  throw new UserError({ code: 'cannot-write', path, reason: cause.code ?? cause.message }, { cause })
}
