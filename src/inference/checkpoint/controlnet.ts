import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { UserError } from '../../user-error.js'
import { CHECKPOINT_EXTENSION, type Tensors } from './checkpoint.js'
import { CONTROLNET_TASKS, type ControlNetTask } from './controlnet-task.js'
import { renameUnetTensors, stripPrefix, takeThird } from './ldm-names.js'
import { readSafetensors } from './safetensors.js'
import { headsFromWeights, type UnetConfig } from './unet-blocks.js'

/** A ControlNet's tensors by diffusers' names. */
export type ControlNetCheckpoint = { readonly name: string; readonly tensors: Tensors; readonly config: UnetConfig }

/**
 * Read a ControlNet in one file, in the layout of diffusers or of the ControlNet authors' code.
 *
 * @throws UserError `controlnet-unsupported`, those of `readSafetensors`
 */
export async function readControlNet(path: string): Promise<ControlNetCheckpoint> {
  const name = basename(path, CHECKPOINT_EXTENSION)
  const { tensors: stored } = await readSafetensors(path)
  const kind = otherKind(stored)
  if (kind !== undefined) throw new UserError({ code: 'controlnet-unsupported', controlnet: name, kind })
  const unprefixed = stripPrefix(stored, 'control_model.')
  const tensors = unprefixed.size > 0 ? unprefixed : stored
  const isOriginal = tensors.has('input_hint_block.0.weight')
  const renamed = isOriginal ? renameControlNetTensors(tensors) : splitAttention(tensors)
  return { name, tensors: renamed, config: { heads: headsFromWeights(renamed), groups: 32 } }
}

/** What a union of ControlNets is asked for: the numbers of its tasks. */
const UNION_TASKS = { tile: 6, inpaint: 7 } as const satisfies Record<ControlNetTask, number>

/** The tasks of a union with this many; undefined without. The first union knows neither task; promax does. */
export function unionTasks(count: number | undefined): readonly ControlNetTask[] | undefined {
  return count === undefined ? undefined : CONTROLNET_TASKS.filter(task => UNION_TASKS[task] < count)
}

/** A ControlNet of a request, and what it is used for. */
export type ControlNetRequest = { readonly name: string; readonly task: ControlNetTask }

/** A ControlNet's file in the model folder. */
export function controlNetFile(modelFolder: string, name: string): string {
  return join(modelFolder, CONTROLNET_FOLDER, `${name}${CHECKPOINT_EXTENSION}`)
}

/** The names of the ControlNets in a model folder, without extension, sorted. */
export function listControlNetNames(modelFolder: string): string[] {
  const folder = join(modelFolder, CONTROLNET_FOLDER)
  const files = existsSync(folder) ? readdirSync(folder) : []
  return files
    .filter(file => file.endsWith(CHECKPOINT_EXTENSION))
    .map(file => basename(file, CHECKPOINT_EXTENSION))
    .sort()
}

/** The folder of ControlNets inside the model folder. */
export const CONTROLNET_FOLDER = 'controlnet'

/**
 * Read ControlNets for a model.
 *
 * @throws UserError `controlnet-unknown`, `controlnet-unfit`, those of `readControlNet`
 */
export async function readControlNets(
  modelFolder: string,
  requests: readonly ControlNetRequest[],
  model: { readonly name: string; readonly unet: Tensors },
): Promise<(ControlNetCheckpoint & { readonly unionTask: number | undefined })[]> {
  const known = listControlNetNames(modelFolder)
  const found: (ControlNetCheckpoint & { unionTask: number | undefined })[] = []
  for (const { name, task } of requests) {
    if (!known.includes(name))
      throw new UserError({ code: 'controlnet-unknown', controlnet: name, known: known.join(', ') })
    const one = await readControlNet(controlNetFile(modelFolder, name))
    if (!fits(one.tensors, model.unet)) {
      throw new UserError({ code: 'controlnet-unfit', controlnet: name, model: model.name })
    }
    const tasks = unionTasks(one.tensors.get('task_embedding')?.shape[0])
    if (tasks && !tasks.includes(task)) {
      throw new UserError({ code: 'controlnet-unsupported', controlnet: name, kind: 'ControlNet Union without promax' })
    }
    found.push({ ...one, unionTask: tasks && UNION_TASKS[task] })
  }
  return found
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
