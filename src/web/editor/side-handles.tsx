import { useRef } from 'preact/hooks'
import { fill } from '../texts.js'
import { useEditorTexts } from './editor-texts.js'
import type { MaskCanvas } from './mask-canvas.js'
import type { Point } from './point.js'
import type { View } from './use-stage-view.js'

/** Pixels of the picture that are added on each side. */
export type Sides = { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }
export const SIDES = ['left', 'right', 'top', 'bottom'] as const
export const NO_SIDES: Sides = { left: 0, right: 0, top: 0, bottom: 0 }

/** One press of an arrow key, and with Shift, in pixels of the picture. */
const KEY_STEP = 8
const KEY_LEAP = 64

/** A handle on each side, to drag it outward. */
export function SideHandles({
  mask,
  sides,
  onSides,
  view,
}: {
  mask: MaskCanvas
  sides: Sides
  onSides(sides: Sides): void
  view: View
}) {
  const texts = useEditorTexts()
  /** Where a drag began. */
  const start = useRef<{ pointer: Point; sides: Sides; scale: number } | undefined>(undefined)
  const { scale, x, y } = view
  const [width, height] = [mask.width * scale, mask.height * scale]
  const positions = {
    left: { x: x - sides.left * scale, y: y + height / 2 },
    right: { x: x + width + sides.right * scale, y: y + height / 2 },
    top: { x: x + width / 2, y: y - sides.top * scale },
    bottom: { x: x + width / 2, y: y + height + sides.bottom * scale },
  }
  const set = (side: keyof Sides, value: number) => onSides({ ...sides, [side]: clampSide(mask, side, value) })
  return (
    <>
      {SIDES.map(side => {
        const outward = side === 'left' || side === 'top' ? -1 : 1
        const isHorizontal = side === 'left' || side === 'right'
        return (
          <button
            type="button"
            key={side}
            class={`handle ${side}`}
            aria-label={fill(texts.sideHandle, { side: texts.sides[side], pixels: sides[side] })}
            style={{ left: `${positions[side].x}px`, top: `${positions[side].y}px` }}
            onPointerDown={event => {
              event.currentTarget.setPointerCapture(event.pointerId)
              start.current = { pointer: { x: event.clientX, y: event.clientY }, sides, scale }
            }}
            onPointerMove={event => {
              const began = start.current
              if (!began) return
              const distance = isHorizontal ? event.clientX - began.pointer.x : event.clientY - began.pointer.y
              set(side, began.sides[side] + (outward * distance) / began.scale)
            }}
            onPointerUp={() => {
              start.current = undefined
            }}
            onKeyDown={event => {
              const [less, more] = isHorizontal ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
              const direction = event.key === more ? 1 : event.key === less ? -1 : 0
              if (direction === 0) return
              event.preventDefault()
              set(side, sides[side] + outward * direction * (event.shiftKey ? KEY_LEAP : KEY_STEP))
            }}
          />
        )
      })}
    </>
  )
}

/** A side grows by at most the picture's own width or height. */
export function clampSide(mask: MaskCanvas, side: keyof Sides, value: number): number {
  const most = side === 'left' || side === 'right' ? mask.width : mask.height
  return Math.round(Math.min(most, Math.max(0, value)))
}
