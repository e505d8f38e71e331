import type { OpenedDrawing } from '../../protocol/drawing.js'
import { DRAWING_LIMITS } from '../../protocol/drawing-limits.js'
import type { DrawingRequest } from '../../protocol/drawing-request.js'
import type { Placement } from './place/placement.js'
import type { Sides } from './side-handles.js'
import type { Tool } from './tools.js'

/** What the person has chosen and typed. It does not depend on the picture. */
export type Settings = {
  readonly mode: 'draw' | 'extend' | 'place'
  readonly tool: Tool
  /** Diameter, in pixels of the picture. */
  readonly brushSize: number
  /** Pixels of the picture. */
  readonly grow: number
  /** Pixels of the picture. */
  readonly blur: number
  readonly kind: 'inpaint' | 'remove'
  readonly prompt: string
  readonly negative: string
  /** Empty for the default. */
  readonly engine: string
  /** A ControlNet, or `none`; empty for the default. */
  readonly control: string
  /** As it was typed; empty for the default. */
  readonly strength: string
  readonly area: 'whole' | 'masked'
  readonly variations: string
  /** As it was typed; empty for a random one. */
  readonly seed: string
}

/** Changes some settings. */
export type ChangeSettings = (changes: Partial<Settings>) => void

/** What a picture is opened with: the prompt and the model that painted it. */
export function initialSettings(drawing: OpenedDrawing, picture: { width: number; height: number }): Settings {
  const { prompt, negative, engine, engines, task } = drawing
  return {
    mode: task === 'extend' ? 'extend' : 'draw',
    tool: 'brush',
    brushSize: Math.round(Math.max(picture.width, picture.height) / 12),
    grow: 0,
    blur: 0,
    kind: task === 'remove' ? 'remove' : 'inpaint',
    prompt,
    negative,
    engine: engine && engines.some(({ name }) => name === engine) ? engine : '',
    control: '',
    strength: '',
    area: 'whole',
    variations: '4',
    seed: '',
  }
}

/** The model that paints: the chosen one, or the default for what is to be painted. */
export function engineOf({ engines, defaultEngines }: OpenedDrawing, { engine, mode, kind }: Settings) {
  const name = engine || defaultEngines[mode === 'draw' ? kind : 'extend']
  return engines.find(one => one.name === name)
}

export function requestFor(settings: Settings, sides: Sides, placement: Placement): DrawingRequest {
  const { prompt, negative, engine, variations, seed, control } = settings
  const { min, max } = DRAWING_LIMITS.seed
  const options = { ...(negative && { negative }), ...(control && { control: [control] }) }
  return {
    edit: editFor(settings, sides, placement),
    prompt,
    variations: Number(variations),
    ...(seed && { seed: Math.min(max, Math.max(min, Math.trunc(Number(seed)))) }),
    ...(engine && { engine }),
    ...(Object.keys(options).length > 0 && { options }),
  }
}

function editFor(settings: Settings, sides: Sides, placement: Placement): DrawingRequest['edit'] {
  const { mode, kind, area, strength, grow, blur } = settings
  if (mode === 'place') {
    const { width, height, x, y, scale } = placement
    return { kind: 'place', width, height, at: { x, y }, scale }
  }
  if (mode === 'extend') {
    const pixels = (value: number) => ({ pixels: value })
    const { left, right, top, bottom } = sides
    return { kind: 'extend', left: pixels(left), right: pixels(right), top: pixels(top), bottom: pixels(bottom) }
  }
  if (kind === 'remove') return { kind: 'remove' }
  return { kind: 'inpaint', area, grow, blur, ...(strength && { strength: Number(strength) }) }
}
