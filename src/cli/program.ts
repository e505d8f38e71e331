import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { problemMessage } from '../i18n/i18n.js'
import { SAMPLER_NAMES, SIGMA_SPACINGS } from '../inference/engines/diffusion/sampling/sampler-names.js'
import { DEFAULT_ENGINE, engineNamed } from '../inference/engines/registry.js'
import { EXECUTION_PROVIDERS, parseDevice } from '../inference/onnx/device-names.js'
import {
  type Edit,
  IMAGINE_SIDE,
  MASK_GROW,
  MASKED_CONTENTS,
  parseAspect,
  parseEdit,
  parseFit,
  parseLength,
  parseSize,
  RESIZE_MODES,
} from '../inference/pipeline/edit.js'
import { CLIP_SKIP, OUTPAINTING_PRESETS, parseDiffusionOptions, STEPS } from '../inference/pipeline/options.js'
import { OVERSCAN_VERSION } from '../inference/pipeline/recipe.js'
import { VARIATIONS } from '../inference/pipeline/request.js'
import { type Capability, LANE_MEGAPIXELS } from '../queue/lanes.js'
import { UserError } from '../user-error.js'
import { doctorCommand } from './doctor/doctor-command.js'
import { createProgressBar } from './progress-bar.js'
import { setupCommand } from './setup/setup-command.js'

type PaintOptions = {
  output: string
  variations: number
  seed?: number
  prompt: string
  engine: string
  json?: boolean
  negative: string
  steps?: number
  sampler?: string
  spacing?: string
  guidance?: number
  variationSeed?: number
  variationStrength?: number
  clipSkip?: number
  preset?: string
  refine?: boolean
  seam?: boolean
  device?: string
}

type InpaintOptions = {
  mask: string
  area: string
  padding: number
  blur: number
  strength?: number
  content?: string
  grow?: number
  size?: string
  resize?: string
}

const MASK = 'white or see-through is painted; or a copy of the picture that was drawn over'

