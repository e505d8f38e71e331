import { CONTROLNET_TASKS } from '../checkpoint/controlnet-task.js'
import { NO_CONTROL } from '../pipeline/control-modules.js'
import type { DiffusionOptions } from '../pipeline/options.js'
import type { EngineInfo } from './engine-info.js'

/**
 * The ControlNets of a request, as NAME or NAME:MODULE. Where nobody chose, a model that wasn't trained with masks uses an
 * installed ControlNet for inpainting that fits it.
 *
 * @param needsContext a part of the picture is known, and the rest has to fit it
 */
export function chooseControls(
  { control }: Pick<DiffusionOptions, 'control'>,
  engine: Pick<EngineInfo, 'traits' | 'controlNets'>,
  needsContext: boolean,
): { readonly control: readonly string[]; readonly isDefault: boolean } {
  if (control) return { control: control.filter(name => name !== NO_CONTROL), isDefault: false }
  const own = needsContext ? defaultControl(engine) : undefined
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
function defaultControl({ traits, controlNets = [] }: Pick<EngineInfo, 'traits' | 'controlNets'>): string | undefined {
  if (!traits || traits.isForInpainting) return undefined
  const able = controlNets.filter(({ tasks }) => tasks.includes('inpaint'))
  return able.toSorted((one, other) => one.tasks.length - other.tasks.length)[0]?.name
}
