import type { ControlNetTask } from '../checkpoint/controlnet-task.js'
import { chooseControls } from '../engines/default-control.js'
import { FILL } from '../engines/default-engine.js'
import type { Companions, EngineRegistry } from '../engines/registry.js'
import { KEEP } from '../image/pixels.js'
import type { Canvas } from './canvas.js'
import { parseControl, taskOfModule, type UsedControl } from './control-modules.js'
import type { Edit } from './edit.js'
import type { PaintTaskOptions } from './engine.js'
import type { DiffusionOptions } from './options.js'

/** What of a request decides. */
type Request = { readonly edit: Edit; readonly engine: string; readonly options?: DiffusionOptions | undefined }

/** The ControlNets that a request is painted with, and the options that tell the engine. */
export function usedControls(
  request: Request,
  { mask }: Pick<Canvas, 'mask'>,
  engines: EngineRegistry,
): { readonly used: readonly UsedControl[]; readonly options: Pick<PaintTaskOptions, 'control' | 'eraser'> } {
  const { control, isDefault } = controlsOf(request, engines, taskOf(request.edit, mask.data.includes(KEEP)))
  const eraser = control.some(needsEraser) ? eraserIn(engines) : undefined
  const used = control.map(text => ({
    ...parseControl(text),
    ...(isDefault && { isDefault: true as const }),
    ...(needsEraser(text) && { prefill: eraser ?? FILL }),
  }))
  return { used, options: { control: control.length > 0 ? [...control] : undefined, eraser } }
}

/** What a request loads together with the model of its engine. */
export function companionsOf(request: Request, engines: EngineRegistry): Companions {
  const { control } = controlsOf(
    request,
    engines,
    taskOf(request.edit, !['imagine', 'upscale'].includes(request.edit.kind)),
  )
  const eraser = control.some(needsEraser) ? eraserIn(engines) : undefined
  const models = [request.options?.refiner, eraser].filter(name => name !== undefined)
  return { models, controlNets: [...new Set(control.map(text => parseControl(text).name))] }
}

/** None for engines that take none. */
function controlsOf(
  { engine: name, options = {} }: Request,
  engines: EngineRegistry,
  task: ControlNetTask | undefined,
): ReturnType<typeof chooseControls> {
  const engine = engines.installed().find(one => one.name === name)
  if (!engine?.supportsPrompt) return { control: [], isDefault: false }
  const { control, isDefault } = chooseControls(options, engine, task)
  // A ControlNet for inpainting has nothing to go by in a picture that is painted over all over.
  return { control: task === 'tile' ? control.filter(isTile) : control, isDefault }
}

/** What a ControlNet is for in an edit. @param isPartKnown a part of the picture is not painted */
function taskOf(edit: Edit, isPartKnown: boolean): ControlNetTask | undefined {
  if (edit.kind === 'upscale') return edit.creative && edit.creative.strength > 0 ? 'tile' : undefined
  return isPartKnown ? 'inpaint' : undefined
}

/** Whether a ControlNet, as NAME or NAME:MODULE, holds on to the whole picture. */
export function isTile(text: string): boolean {
  return taskOfModule(parseControl(text).module) === 'tile'
}

function needsEraser(text: string): boolean {
  return parseControl(text).module === 'inpaint_only+lama'
}

function eraserIn(engines: EngineRegistry): string | undefined {
  return engines.installed().find(({ isEraser }) => isEraser)?.name
}