/** The `overscan` program: its commands and their options. What a command needs is loaded when it is run. */
export function createProgram(): Command {
  const overscan = new Command('overscan')
    .description('Paints what lies outside the frame of a picture.')
    .version(OVERSCAN_VERSION)
    .configureHelp({ showGlobalOptions: true })

  painting(overscan, 'zoom', 'zoom out: the old picture shrinks into the middle of a picture of the same size')
    .option('--factor <number>', 'how far to step back, 1 to 4', number, 1.5)
    .option('--aspect <ratio>', 'another aspect ratio, like 16:9')
    .option('--grow', 'keep the old pixels and enlarge the canvas instead')
    .action((source: string, options: PaintOptions & { factor: number; aspect?: string; grow?: boolean }) => {
      const { factor, aspect, grow = false } = options
      return run({ kind: 'zoom', factor, grow, ...(aspect && { aspect: parseAspect(aspect) }) }, source, options)
    })

  painting(overscan, 'extend', 'add to the sides')
    .option('--left <length>', 'pixels or percent, like 256 or 25%', '0')
    .option('--right <length>', 'likewise', '0')
    .option('--top <length>', 'likewise', '0')
    .option('--bottom <length>', 'likewise', '0')
    .action((source: string, options: PaintOptions & Record<'left' | 'right' | 'top' | 'bottom', string>) => {
      const side = (name: 'left' | 'right' | 'top' | 'bottom') => parseLength(name, options[name])
      const edit = { left: side('left'), right: side('right'), top: side('top'), bottom: side('bottom') }
      return run({ kind: 'extend', ...edit }, source, options)
    })

  painting(overscan, 'square', 'add to the shorter sides until the picture is square').action(
    (source: string, options: PaintOptions) => run({ kind: 'square' }, source, options),
  )

  painting(overscan, 'fit', 'add to two sides until the picture has this shape', [
    '<shape>',
    'width to height, like 16:9, or a size in pixels, like 960x540px',
  ]).action((source: string, shape: string, options: PaintOptions) => run(parseFit(shape), source, options))

  painting(overscan, 'inpaint', 'repaint a region')
    .requiredOption('--mask <file>', MASK)
    .option('--area <what>', 'what the engine sees: whole, or only what is masked', 'whole')
    .option('--padding <pixels>', 'how much around it the engine sees as well, with --area masked', number, 32)
    .option('--blur <pixels>', 'over how many pixels the old fades into the new', number, 0)
    .option('--strength <number>', 'denoising strength for models, 0.05 to 1', number)
    .option('--content <what>', `what models begin with under the mask: ${MASKED_CONTENTS.join(', ')}`)
    .option('--grow <pixels>', `by how many the mask is enlarged first, up to ${MASK_GROW.max}`, number)
    .option('--size <pixels>', 'make the picture this large first, like 768x512')
    .option('--resize <how>', `in which way: ${RESIZE_MODES.join(', ')}`)
    .action((source: string, options: PaintOptions & InpaintOptions) => {
      const { area, padding, blur, strength, content, grow, resize, mask } = options
      const size = options.size === undefined ? undefined : parseSize(options.size)
      const how = { area, padding, blur, strength, content, grow, size, resize }
      return run(parseEdit({ kind: 'inpaint', ...how }), source, options, mask)
    })

  painting(overscan, 'remove', 'take something out')
    .requiredOption('--mask <file>', MASK)
    .action((source: string, options: PaintOptions & { mask: string }) =>
      run({ kind: 'remove' }, source, options, options.mask),
    )

  painting(overscan, 'vary', 'paint what was painted on a picture once more, but differently')
    .option('--subtle', 'only the half of it that lies farthest from what was kept')
    .action((source: string, options: PaintOptions & { subtle?: boolean }) =>
      run({ kind: 'vary', strength: options.subtle ? 'subtle' : 'strong' }, source, options),
    )

  common(overscan.command('imagine').description('a picture from words alone, by a model'))
    .option('--width <pixels>', `${IMAGINE_SIDE.min} to ${IMAGINE_SIDE.max}`, number, 512)
    .option('--height <pixels>', 'likewise', number, 512)
    .action((options: PaintOptions & { width: number; height: number }) => {
      const { width, height } = options
      return run(parseEdit({ kind: 'imagine', width, height }), undefined, options)
    })

  overscan
    .command('demo')
    .description('the whole chain on a stand-in Discord in this process: login, /zoom, pictures, a pressed button')
    .argument('[photo]', 'a picture of your own instead of the sample')
    .option('-o, --output <folder>', 'where to put the pictures', 'out/demo')
    .action(async (photo: string | undefined, options: { output: string }) => {
      const { demo } = await import('./demo.js')
      return demo(photo, options.output)
    })

  overscan
    .command('bot')
    .description('log in to Discord with DISCORD_TOKEN and answer; paints too, unless REDIS_URL or DATABASE_URL is set')
    .action(async () => (await import('./run.js')).runBot())

  overscan
    .command('playground')
    .description('the whole bot on a stand-in Discord, with a page to try it on')
    .action(async () => (await import('./run.js')).runPlayground())

  overscan
    .command('worker')
    .description('paint for the bots that share REDIS_URL or DATABASE_URL')
    .option('--engines <names>', 'only with these, like fill', (text: string) => text.split(',').map(engineName))
    .option('--largest <megapixels>', `only pictures up to this size: ${LANE_MEGAPIXELS.join(', ')}`, size)
    .action(async (ability: Partial<Capability>) => (await import('./run.js')).runWorker(ability))

  overscan.addCommand(setupCommand())
  overscan.addCommand(doctorCommand())

  overscan
    .command('forget')
    .description('delete what is kept of a person, as /forget-me does for those who can still type it')
    .argument('<person>', 'their id at Discord', personId)
    .action(async (person: string) => {
      const { forgetPerson } = await import('./forget-person.js')
      const { settings, jobs } = await forgetPerson(person)
      process.stdout.write(`${settings ? 'Settings deleted' : 'There were no settings'}; ${jobs} jobs cancelled.\n`)
    })

  const models = overscan.command('models').description('what Stable Diffusion models there are to paint with')
  models
    .command('add')
    .description(
      'a checkpoint, a network that erases (.onnx) or a folder, from here, the catalogue, an address or Hugging Face',
    )
    .argument(
      '<from>',
      'a file or folder, a name of the catalogue, https://…, owner/name or owner/name/file.safetensors',
    )
    .option('--name <name>', 'what to call it')
    .option('--sha256 <hash>', 'of a file from an address, as its page tells it')
    .action(add)
  models
    .command('list')
    .description('what is there, and what it is')
    .action(async () => {
      const { listModels } = await import('./manage-models.js')
      for (const line of await listModels()) process.stdout.write(`${line}\n`)
    })
  models
    .command('catalogue')
    .description('what can be added by its name: size, licence, memory, and whether it fits this machine')
    .action(async () => {
      const { defaultDeviceMemory } = await import('./manage-models.js')
      const { catalogLines } = await import('./model-catalog.js')
      for (const line of catalogLines(await defaultDeviceMemory())) process.stdout.write(`${line}\n`)
    })
  models
    .command('check')
    .description('whether models are whole and compute, with the hashes of their files')
    .argument('[name...]', 'all of them if none is named')
    .action(async (names: string[]) => {
      const { checkModels } = await import('./manage-models.js')
      if (!(await checkModels(names, line => process.stdout.write(`${line}\n`)))) process.exitCode = 2
    })

  overscan
    .command('devices')
    .description('what onnxruntime can compute on here: each execution provider, tried')
    .action(async () => {
      const { probeDevices } = await import('../inference/onnx/devices.js')
      for (const device of await probeDevices()) {
        process.stdout.write(
          `${device.name.padEnd(10)} ${device.works ? 'works' : `does not work: ${device.reason}`}\n`,
        )
      }
    })

  return overscan
}

