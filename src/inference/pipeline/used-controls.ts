import { chooseControls } from '../engines/default-control.js'
import { FILL } from '../engines/default-engine.js'
import type { Companions, EngineRegistry } from '../engines/registry.js'
import { KEEP } from '../image/pixels.js'
import type { Canvas } from './canvas.js'
import { parseControl, type UsedControl } from './control-modules.js'
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
  const { control, isDefault } = controlsOf(request, engines, mask.data.includes(KEEP))
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
  const { control } = controlsOf(request, engines, !['imagine', 'upscale'].includes(request.edit.kind))
  const eraser = control.some(needsEraser) ? eraserIn(engines) : undefined
  const models = [request.options?.refiner, eraser].filter(name => name !== undefined)
  return { models, controlNets: [...new Set(control.map(text => parseControl(text).name))] }
}

/** None for engines that take none. */
function controlsOf(
  { engine: name, options = {} }: Request,
  engines: EngineRegistry,
  needsContext: boolean,
): ReturnType<typeof chooseControls> {
  const engine = engines.installed().find(one => one.name === name)
  return engine?.supportsPrompt ? chooseControls(options, engine, needsContext) : { control: [], isDefault: false }
}

function needsEraser(text: string): boolean {
  return parseControl(text).module === 'inpaint_only+lama'
}

function eraserIn(engines: EngineRegistry): string | undefined {
  return engines.installed().find(({ isEraser }) => isEraser)?.name
}
