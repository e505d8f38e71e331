import { useRef } from 'preact/hooks'
import { fill, percent } from '../../texts.js'
import { useEditorTexts } from '../editor-texts.js'
import type { View } from '../use-stage-view.js'
import { type Edges, type Placement, type Size, scaledSize } from './placement.js'

/** One press of an arrow key, and with Shift, in pixels of the frame. */
export const KEY_STEP = 1
export const KEY_LEAP = 32

type Point = { readonly x: number; readonly y: number }
type HandleName = 'top-left' | 'top' | 'top-right' | 'right' | 'bottom-right' | 'bottom' | 'bottom-left' | 'left'
type CornerName = Extract<HandleName, `${string}-${string}`>

const FRAME_HANDLES: readonly (readonly [HandleName, Edges])[] = [
  ['top-left', { x: -1, y: -1 }],
  ['top', { x: 0, y: -1 }],
  ['top-right', { x: 1, y: -1 }],
  ['right', { x: 1, y: 0 }],
  ['bottom-right', { x: 1, y: 1 }],
  ['bottom', { x: 0, y: 1 }],
  ['bottom-left', { x: -1, y: 1 }],
  ['left', { x: -1, y: 0 }],
]

const CORNERS: readonly (readonly [CornerName, Edges])[] = [
  ['top-left', { x: -1, y: -1 }],
  ['top-right', { x: 1, y: -1 }],
  ['bottom-right', { x: 1, y: 1 }],
  ['bottom-left', { x: -1, y: 1 }],
]

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

/** How far an arrow key moves something; undefined for other keys. */
export function arrowStep({ key, shiftKey }: KeyboardEvent): Point | undefined {
  const arrow = ARROWS[key]
  const step = shiftKey ? KEY_LEAP : KEY_STEP
  return arrow && { x: arrow.x * step, y: arrow.y * step }
}

/** A drag of a handle, or a press of an arrow key on it. */
export type HandleMove = {
  /** When the drag began. */
  readonly start: Placement
  readonly edges: Edges
  /** How far the handle moved since, in pixels of the frame. */
  readonly by: Point
  readonly isSymmetric: boolean
  /** What is near enough to snap to, in pixels of the screen; 0 for keys. */
  readonly isDragged: boolean
}

type HandlesProps = {
  readonly picture: Size
  readonly placement: Placement
  readonly view: View
  readonly onFrame: (move: HandleMove) => void
  readonly onPicture: (move: HandleMove) => void
  readonly onEnd: () => void
}

/** Handles on the sides and corners of the frame, and on the corners of the picture. */
export function PlaceHandles({ picture, placement, view, onFrame, onPicture, onEnd }: HandlesProps) {
  const texts = useEditorTexts()
  const { width, height, x, y, scale } = placement
  const scaled = scaledSize(picture, scale)
  const names = { ...texts.sides, ...texts.corners }
  const onScreen = (at: Point): Point => ({ x: view.x + at.x * view.scale, y: view.y + at.y * view.scale })
  const along = (edge: number, start: number, length: number) => start + ((edge + 1) / 2) * length
  const common = { placement, scale: view.scale, onEnd }
  return (
    <>
      {CORNERS.map(([name, edges]) => (
        <Handle
          key={name}
          {...common}
          kind={`picture-handle ${name}`}
          label={fill(texts.pictureHandle, { side: names[name], scale: percent(scale) })}
          at={onScreen({ x: along(edges.x, x, scaled.width), y: along(edges.y, y, scaled.height) })}
          edges={edges}
          onMove={onPicture}
        />
      ))}
      {FRAME_HANDLES.map(([name, edges]) => (
        <Handle
          key={name}
          {...common}
          kind={`frame-handle ${name}`}
          label={fill(texts.frameHandle, { side: names[name], width, height })}
          at={onScreen({ x: along(edges.x, 0, width), y: along(edges.y, 0, height) })}
          edges={edges}
          onMove={onFrame}
        />
      ))}
    </>
  )
}

type HandleProps = {
  readonly kind: string
  readonly label: string
  /** In pixels of the stage. */
  readonly at: Point
  readonly edges: Edges
  readonly placement: Placement
  /** Pixels of the screen per pixel of the frame. */
  readonly scale: number
  readonly onMove: (move: HandleMove) => void
  readonly onEnd: () => void
}

function Handle({ kind, label, at, edges, placement, scale, onMove, onEnd }: HandleProps) {
  /** Where a drag began. */
  const began = useRef<{ pointer: Point; start: Placement; scale: number } | undefined>(undefined)
  const end = () => {
    if (began.current) onEnd()
    began.current = undefined
  }
  return (
    <button
      type="button"
      class={`handle ${kind}`}
      aria-label={label}
      style={{ left: `${at.x}px`, top: `${at.y}px` }}
      onPointerDown={event => {
        event.currentTarget.setPointerCapture(event.pointerId)
        began.current = { pointer: { x: event.clientX, y: event.clientY }, start: placement, scale }
      }}
      onPointerMove={event => {
        if (!began.current) return
        const { pointer, start, scale: startScale } = began.current
        const by = { x: (event.clientX - pointer.x) / startScale, y: (event.clientY - pointer.y) / startScale }
        onMove({ start, edges, by, isSymmetric: event.altKey, isDragged: true })
      }}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={event => {
        const by = arrowStep(event)
        if (!by) return
        event.preventDefault()
        event.stopPropagation()
        onMove({ start: placement, edges, by, isSymmetric: event.altKey, isDragged: false })
        onEnd()
      }}
    />
  )
}
