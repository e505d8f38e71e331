import { useState } from 'preact/hooks'
import type { StageView } from '../use-stage-view.js'
import type { HandleMove } from './handles.js'
import { moveTo, type Placement, resizeFrame, type Size, scaleByCorner } from './placement.js'
import { type Guides, NO_GUIDES, snapFrame, snapPicture } from './snap.js'

/** What is this near snaps, in pixels of the screen. */
const SNAP_DISTANCE = 8

type Options = {
  readonly view: StageView
  readonly picture: Size
  readonly placement: Placement
  readonly onPlacement: (placement: Placement) => void
}

/** Moves the picture and the frame's edges by pointers. They snap to each other, and guides show to what. */
export function useSnapping({ view, picture, placement, onPlacement }: Options) {
  const [guides, setGuides] = useState<Guides>(NO_GUIDES)
  const [isResizing, setIsResizing] = useState(false)
  const distance = () => SNAP_DISTANCE / view.current().scale
  return {
    guides,
    /** An edge of the frame is dragged. */
    isResizing,
    movePicture(next: Placement): void {
      const snapped = snapPicture(next, picture, distance())
      setGuides(snapped.guides)
      onPlacement(snapped.placement)
    },
    resizeFrame({ start, edges, by, isSymmetric, isDragged }: HandleMove): void {
      const resized = resizeFrame(start, edges, by, isSymmetric)
      const isSnapping = isDragged && !isSymmetric
      const snapped = isSnapping
        ? snapFrame(resized, edges, picture, distance())
        : { placement: resized, guides: NO_GUIDES }
      const { x, y } = snapped.placement
      setGuides(snapped.guides)
      setIsResizing(isDragged)
      // The picture stays where it is on the screen.
      const { scale } = view.current()
      view.pan({ x: (placement.x - x) * scale, y: (placement.y - y) * scale })
      onPlacement(moveTo(snapped.placement, picture, { x, y }))
    },
    scalePicture({ start, edges, by, isSymmetric }: HandleMove): void {
      onPlacement(scaleByCorner(start, picture, edges, by, isSymmetric))
    },
    end(): void {
      setGuides(NO_GUIDES)
      setIsResizing(false)
    },
  }
}
