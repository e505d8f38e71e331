import { useRef, useState } from 'preact/hooks'
import { fill, percent } from '../../texts.js'
import { useEditorTexts } from '../editor-texts.js'
import type { Point } from '../point.js'
import { useRefit } from '../use-refit.js'
import { useStageView } from '../use-stage-view.js'
import { useWheel, wheelTurn } from '../use-wheel.js'
import { ZoomButtons } from '../zoom-buttons.js'
import { arrowStep, PlaceHandles } from './handles.js'
import './place.css'
import { PlacePaper } from './place-paper.js'
import { moveTo, type Placement, type Size, scaleAround, scaledSize } from './placement.js'
import { usePictureDrag } from './use-picture-drag.js'
import { useSnapping } from './use-snapping.js'

/** The frame's share of the stage: its handles are dragged outward, which needs room. */
const FRAME_SHARE = 0.8
const MIN_FRAME_SHARE = 0.3

/** Above and below the frame together, in pixels of the screen, so that no button covers a handle. */
const FREE_HEIGHT = 140

/** One press of + or −. */
const KEY_SCALE = 1.05

/** Turns of the wheel, in pixels, that zoom and scale by a factor of e. */
const ZOOM_RANGE = 300
const SCALE_RANGE = 900

type Props = {
  readonly url: string
  readonly picture: Size
  readonly placement: Placement
  readonly onPlacement: (placement: Placement) => void
  /** Something else is shown in its place. */
  readonly isCovered?: boolean
}

/** A picture in its new frame, to be moved and scaled by mouse, pen, finger or keys. */
export function PlaceStage({ url, picture, placement, onPlacement, isCovered = false }: Props) {
  const texts = useEditorTexts()
  const stage = useRef<HTMLDivElement>(null)
  const paper = useRef<HTMLDivElement>(null)
  const [announcement, announce] = useState('')
  const view = useStageView(stage, paper)
  const { width, height } = placement
  const snapping = useSnapping({ view, picture, placement, onPlacement })
  const drag = usePictureDrag({
    view,
    picture,
    placement,
    onMove: snapping.movePicture,
    onScale: onPlacement,
    onEnd: snapping.end,
  })
  const showFrame = () => {
    const share = Math.min(FRAME_SHARE, 1 - FREE_HEIGHT / stage.current!.clientHeight)
    view.fit({ x: 0, y: 0, width, height }, Math.max(MIN_FRAME_SHARE, share))
  }
  // While an edge is dragged, the frame stays under the pointer.
  useRefit(stage, showFrame, [width, height], snapping.isResizing)
  useWheel(stage, event => {
    const at = view.toStage(event)
    const turn = wheelTurn(event)
    if (event.shiftKey) onPlacement(scaleBy(placement, picture, Math.exp(-turn / SCALE_RANGE), view.toPicture(at)))
    else view.zoom(Math.exp(-turn / ZOOM_RANGE), at)
  })
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey) return
    const next = placementAfterKey(event, placement, picture)
    if (next) {
      onPlacement(next)
      announce(fill(texts.placed, { x: next.x, y: next.y, scale: percent(next.scale) }))
    } else if (event.key === '0') showFrame()
    else return
    event.preventDefault()
  }
  return (
    <div class="stage-holder" inert={isCovered}>
      <div
        ref={stage}
        class="stage placing"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys, to move the picture with
        tabIndex={0}
        aria-label={texts.placeStage}
        onPointerDown={event => {
          if (!(event.target as Element).closest('.handle')) drag.down(event, stage.current!)
        }}
        onPointerMove={drag.move}
        onPointerUp={drag.up}
        onPointerCancel={drag.up}
        onKeyDown={onKeyDown}
      >
        <div ref={paper} class="paper place-paper" style={{ width: `${width}px`, height: `${height}px` }}>
          <PlacePaper {...{ url, picture, placement }} guides={snapping.guides} line={2 / view.shown.scale} />
        </div>
        <PlaceHandles
          picture={picture}
          placement={placement}
          view={view.shown}
          onFrame={snapping.resizeFrame}
          onPicture={snapping.scalePicture}
          onEnd={snapping.end}
        />
        <output class="frame-size">{`${width} × ${height}`}</output>
      </div>
      <ZoomButtons scale={view.shown.scale} onZoom={factor => view.zoom(factor, view.middle())} onFit={showFrame} />
      <p class="announcement" role="status">
        {announcement}
      </p>
    </div>
  )
}

function scaleBy(placement: Placement, picture: Size, factor: number, fixed: Point): Placement {
  return scaleAround(placement, picture, placement.scale * factor, fixed)
}

/** Arrow keys move the picture, + and − scale it. @returns undefined for other keys */
function placementAfterKey(event: KeyboardEvent, placement: Placement, picture: Size): Placement | undefined {
  const { x, y, scale } = placement
  const by = arrowStep(event)
  if (by) return moveTo(placement, picture, { x: x + by.x, y: y + by.y })
  const { width, height } = scaledSize(picture, scale)
  const middle = { x: x + width / 2, y: y + height / 2 }
  if (event.key === '+' || event.key === '=') return scaleBy(placement, picture, KEY_SCALE, middle)
  if (event.key === '-') return scaleBy(placement, picture, 1 / KEY_SCALE, middle)
  return undefined
}
