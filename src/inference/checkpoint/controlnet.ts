import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { UserError } from '../../user-error.js'
import { isRegularFile } from '../onnx/model-file.js'
import { checkConfiguration } from './check-configuration.js'
import { CHECKPOINT_EXTENSION, type Tensors } from './checkpoint.js'
import { type ControlNetExport, encoderInterface, fitsInterface, readControlNetExport } from './controlnet-export.js'
import { controlNetFile, isExportFolder, listControlNetNames } from './controlnet-files.js'
import { CONTROLNET_TASKS, type ControlNetTask } from './controlnet-task.js'
import { readFolderJson, readWeights, WHOLE_FOLDER } from './folder-weights.js'
import { headsFromConfig, headsSchema } from './heads-config.js'
import { renameUnetTensors, stripPrefix, takeThird } from './ldm-names.js'
import { readSafetensors } from './safetensors.js'
import { headsFromWeights, type UnetConfig } from './unet-blocks.js'

/** A ControlNet's tensors by diffusers' names. */
export type ControlNetCheckpoint = { readonly name: string; readonly tensors: Tensors; readonly config: UnetConfig }

/**
 * Read a ControlNet: one file in the layout of diffusers or of the ControlNet authors' code, or a folder that diffusers wrote.
 *
 * @throws UserError `controlnet-unsupported`, `model-unsupported`, those of `readSafetensors` and `readWeights`
 */
export async function readControlNet(path: string): Promise<ControlNetCheckpoint> {
  const name = basename(path, CHECKPOINT_EXTENSION)
  const isFile = isRegularFile(path)
  const stored = isFile ? (await readSafetensors(path)).tensors : await readWeights(path, WHOLE_FOLDER)
  const kind = otherKind(stored)
  if (kind !== undefined) throw new UserError({ code: 'controlnet-unsupported', controlnet: name, kind })
  const unprefixed = stripPrefix(stored, 'control_model.')
  const tensors = unprefixed.size > 0 ? unprefixed : stored
  const isOriginal = tensors.has('input_hint_block.0.weight')
  const renamed = isOriginal ? renameControlNetTensors(tensors) : splitAttention(tensors)
  const stated = isFile ? undefined : await readControlNetConfig(path)
  return { name, tensors: renamed, config: stated ?? { heads: headsFromWeights(renamed), groups: 32 } }
}

/** What a folder's `config.json` says; undefined if there is none. @throws UserError `model-unsupported`, `model-unreadable` */
async function readControlNetConfig(folder: string): Promise<UnetConfig | undefined> {
  if (!existsSync(join(folder, CONFIG_FILE))) return undefined
  const config = await readFolderJson(folder, CONFIG_FILE, headsSchema.loose())
  checkConfiguration(basename(folder), 'controlnet/config.json', config)
  return headsFromConfig(config)
}

const CONFIG_FILE = 'config.json'

/** What a union of ControlNets is asked for: the numbers of its tasks. */
const UNION_TASKS = { tile: 6, inpaint: 7 } as const satisfies Record<ControlNetTask, number>

/** The tasks of a union with this many; undefined without. The first union knows neither task; promax does. */
export function unionTasks(count: number | undefined): readonly ControlNetTask[] | undefined {
  return count === undefined ? undefined : CONTROLNET_TASKS.filter(task => UNION_TASKS[task] < count)
}

/** A ControlNet of a request, and what it is used for. */
export type ControlNetRequest = { readonly name: string; readonly task: ControlNetTask }

/** A ControlNet that fits a model: the weights that its graph is written from, or its graph. */
export type FittingControlNet =
  | { readonly checkpoint: ControlNetCheckpoint; readonly unionTask: number | undefined }
  | { readonly exported: ControlNetExport }

/**
 * Read ControlNets for a model.
 *
 * @throws UserError `controlnet-unknown`, `controlnet-unfit`, those of `readControlNet` and `readControlNetExport`
 */
export async function readControlNets(
  modelFolder: string,
  requests: readonly ControlNetRequest[],
  model: ControlledModel,
): Promise<FittingControlNet[]> {
  const known = listControlNetNames(modelFolder)
  const found: FittingControlNet[] = []
  for (const { name, task } of requests) {
    if (!known.includes(name))
      throw new UserError({ code: 'controlnet-unknown', controlnet: name, known: known.join(', ') })
    const file = controlNetFile(modelFolder, name)
    found.push(isExportFolder(file) ? readFittingExport(file, model) : await readFitting(file, task, model))
  }
  return found
}

