import type { Point } from './point.js'
import type { Tool } from './tools.js'
import type { PanZoom } from './use-pan-zoom.js'
import type { StageView } from './use-stage-view.js'
import type { Stroke } from './use-stroke.js'

type Options = {
  readonly tool: Tool
  readonly isExtending: boolean
  readonly isSpaceHeld: boolean
  readonly view: StageView
  readonly gesture: PanZoom
  readonly stroke: Stroke
  /** In pixels of the stage; undefined where the pointer has left it. */
  readonly onCursor: (at: Point | undefined) => void
  /** The pointer's position on the picture, while the tool selects objects; undefined off it. */
  readonly onHover: (point: Point | undefined) => void
}

/** What mouse, pen and fingers do on the stage: one draws, or pans; two zoom and pan. */
export function stagePointerHandlers(options: Options) {
  const { tool, isExtending, isSpaceHeld, view, gesture, stroke, onCursor, onHover } = options
  const { toStage, toPicture } = view
  const onPointerUp = (event: PointerEvent) => {
    gesture.up(event)
    stroke.end()
  }
  return {
    onPointerDown(event: PointerEvent) {
      if ((event.target as Element).closest('.handle')) return
      const count = gesture.down(event)
      const isPan = tool === 'hand' || isExtending || event.button === 1 || isSpaceHeld
      const isAlternative = event.altKey || event.button === 2
      if (count === 1 && !isPan) return stroke.begin(toPicture(toStage(event)), isAlternative)
      // A second finger makes it a gesture instead of a stroke.
      stroke.discard()
    },
    onPointerMove(event: PointerEvent) {
      const at = toStage(event)
      if (event.pointerType !== 'touch') onCursor(at)
      if (tool === 'select' && !isExtending && event.pointerType === 'mouse' && event.buttons === 0) {
        const point = toPicture(at)
        onHover(stroke.isOnPicture(point) ? point : undefined)
      }
      if (!gesture.isDown(event)) return
      if (!stroke.isActive()) return gesture.move(event)
      const events = event.getCoalescedEvents?.() ?? []
      stroke.continue((events.length > 0 ? events : [event]).map(each => toPicture(toStage(each))))
    },
    onPointerUp,
    onPointerCancel(event: PointerEvent): void {
      // A gesture of the browser isn't a click.
      if (tool === 'select') stroke.discard()
      onPointerUp(event)
    },
    onPointerLeave(): void {
      if (!stroke.isActive()) onCursor(undefined)
      onHover(undefined)
    },
    onContextMenu(event: Event): void {
      if (tool === 'select') event.preventDefault()
    },
  }
}
