import { parseEnvVars } from '../../config.js'
import { en } from '../../i18n/en.js'
import { LANCZOS } from '../../inference/engines/upscale/lanczos.js'
import { EXPORT_QUALITY } from '../../inference/image/export.js'
import { type Edit, withAlphaKept } from '../../inference/pipeline/edit.js'
import { parseDiffusionOptions } from '../../inference/pipeline/options.js'
import type { ObjectRequest } from '../../inference/segment/select.js'
import { UserError } from '../../user-error.js'
import { cancelOnInterrupt } from '../cancel-on-interrupt.js'
import type { BatchOutcome } from '../paint-batch.js'
import type { HistorySettings, PaintFileResult, PaintSettings } from '../paint-file.js'
import { createProgressBar } from '../progress-bar.js'
import type { MaskOptions, PaintOptions } from './paint-command.js'

/** The painted area: that of a mask file, or a selected object. Or where the earlier pictures are that are put back. */
type Masking = MaskOptions & {
  readonly object?: ObjectRequest | undefined
  readonly needsMask?: boolean
  readonly history?: HistorySettings | undefined
}

/** Paint and print the files. @param source a picture file or a folder of them; only `imagine` has none */
export async function runPaintCommand(
  asked: Edit,
  source: string | undefined,
  options: PaintOptions,
  masking: Masking = {},
): Promise<void> {
  assertMasking(masking)
  const settings = settingsFrom(asked, options, masking)
  const { isFolder } = await import('../picture-files.js')
  if (source !== undefined && (await isFolder(source))) return runBatch(source, settings, options, masking.mask)
  return runSingle(source, settings, options, masking.mask)
}

/** @throws UserError `options-invalid` */
function settingsFrom(asked: Edit, options: PaintOptions, { readAs, invert, object, history }: Masking): PaintSettings {
  const { output, variations, seed, prompt, engine, negative, keepAlpha = false, format, quality, ...others } = options
  const { steps, sampler, spacing, guidance, guidanceRescale, variationSeed, variationStrength, clipSkip, preset } =
    others
  const { control, controlWeight, controlStart, controlEnd, controlMode, downsamplingRate } = others
  const { refiner, switchAt, prefill, refine, seam, colorMatch } = others
  const diffusionOptions = parseDiffusionOptions({
    negative: negative || undefined,
    steps,
    sampler,
    spacing,
    guidance,
    guidanceRescale,
    variationSeed,
    variationStrength,
    clipSkip,
    control,
    controlWeight,
    controlStart,
    controlEnd,
    controlMode,
    downsamplingRate,
    refiner,
    switchAt,
    prefill,
    preset,
    refine,
    seam,
    // Commander sets it to true where the flag is not given.
    colorMatch: colorMatch === false ? false : undefined,
  })
  assertFormat(options)
  // Of several devices in DEVICE, the terminal uses the first.
  const config = parseEnvVars(process.env, ['MODEL_FOLDER', 'MODEL', 'DEVICE'])
  const { MODEL_FOLDER: modelFolder, MODEL: defaultEngine } = config
  const device = options.device ?? config.DEVICE?.[0]
  const edit = withAlphaKept(asked, keepAlpha)
  const painting = {
    edit,
    readAs,
    invert,
    object,
    history,
    variations,
    seed,
    prompt,
    engine,
    options: diffusionOptions,
  }
  return { ...painting, output, modelFolder, defaultEngine, device, format, quality }
}

/** @throws UserError `options-invalid` */
function assertMasking({ mask, readAs, object, needsMask }: Masking): void {
  const refuse = (detail: string) => {
    throw new UserError({ code: 'options-invalid', detail })
  }
  if (mask !== undefined && object) refuse('--mask can’t be combined with --at, --not-at or --box')
  if (readAs !== undefined && object) refuse('--read-as is about a file, so it needs --mask')
  if (needsMask && mask === undefined && !object) {
    refuse('nothing says where the object is, so add --mask FILE, --at x,y or --box x,y,width,height')
  }
}

/** @throws UserError `options-invalid` */
function assertFormat({ format, quality, keepAlpha }: PaintOptions): void {
  const refuse = (detail: string) => {
    throw new UserError({ code: 'options-invalid', detail })
  }
  if (format === 'jpeg' && keepAlpha) refuse('JPEG has no transparency, so --keep-alpha needs --format png or webp')
  if (quality === undefined) return
  if (format === 'png') refuse('PNG loses nothing, so --quality needs --format jpeg or webp')
  const { min, max } = EXPORT_QUALITY
  if (!(Number.isInteger(quality) && quality >= min && quality <= max)) {
    refuse(`--quality is ${quality}, and has to be a whole number from ${min} to ${max}`)
  }
}