function painting(parent: Command, name: string, description: string, argument?: [string, string]): Command {
  const command = parent.command(name).description(description).argument('<picture>', 'the picture to start from')
  if (argument) command.argument(...argument)
  return common(command)
}

/** What every command takes that paints. */
function common(command: Command): Command {
  return command
    .requiredOption('-o, --output <folder>', 'where to put the pictures; made if it is not there')
    .option('--variations <number>', `how many pictures to paint, 1 to ${VARIATIONS.max}`, number, VARIATIONS.max)
    .option('--seed <number>', 'the same seed paints the same pictures again; each variation takes the next', number)
    .option('--prompt <text>', 'what you would like to see there, for engines that read', '')
    .option('--engine <name>', 'what paints: fill, or a model in models/', DEFAULT_ENGINE)
    .option('--negative <text>', 'what you would not like to see, for models', '')
    .option('--steps <number>', `how many, for models: ${STEPS.min} to ${STEPS.max}; 20 unless told`, number)
    .option('--sampler <name>', `for models: ${SAMPLER_NAMES.join(', ')}`)
    .option('--spacing <name>', `how a sampler spreads its steps: ${SIGMA_SPACINGS.join(', ')}`)
    .option('--guidance <number>', 'how closely models follow the prompt (CFG scale), 1 to 30; 7 unless told', number)
    .option('--variation-seed <number>', 'another seed to go towards, for models; variations take the next', number)
    .option('--variation-strength <number>', 'how far, 0 to 1', number)
    .option('--clip-skip <layer>', `which of CLIP's, from the end, for models: up to ${CLIP_SKIP.max}`, number)
    .option('--preset <name>', `A1111's outpainting scripts, for models: ${OUTPAINTING_PRESETS.join(', ')}`)
    .option('--refine', 'models go over large pictures once more in tiles; so they do anyway but on a processor')
    .option('--no-refine', 'or they do not')
    .option('--seam', 'models paint the border once more; those not made for masks do so anyway but on a processor')
    .option('--no-seam', 'or they do not')
    .option(
      '--device <name>',
      `what models are computed on: ${EXECUTION_PROVIDERS.join(', ')}; cuda:1 is the second card`,
      deviceName,
    )
    .option('--json', 'print one JSON object instead of lines')
}

