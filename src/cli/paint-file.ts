import { writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { traitsOf } from '../inference/engines/default-engine.js'
import { openEngine } from '../inference/engines/open.js'
import { createEngineRegistry } from '../inference/engines/registry.js'
import { planRefill, traceHistory } from '../inference/history/plan.js'
import { EXPORT_QUALITY, type ExportFormat, exportPicture, hasTransparency } from '../inference/image/export.js'
import { MAX_UPSCALED_SIZE } from '../inference/image/geometry.js'
import { encodeMask, hardMask } from '../inference/image/mask-file.js'
import { type InterpretedMask, interpretMask } from '../inference/mask/interpret.js'
import { invertMask } from '../inference/mask/morphology.js'
import type { MaskReading } from '../inference/mask/readings.js'
import { isScratch } from '../inference/mask/scratch.js'
import type { Edit, UpscaleHistory } from '../inference/pipeline/edit.js'
import type { Engine } from '../inference/pipeline/engine.js'
import type { DiffusionOptions } from '../inference/pipeline/options.js'
import { paint } from '../inference/pipeline/paint.js'
import type { PaintResult } from '../inference/pipeline/paint-request.js'
import { seedsFor } from '../inference/pipeline/request.js'
import { type ObjectRequest, openObjectSelector } from '../inference/segment/select.js'
import { makeFolder } from '../make-folder.js'
import { UserError } from '../user-error.js'
import { openHistoryFiles } from './history-files.js'
import { readInput } from './picture-files.js'

/** Where earlier pictures are, and the scale of the result; as large as the earliest one needs if left out. */
export type HistorySettings = { readonly files: readonly string[]; readonly scale?: number | undefined }

/** What is the same for all files of a batch. */
export type PaintSettings = {
  readonly edit: Edit
  /** What the mask is; worked out from its pixels if undefined. */
  readonly readAs?: MaskReading | undefined
  /** Select this object on each picture, instead of a mask file. */
  readonly object?: ObjectRequest | undefined
  /** Paint what the mask does not mark. */
  readonly invert?: boolean | undefined
  /** Upscale with the detail of earlier pictures. */
  readonly history?: HistorySettings | undefined
  /** Folder for the results. */
  readonly output: string
  readonly variations: number
  readonly seed?: number | undefined
  readonly prompt: string
  /** The default engine for the edit if undefined. */
  readonly engine?: string | undefined
  /** The configured default engine. */
  readonly defaultEngine?: string | undefined
  readonly options?: DiffusionOptions | undefined
  readonly modelFolder: string
  /** Like `cuda:1`; the first that works if undefined. */
  readonly device: string | undefined
  /** PNG if undefined. */
  readonly format?: ExportFormat | undefined
  /** Of JPEG and WebP. */
  readonly quality?: number | undefined
}

/** A picture file, if the edit needs one, and its mask. */
export type PaintInput = {
  readonly source?: string | undefined
  readonly mask?: string | undefined
  /** What the names of the results begin with; the name of the source if undefined. */
  readonly name?: string | undefined
}

/** The output of `--json`. Times are in milliseconds. */
export type PaintFileResult = {
  readonly engine: string
  readonly pictures: readonly { file: string; width: number; height: number; seed: number }[]
  /** How the mask was understood; `share` is painted. */
  readonly mask?: Pick<InterpretedMask, 'kind' | 'share' | 'certain'>
  /** The share of a selected object, and its predicted IoU. */
  readonly object?: { readonly share: number; readonly iou: number }
  readonly timings: PaintResult['timings']
  readonly savings?: PaintResult['savings']
  readonly conversions?: PaintResult['conversions']
  readonly controls?: PaintResult['controls']
  /** The engine can't read the prompt; `instead` is the best installed one that can. */
  readonly promptIgnored?: { readonly instead: string | null }
  /** What an upscaled picture shows of its history. */
  readonly history?: UpscaleHistory
  /** The results have transparent parts, and their format has none: these parts are white. */
  readonly flattened?: true
}

export type PaintHooks = { readonly signal: AbortSignal; readonly onProgress: (done: number) => void }

/** Paints files, one at a time, with engines that stay open. */
export interface FilePainter {
  /**
   * Paint a picture file and write each result as `<name>-<kind of edit>-<seed>.<format>`, an upscaled picture as `<name>-upscale-<scale>x.<format>` or `<name>-upscale-history.<format>`, with `creative` as `<name>-upscale-<scale>x-<seed>.<format>`; without a source the name is left out.
   *
   * @throws UserError for invalid files and requests
   */
  paint(input: PaintInput, hooks: PaintHooks): Promise<PaintFileResult>
  close(): Promise<void>
}

/** @throws UserError for invalid settings */
export function openFilePainter(settings: PaintSettings): FilePainter {
  const { edit, prompt, options, output, format = 'png', quality = EXPORT_QUALITY.default } = settings
  // Invalid seeds are refused before anything is opened.
  seedsFor(settings.variations, settings.seed)
  const { modelFolder, defaultEngine } = settings
  const engines = createEngineRegistry({ modelFolder, defaultEngine })
  engines.forEdit(traitsOf(edit), settings.engine, prompt)
  const selector = settings.object && openObjectSelector(modelFolder)
  const opened = new Map<string, Engine>()
  let findEarlier: ReturnType<typeof openHistoryFiles> | undefined
  function open(name: string): Engine {
    const engine = opened.get(name) ?? openEngine(name, engines, settings.device)
    opened.set(name, engine)
    return engine
  }
  return {
    async paint(input, { signal, onProgress }) {
      const source = input.source === undefined ? undefined : await readInput(input.source)
      const maskFile = input.mask === undefined ? undefined : await readInput(input.mask)
      const understood = source && maskFile && (await interpretMask(maskFile, source, settings.readAs))
      const selected = source && settings.object && (await selector?.select(source, settings.object))
      const marked = understood ? understood.mask : selected ? selected.mask : undefined
      const meant = marked && (settings.invert ? invertMask(marked) : marked)
      const mask = meant && (await encodeMask(meant))
      const traits = traitsOf(edit, meant && isScratch(hardMask(meant)))
      const { name, supportsPrompt } = engines.forEdit(traits, settings.engine, prompt)
      const engine = open(name)
      await createOutputFolder(output)
      const pictures = { ...(source && { source }), ...(mask && { mask }) }
      const seeds = seedsFor(settings.variations, settings.seed)
      if (settings.history) findEarlier ??= openHistoryFiles(settings.history.files)
      const refilled = source && findEarlier && (await refillEdit(source, await findEarlier, settings.history?.scale))
      const request = { edit, prompt, seeds, engine: name, ...(options && { options }), ...pictures, ...refilled }
      const progress = ({ done }: { done: number }) => onProgress(done)
      const result = await paint(request, engine, {
        engines,
        signal,
        onProgress: progress,
        openEngine: async other => open(other),
      })
      const files = []
      for (const { png, width, height, seed } of result.pictures) {
        const file = join(
          output,
          resultName(resultStem(edit, input), resultLabel(edit, seed, settings.history), format),
        )
        await writeOutput(file, await exportPicture(png, format, quality))
        files.push({ file, width, height, seed })
      }
      const [first] = result.pictures
      const isFlattened = format === 'jpeg' && first !== undefined && (await hasTransparency(first.png))
      const { timings, savings, conversions, controls } = result
      return {
        engine: result.engine,
        pictures: files,
        ...(understood && { mask: describeMask(understood, settings.invert ?? false) }),
        ...(selected && { object: { share: selected.share, iou: selected.iou } }),
        timings,
        ...(refilled && { history: refilled.edit.history }),
        ...(savings && { savings }),
        ...(conversions && { conversions }),
        ...(controls && { controls }),
        ...(prompt !== '' &&
          !supportsPrompt && { promptIgnored: { instead: engines.promptReader(edit)?.name ?? null } }),
        ...(isFlattened && { flattened: true as const }),
      }
    },
    async close() {
      await selector?.close()
      for (const engine of opened.values()) await engine.close()
    },
  }
}

/** Paint one file. @throws UserError as {@link openFilePainter} does */
export async function paintFile(request: PaintSettings & PaintInput, hooks: PaintHooks): Promise<PaintFileResult> {
  const painter = openFilePainter(request)
  try {
    return await painter.paint(request, hooks)
  } finally {
    await painter.close()
  }
}

function describeMask(
  { kind, share, certain }: InterpretedMask,
  isInverted: boolean,
): NonNullable<PaintFileResult['mask']> {
  return { kind, share: isInverted ? 1 - share : share, certain }
}

/** What the names of an input's results begin with. */
export function resultStem(edit: Edit, { source, name }: PaintInput): string {
  if (source === undefined) return edit.kind
  const made = edit.kind === 'upscale' && edit.creative ? `upscale-${edit.scale}x` : edit.kind
  return `${name ?? basename(source, extname(source))}-${made}`
}

/** The edit of a picture that is upscaled with the detail of earlier ones. @throws UserError `history-missing`, `upscale-too-large` */
async function refillEdit(source: Uint8Array, find: Parameters<typeof traceHistory>[1], scale: number | undefined) {
  const found = await traceHistory(source, find, MAX_UPSCALED_SIZE)
  return planRefill(source, found, MAX_UPSCALED_SIZE, scale)
}

/** What tells the results of one input apart: an upscaler gives the same picture for all seeds. @param history by which it is upscaled */
export function resultLabel(edit: Edit, seed: number, history?: HistorySettings): string {
  if (history) return 'history'
  return edit.kind === 'upscale' && !edit.creative ? `${edit.scale}x` : String(seed)
}

/** The name of a result's file. */
export function resultName(stem: string, label: string, format: ExportFormat): string {
  return `${stem}-${label}.${format === 'jpeg' ? 'jpg' : format}`
}

/** @throws UserError `cannot-write` */
export async function createOutputFolder(path: string): Promise<void> {
  await makeFolder(path).catch(cause => throwCannotWrite(path, cause))
}

/** @throws UserError `cannot-write` */
export async function writeOutput(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path, bytes).catch(cause => throwCannotWrite(path, cause))
}

function throwCannotWrite(path: string, cause: NodeJS.ErrnoException): never {
  throw new UserError({ code: 'cannot-write', path, reason: cause.code ?? cause.message }, { cause })
}
