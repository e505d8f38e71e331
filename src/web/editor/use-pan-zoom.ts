import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'
import type { Point } from './point.js'
import type { StageView } from './use-stage-view.js'
import { useWheel } from './use-wheel.js'

/** Turns of the wheel, in pixels, that zoom by a factor of e. */
const WHEEL_RANGE = 300

/** Zooming by the wheel and by two fingers, panning by one pointer or two. */
export function usePanZoom(
  stage: RefObject<HTMLElement | null>,
  view: StageView,
  /** Takes a turn of the wheel that is not to zoom. */
  onWheel: (event: WheelEvent) => boolean = () => false,
) {
  const pointers = useRef(new Map<number, Point>())
  useWheel(stage, event => {
    if (!onWheel(event)) view.zoom(Math.exp(-event.deltaY / WHEEL_RANGE), view.toStage(event))
  })
  return {
    /** @returns how many pointers are down now */
    down(event: PointerEvent): number {
      stage.current!.setPointerCapture(event.pointerId)
      pointers.current.set(event.pointerId, view.toStage(event))
      return pointers.current.size
    },
    isDown: (event: PointerEvent) => pointers.current.has(event.pointerId),
    /** Pan; with a second pointer, zoom too. */
    move(event: PointerEvent): void {
      const before = pointers.current.get(event.pointerId)
      if (!before) return
      const at = view.toStage(event)
      const [other] = [...pointers.current].flatMap(([id, point]) => (id === event.pointerId ? [] : [point]))
      pointers.current.set(event.pointerId, at)
      const share = other ? 0.5 : 1
      view.pan({ x: (at.x - before.x) * share, y: (at.y - before.y) * share })
      if (!other) return
      const distance = (point: Point) => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y))
      view.zoom(distance(at) / distance(before), { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 })
    },
    up(event: PointerEvent): void {
      pointers.current.delete(event.pointerId)
    },
  }
}

export type PanZoom = ReturnType<typeof usePanZoom>
