import { useRef } from 'preact/hooks'
import type { useStageView } from '../use-stage-view.js'
import { moveTo, type Placement, type Size, scaleAround } from './placement.js'

type Point = { readonly x: number; readonly y: number }

type Options = {
  readonly view: ReturnType<typeof useStageView>
  readonly picture: Size
  readonly placement: Placement
  readonly onMove: (placement: Placement) => void
  readonly onScale: (placement: Placement) => void
  readonly onEnd: () => void
}

/** One pointer moves the picture in its frame, two scale it and move it. The middle mouse button moves the view. */
export function usePictureDrag({ view, picture, placement, onMove, onScale, onEnd }: Options) {
  const pointers = useRef(new Map<number, Point>())
  /** Where the picture and the pointers were when the last pointer came down or went up. */
  const start = useRef<{ placement: Placement; center: Point; spread: number }>(undefined)
  const isPanning = useRef(false)

  /** The middle of all pointers, and how far from it they are. */
  const measure = () => {
    const points = [...pointers.current.values()]
    const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length
    const center = { x: mean(({ x }) => x), y: mean(({ y }) => y) }
    return { center, spread: mean(({ x, y }) => Math.hypot(x - center.x, y - center.y)) }
  }
  const restart = () => {
    start.current = pointers.current.size > 0 ? { placement, ...measure() } : undefined
  }
  return {
    down(event: PointerEvent, stage: HTMLElement): void {
      stage.setPointerCapture(event.pointerId)
      pointers.current.set(event.pointerId, view.toStage(event))
      isPanning.current = event.button === 1
      restart()
    },
    move(event: PointerEvent): void {
      const before = pointers.current.get(event.pointerId)
      const began = start.current
      if (!before || !began) return
      const at = view.toStage(event)
      pointers.current.set(event.pointerId, at)
      if (isPanning.current) {
        view.pan({ x: at.x - before.x, y: at.y - before.y })
        return
      }
      const { center, spread } = measure()
      const { scale } = view.current()
      const by = { x: (center.x - began.center.x) / scale, y: (center.y - began.center.y) / scale }
      const moved = { ...began.placement, x: began.placement.x + by.x, y: began.placement.y + by.y }
      if (pointers.current.size === 1) onMove(moveTo(moved, picture, moved))
      else
        onScale(scaleAround(moved, picture, (moved.scale * spread) / Math.max(1, began.spread), view.toPicture(center)))
    },
    up(event: PointerEvent): void {
      if (!pointers.current.delete(event.pointerId)) return
      restart()
      if (pointers.current.size === 0) onEnd()
    },
  }
}
