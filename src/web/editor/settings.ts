import type { OpenedDrawing } from '../../protocol/drawing.js'
import { DRAWING_LIMITS } from '../../protocol/drawing-limits.js'
import type { DrawingRequest, UpscaleWay } from '../../protocol/drawing-request.js'
import type { Placement } from './place/placement.js'
import type { Sides } from './side-handles.js'
import type { Tool } from './tools.js'

/** What the person has chosen and typed. It does not depend on the picture. */
export type Settings = {
  readonly mode: 'draw' | 'extend' | 'place'
  readonly tool: Tool
  /** Diameter, in pixels of the picture. */
  readonly brushSize: number
  /** From 0 to 1. */
  readonly brushHardness: number
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

/** What a picture is opened with: the options of the command that opened it, or else the prompt and the model that painted it. */
export function initialSettings(drawing: OpenedDrawing, picture: { width: number; height: number }): Settings {
  const { prompt, negative, engine, engines, task, draft = {} } = drawing
  const textOf = (value: number | undefined, byDefault: string) => (value === undefined ? byDefault : String(value))
  return {
    mode: task === 'extend' ? 'extend' : 'draw',
    tool: 'brush',
    brushSize: Math.round(Math.max(picture.width, picture.height) / 12),
    brushHardness: 1,
    grow: draft.grow ?? 0,
    blur: draft.blur ?? 0,
    kind: task === 'remove' ? 'remove' : 'inpaint',
    prompt,
    negative,
    engine: engine && engines.some(({ name }) => name === engine) ? engine : '',
    control: draft.control ?? '',
    strength: textOf(draft.strength, ''),
    area: draft.area ?? 'whole',
    variations: textOf(draft.variations, '4'),
    seed: textOf(draft.seed, ''),
  }
}

/** The model that paints: the chosen one, or the default for what is to be painted. */
export function engineOf({ engines, defaultEngines }: OpenedDrawing, { engine, mode, kind }: Settings) {
  const name = engine || defaultEngines[mode === 'draw' ? kind : 'extend']
  return engines.find(one => one.name === name)
}

export function requestFor(settings: Settings, sides: Sides, placement: Placement): DrawingRequest {
  return { ...paintingOf(settings), edit: editFor(settings, sides, placement) }
}

/** Only painting reads the prompt, the model and its options. */
export function upscaleRequest(settings: Settings, way: UpscaleWay): DrawingRequest {
  const edit = { kind: 'upscale', way } as const
  return way === 'creative' ? { ...paintingOf(settings), edit } : { edit, prompt: '' }
}

function paintingOf(settings: Settings): Omit<DrawingRequest, 'edit'> {
  const { prompt, negative, engine, variations, seed, control } = settings
  const { min, max } = DRAWING_LIMITS.seed
  const options = { ...(negative && { negative }), ...(control && { control: [control] }) }
  return {
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
