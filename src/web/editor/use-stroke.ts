import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'
import type { MaskCanvas } from './mask-canvas.js'
import type { Point } from './point.js'
import type { Brush } from './soft-brush.js'
import type { Tool } from './tools.js'
import type { ObjectPlace } from './use-object-selection.js'

/** Points of a soft stroke that are nearer than this part of the brush's diameter are left out: each costs time. */
const SOFT_SPACING = 1 / 8

/** A drag shorter than this is a click, in pixels of the screen. */
const CLICK_DISTANCE = 6

type StrokeOptions = {
  readonly mask: MaskCanvas
  readonly tool: Tool
  /** Diameter, in pixels of the picture. */
  readonly brushSize: number
  /** From 0 to 1. */
  readonly brushHardness: number
  /** Pixels of the screen per pixel of the picture. */
  readonly scale: () => number
  /** Shows the outline of a lasso or a rectangle while it is drawn. */
  readonly outline: RefObject<SVGPolylineElement | null>
  /** A brush begins or ends to draw. */
  readonly onBrush: (isDrawing: boolean) => void
  readonly onDrawn: () => void
  readonly onSelect: (place: ObjectPlace, isAlternative: boolean) => void
}

/** One stroke of a tool on the mask. All points are in pixels of the picture. */
export function useStroke(options: StrokeOptions) {
  const { mask, tool, brushSize, brushHardness, scale, outline, onBrush, onDrawn, onSelect } = options
  const points = useRef<Point[] | undefined>(undefined)
  /** That of the whole stroke, even if the settings change meanwhile. */
  const brush = useRef<Brush>({ size: brushSize, hardness: brushHardness })
  /** The stroke began with Alt or the right button. */
  const isAlternative = useRef(false)
  const isBrush = tool === 'brush' || tool === 'eraser'

  /** A rectangle is drawn by two of its corners. */
  const polygon = (drawn: readonly Point[]): readonly Point[] => {
    if (tool !== 'rectangle' && tool !== 'select') return drawn
    const [from, to] = [drawn[0]!, drawn.at(-1)!]
    return [from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }]
  }
  const showOutline = (drawn: readonly Point[]) =>
    outline.current?.setAttribute('points', drawn.map(({ x, y }) => `${x},${y}`).join(' '))
  const isOnPicture = ({ x, y }: Point) => x >= 0 && y >= 0 && x < mask.width && y < mask.height
  /** Select the object at a point. */
  const selectAt = (point: Point, isOther: boolean) => {
    if (isOnPicture(point)) onSelect({ point: { x: Math.floor(point.x), y: Math.floor(point.y) } }, isOther)
  }
  /** A click on an object, or a box around it. */
  const endSelection = (drawn: readonly Point[]) => {
    const [from, to] = [drawn[0]!, drawn.at(-1)!]
    const [width, height] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)]
    if (Math.max(width, height) * scale() < CLICK_DISTANCE) return selectAt(from, isAlternative.current)
    const box = { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width, height }
    onSelect({ box }, isAlternative.current)
  }

  return {
    isActive: () => points.current !== undefined,
    isOnPicture,
    selectAt,
    begin(point: Point, isOther = false): void {
      isAlternative.current = isOther
      points.current = [point]
      brush.current = { size: brushSize, hardness: brushHardness }
      if (!isBrush) return
      onBrush(true)
      mask.stroke(point, point, brush.current, tool === 'eraser')
    },
    /** @param next all positions since the last frame, not only the last one */
    continue(next: readonly Point[]): void {
      const drawn = points.current!
      const { size, hardness } = brush.current
      const spacing = isBrush && hardness < 1 ? size * SOFT_SPACING : 0
      for (const point of next) {
        const last = drawn.at(-1)!
        if (point !== next.at(-1) && Math.hypot(point.x - last.x, point.y - last.y) < spacing) continue
        drawn.push(point)
        if (isBrush) mask.stroke(last, point, brush.current, tool === 'eraser')
      }
      if (!isBrush) showOutline(polygon(drawn))
    },
    end() {
      const drawn = points.current
      if (!drawn) return
      points.current = undefined
      onBrush(false)
      showOutline([])
      if (tool === 'select') return endSelection(drawn)
      if (tool === 'lasso' || tool === 'rectangle') mask.fill(polygon(drawn), false)
      mask.commit()
      onDrawn()
    },
    /** Forget the stroke, as if it had not begun. */
    discard(): void {
      if (!points.current) return
      points.current = undefined
      onBrush(false)
      showOutline([])
      mask.discard()
    },
  }
}

export type Stroke = ReturnType<typeof useStroke>