async function run(edit: Edit, source: string | undefined, options: PaintOptions, mask?: string): Promise<void> {
  const { output, variations, seed, prompt, engine, json } = options
  const { negative, steps, sampler, spacing, guidance, variationSeed, variationStrength, device } = options
  const { clipSkip, preset, refine, seam } = options
  // Engines look for it there, as they do for the bot.
  if (device !== undefined) process.env.DEVICE = device
  const varied = { variationSeed, variationStrength }
  const more = { clipSkip, preset, refine, seam }
  const chosen = parseDiffusionOptions({
    negative: negative || undefined,
    steps,
    sampler,
    spacing,
    guidance,
    ...varied,
    ...more,
  })
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort(new UserError({ code: 'cancelled' })))
  const bar = createProgressBar(process.stderr, 'painting')
  const wanted = { edit, output, variations, prompt, engine, options: chosen }
  const request = { ...wanted, ...(source !== undefined && { source }), ...(seed !== undefined && { seed }) }
  const { paintFile } = await import('./paint-file.js')
  const result = await paintFile(mask === undefined ? request : { ...request, mask }, {
    signal: stop.signal,
    onProgress: done => bar.show(done),
  }).finally(() => bar.end())
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`)
    return
  }
  for (const { file, width, height } of result.pictures) process.stdout.write(`${file} (${width}×${height})\n`)
  process.stdout.write(`${result.engine}, ${(result.timings.total / 1000).toFixed(1)} s\n`)
}

async function add(from: string, { name, sha256 }: { name?: string; sha256?: string }): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort(new UserError({ code: 'cancelled' })))
  const bar = createProgressBar(process.stderr, 'downloading')
  const hooks = { signal: stop.signal, onProgress: (done: number) => bar.show(done) }
  const { addModel, describeModel } = await import('./manage-models.js')
  const added = await addModel(from, { name, sha256, ...hooks }).finally(() => bar.end())
  process.stdout.write(`${describeModel(added)}\n`)
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('That is not a number.')
  return value
}

function deviceName(text: string): string {
  if (!parseDevice(text)) throw new InvalidArgumentError(`It can be ${EXECUTION_PROVIDERS.join(', ')}, or like cuda:1.`)
  return text
}

function personId(text: string): string {
  if (!/^\d{17,20}$/.test(text)) throw new InvalidArgumentError('It is a number of 17 to 20 digits.')
  return text
}

function engineName(text: string): string {
  return engineNamed(text.trim()).name
}

function size(text: string): number {
  const value = number(text)
  if (!(LANE_MEGAPIXELS as readonly number[]).includes(value))
    throw new InvalidArgumentError(`It can be ${LANE_MEGAPIXELS.join(', ')}.`)
  return value
}

/**
 * Run the program with these arguments.
 *
 * @returns the exit code: 0, 2 for bad input (told in a line on stderr, in several where several settings are wrong), 130 when
 *   interrupted, 1 for a bug of ours
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const overscan = createProgram()
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)]
  for (const command of all(overscan)) command.exitOverride()
  try {
    await overscan.parseAsync([...argv], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // it has told already
    if (error instanceof UserError) {
      process.stderr.write(`${problemMessage(error.problem).replaceAll(/^/gm, 'overscan: ')}\n`)
      return error.problem.code === 'cancelled' ? 130 : 2
    }
    process.stderr.write(`overscan: this is a bug: ${error instanceof Error ? error.stack : String(error)}\n`)
    return 1
  }
}