type ControlledModel = { readonly name: string; readonly unet: Tensors }

function readFittingExport(folder: string, model: ControlledModel): FittingControlNet {
  const exported = readControlNetExport(folder)
  const shapes = [...model.unet].map(([name, { shape }]) => [name, shape] as const)
  if (fitsInterface(exported.encoder, encoderInterface(shapes))) return { exported }
  throw new UserError({ code: 'controlnet-unfit', controlnet: exported.name, model: model.name })
}

async function readFitting(file: string, task: ControlNetTask, model: ControlledModel): Promise<FittingControlNet> {
  const checkpoint = await readControlNet(file)
  const { name, tensors } = checkpoint
  if (!fits(tensors, model.unet)) throw new UserError({ code: 'controlnet-unfit', controlnet: name, model: model.name })
  const tasks = unionTasks(tensors.get('task_embedding')?.shape[0])
  if (tasks && !tasks.includes(task)) {
    throw new UserError({ code: 'controlnet-unsupported', controlnet: name, kind: 'ControlNet Union without promax' })
  }
  return { checkpoint, unionTask: tasks && UNION_TASKS[task] }
}

/** A ControlNet is a copy of the UNet's first half; only the number of input channels may differ. */
function fits(controlNet: Tensors, unet: Tensors): boolean {
  const sidesOf = (tensors: Tensors, name: string) => tensors.get(name)?.shape.join('×')
  const ofUnet = (name: string) => name.startsWith('down_blocks.') || name.startsWith('mid_block.')
  return [...controlNet.keys()].every(name => !ofUnet(name) || sidesOf(unet, name) === sidesOf(controlNet, name))
}

/** What a file is instead of a ControlNet, by the names of its tensors; undefined for a ControlNet. */
function otherKind(tensors: Tensors): string | undefined {
  if (tensors.has('lora_controlnet')) return 'Control-LoRA'
  if (tensors.has('difference')) return 'difference'
  if ([...tensors.keys()].some(isLllite)) return 'ControlNet-LLLite'
  return [...tensors.keys()].some(isHintEncoder) ? undefined : 'other'
}

/** Whether these are the tensors of a ControlNet or of one of its relatives. */
export function looksLikeControlNet(names: readonly string[]): boolean {
  return names.some(name => isHintEncoder(name) || isLllite(name) || ['lora_controlnet', 'difference'].includes(name))
}

function isHintEncoder(name: string): boolean {
  return /(?:^|\.)(?:input_hint_block\.0|controlnet_cond_embedding\.conv_in)\./.test(name)
}

function isLllite(name: string): boolean {
  return name.includes('lllite')
}

/** A union's transformer stacks its queries, keys and values in one tensor. */
function splitAttention(tensors: Tensors): Tensors {
  return new Map(
    [...tensors].flatMap(([name, tensor]) => {
      const [, head, kind] = /^(transformer_layes\..*\.attn)\.in_proj_(weight|bias)$/.exec(name) ?? []
      if (kind === undefined) return [[name, tensor] as const]
      return ['to_q', 'to_k', 'to_v'].map(
        (part, index) => [`${head}.${part}.${kind}`, takeThird(tensor, index)] as const,
      )
    }),
  )
}

/** The encoder of hints: a convolution for every second module, with activations between them. */
const HINT_LAYERS: ReadonlyMap<string, string> = new Map([
  ['0', 'conv_in'],
  ...Array.from({ length: 6 }, (_, index) => [String(2 * index + 2), `blocks.${index}`] as const),
  ['14', 'conv_out'],
])

/** The names of the authors' code, which are those of LDM's UNet and a few more. */
function renameControlNetTensors(tensors: Tensors): Tensors {
  const unet = renameUnetTensors(tensors)
  return new Map(
    [...unet].map(([name, tensor]) => {
      const hint = name.replace(
        /^input_hint_block\.(\d+)/,
        (_, at) => `controlnet_cond_embedding.${HINT_LAYERS.get(at)}`,
      )
      const zero = hint.replace(/^zero_convs\.(\d+)\.0/, 'controlnet_down_blocks.$1')
      return [zero.replace(/^middle_block_out\.0/, 'controlnet_mid_block'), tensor]
    }),
  )
}