async function runSingle(
  source: string | undefined,
  settings: PaintSettings,
  { json, skipExisting }: PaintOptions,
  mask: string | undefined,
): Promise<void> {
  const signal = cancelOnInterrupt()
  const [{ paintFile }, { hasResults, maskFor }] = await Promise.all([
    import('../paint-file.js'),
    import('../batch-inputs.js'),
  ])
  if (skipExisting && source !== undefined && (await hasResults({ source }, settings))) {
    if (json) printJson({ source, skipped: true })
    else process.stdout.write('Skipped: the results are already there.\n')
    return
  }
  const matched = source === undefined ? mask : await maskFor(source, mask)
  const bar = createProgressBar(process.stderr, 'painting')
  const onProgress = (done: number) => bar.show(done)
  const result = await paintFile({ ...settings, source, mask: matched }, { signal, onProgress }).finally(() =>
    bar.end(),
  )
  if (json) return printJson(result)
  printResult(result)
  const done = settings.edit.kind === 'upscale' ? 'Upscaled' : 'Painted'
  process.stdout.write(`${done} by ${result.engine} in ${(result.timings.total / 1000).toFixed(1)} s.\n`)
}

async function runBatch(
  folder: string,
  settings: PaintSettings,
  { json, skipExisting = false }: PaintOptions,
  mask: string | undefined,
): Promise<void> {
  const signal = cancelOnInterrupt()
  const [{ paintBatch }, { listInputs }] = await Promise.all([
    import('../paint-batch.js'),
    import('../batch-inputs.js'),
  ])
  const inputs = await listInputs(folder, settings.output)
  let bar: ReturnType<typeof createProgressBar> | undefined
  const outcomes = await paintBatch(
    inputs,
    { ...settings, mask, skipExisting },
    {
      signal,
      onStart(number, name) {
        process.stderr.write(`${number}/${inputs.length} ${name}\n`)
        // Elsewhere than on a terminal that line is enough.
        bar = process.stderr.isTTY ? createProgressBar(process.stderr, 'painting') : undefined
      },
      onProgress: done => bar?.show(done),
      onOutcome(outcome) {
        bar?.end()
        if (!json) printOutcome(outcome)
      },
    },
  ).finally(() => bar?.end())
  const failed = outcomes.flatMap(outcome => ('message' in outcome ? [outcome] : []))
  const skipped = outcomes.filter(outcome => 'skipped' in outcome)
  if (json) printJson({ results: outcomes })
  else {
    const parts = [
      `Painted ${outcomes.length - failed.length - skipped.length} of ${outcomes.length} pictures`,
      ...(skipped.length > 0 ? [`skipped ${skipped.length}`] : []),
      ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    ]
    process.stdout.write(`${parts.join('; ')}.\n`)
  }
  if (failed.length > 0) process.exitCode = failed.some(({ exitCode }) => exitCode === 1) ? 1 : 2
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

function printOutcome(outcome: BatchOutcome): void {
  if ('pictures' in outcome) printResult(outcome)
  else if ('skipped' in outcome) process.stderr.write('skipped: the results are already there\n')
  else process.stderr.write(`${outcome.message.replaceAll(/^/gm, `overscan: ${outcome.source}: `)}\n`)
}

function printResult({
  engine,
  mask,
  object,
  promptIgnored,
  conversions = [],
  controls = [],
  history,
  flattened,
  pictures,
}: PaintFileResult): void {
  if (mask) process.stderr.write(describeMask(mask))
  if (object) process.stderr.write(describeObject(object))
  if (promptIgnored) process.stderr.write(describeIgnoredPrompt(engine, promptIgnored.instead))
  for (const name of conversions) process.stderr.write(`note: ${en.result.conversions[name]}\n`)
  for (const one of controls) process.stderr.write(`note: ${en.result.control(one)}\n`)
  if (engine === LANCZOS) process.stderr.write(`note: ${en.result.resampled}\n`)
  if (history) process.stderr.write(`history: ${en.result.fromHistory(history)}\n`)
  if (flattened) process.stderr.write('note: JPEG has no transparency, so transparent parts are white\n')
  for (const { file, width, height } of pictures) process.stdout.write(`${file} (${width}×${height})\n`)
}

/** @param instead an installed engine that reads prompts */
function describeIgnoredPrompt(engine: string, instead: string | null): string {
  const todo = instead
    ? `Add --engine ${instead}.`
    : 'Run “overscan models add sd15-inpainting” to install a model that can.'
  return `Your prompt was ignored: “${engine}” can’t read text. ${todo}\n`
}

function describeObject({ share }: NonNullable<PaintFileResult['object']>): string {
  const percent = `${(share * 100).toFixed(1)}%`
  return `mask: the selected object, ${percent} of the picture. If that is wrong, add --size, --not-at or another --at\n`
}

/** How a mask was read, and how to choose where that is not certain. */
function describeMask({ kind, share, certain }: NonNullable<PaintFileResult['mask']>): string {
  const part = { 'black-and-white': 'white', transparent: 'transparent', layer: 'drawn', marked: 'marked' }[kind]
  const percent = share < 0.01 ? 'less than 1%' : `${Math.round(share * 100)}%`
  const choice = certain ? '' : '. If that is wrong, add --read-as white, transparent or marks, or --invert'
  return `mask: the ${part} part, ${percent} of the picture${choice}\n`
}
