import { CONTROLNET_TASKS, type ControlNetTask } from '../checkpoint/controlnet-task.js'
import { NO_CONTROL } from '../pipeline/control-modules.js'
import type { DiffusionOptions } from '../pipeline/options.js'
import type { EngineInfo } from './engine-info.js'

/**
 * The ControlNets of a request, as NAME or NAME:MODULE. Where nobody chose, a model uses an installed ControlNet that fits it, if it
 * wasn't trained for the task itself.
 *
 * @param task `inpaint` where a part of the picture is known, and the rest has to fit it; `tile` where a whole picture is painted over
 */
export function chooseControls(
  { control }: Pick<DiffusionOptions, 'control'>,
  engine: Pick<EngineInfo, 'traits' | 'controlNets'>,
  task: ControlNetTask | undefined,
): { readonly control: readonly string[]; readonly isDefault: boolean } {
  if (control) return { control: control.filter(name => name !== NO_CONTROL), isDefault: false }
  const own = task && defaultControl(engine, task)
  return own === undefined ? { control: [], isDefault: false } : { control: [own], isDefault: true }
}

/** The ControlNets that fit an engine, as a request names them: for each of their tasks, and for both where none is stated. */
export function controlTextsOf({ controlNets = [] }: Pick<EngineInfo, 'controlNets'>): string[] {
  return controlNets.flatMap(({ name, tasks }) => {
    const known = tasks.length === 0 ? CONTROLNET_TASKS : tasks
    return known.map(task => (task === 'inpaint' ? name : `${name}:${task}`))
  })
}

/** One that can do nothing else comes before a union. */
function defaultControl(
  { traits, controlNets = [] }: Pick<EngineInfo, 'traits' | 'controlNets'>,
  task: ControlNetTask,
): string | undefined {
  if (!traits || (task === 'inpaint' && traits.isForInpainting)) return undefined
  const able = controlNets.filter(({ tasks }) => tasks.includes(task))
  const [best] = able.toSorted((one, other) => one.tasks.length - other.tasks.length)
  return best && (task === 'inpaint' ? best.name : `${best.name}:${task}`)
}
