import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { fill, percent } from '../../texts.js'
import { useEditorTexts } from '../editor-texts.js'
import { useStageView } from '../use-stage-view.js'
import { ZoomButtons } from '../zoom-buttons.js'
import { arrowStep, type HandleMove, PlaceHandles } from './handles.js'
import './place.css'
import { moveTo, type Placement, resizeFrame, type Size, scaleAround, scaledSize } from './placement.js'
import { type Guides, NO_GUIDES, snapFrame, snapPicture } from './snap.js'
import { usePictureDrag } from './use-picture-drag.js'

/** The frame's share of the stage: its handles are dragged outward, which needs room. */
const FRAME_SHARE = 0.8

/** Above and below the frame together, in pixels of the screen, so that no button covers a handle. */
const FREE_HEIGHT = 140

/** What is this near snaps, in pixels of the screen. */
const SNAP_DISTANCE = 8

/** One press of + or −. */
const KEY_SCALE = 1.05

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
  const [guides, setGuides] = useState<Guides>(NO_GUIDES)
  const [isResizing, setIsResizing] = useState(false)
  const [announcement, announce] = useState('')
  const view = useStageView(stage, paper)
  const { width, height, x, y, scale } = placement

  const showFrame = () => {
    const share = Math.min(FRAME_SHARE, 1 - FREE_HEIGHT / stage.current!.clientHeight)
    view.fit({ x: 0, y: 0, width, height }, Math.max(0.3, share))
  }
  useLayoutEffect(() => {
    // While an edge is dragged, the frame stays under the pointer.
    if (isResizing) return
    showFrame()
    const observer = new ResizeObserver(showFrame)
    observer.observe(stage.current!)
    return () => observer.disconnect()
  }, [width, height, isResizing])

  const snapDistance = () => SNAP_DISTANCE / view.current().scale
  const endMove = () => {
    setGuides(NO_GUIDES)
    setIsResizing(false)
  }
  const moveAndSnap = (next: Placement) => {
    const snapped = snapPicture(next, picture, snapDistance())
    setGuides(snapped.guides)
    onPlacement(snapped.placement)
  }
  const drag = usePictureDrag({ view, picture, placement, onMove: moveAndSnap, onScale: onPlacement, onEnd: endMove })

  const onFrame = ({ start, edges, by, isSymmetric, isDragged }: HandleMove) => {
    const resized = resizeFrame(start, edges, by, isSymmetric)
    const isSnapping = isDragged && !isSymmetric
    const snapped = isSnapping
      ? snapFrame(resized, edges, picture, snapDistance())
      : { placement: resized, guides: NO_GUIDES }
    const next = moveTo(snapped.placement, picture, snapped.placement)
    setGuides(snapped.guides)
    setIsResizing(isDragged)
    // The picture stays where it is on the screen.
    const shown = view.current().scale
    view.pan({ x: (x - snapped.placement.x) * shown, y: (y - snapped.placement.y) * shown })
    onPlacement(next)
  }
  const onPicture = ({ start, edges, by, isSymmetric }: HandleMove) => {
    const scaled = scaledSize(picture, start.scale)
    const added =
      Math.abs(by.x) * scaled.height > Math.abs(by.y) * scaled.width
        ? (edges.x * by.x) / scaled.width
        : (edges.y * by.y) / scaled.height
    const along = (from: number, edge: number, length: number) => from + (isSymmetric ? 0.5 : (1 - edge) / 2) * length
    const fixed = { x: along(start.x, edges.x, scaled.width), y: along(start.y, edges.y, scaled.height) }
    onPlacement(scaleAround(start, picture, start.scale * (1 + added * (isSymmetric ? 2 : 1)), fixed))
  }

  const tell = (next: Placement) => {
    onPlacement(next)
    announce(fill(texts.placed, { x: next.x, y: next.y, scale: percent(next.scale) }))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey) return
    const by = arrowStep(event)
    const scaled = scaledSize(picture, scale)
    const middle = { x: x + scaled.width / 2, y: y + scaled.height / 2 }
    if (by) tell(moveTo(placement, picture, { x: x + by.x, y: y + by.y }))
    else if (event.key === '+' || event.key === '=') tell(scaleAround(placement, picture, scale * KEY_SCALE, middle))
    else if (event.key === '-') tell(scaleAround(placement, picture, scale / KEY_SCALE, middle))
    else if (event.key === '0') showFrame()
    else return
    event.preventDefault()
  }
  const onWheel = (event: WheelEvent) => {
    event.preventDefault()
    // With Shift some systems turn the wheel sideways.
    const turn = event.deltaY || event.deltaX
    const at = view.toStage(event)
    if (event.shiftKey) onPlacement(scaleAround(placement, picture, scale * Math.exp(-turn / 900), view.toPicture(at)))
    else view.zoom(Math.exp(-turn / 300), at)
  }
  useLayoutEffect(() => {
    const element = stage.current!
    // Preact adds passive listeners, which can't keep the page from scrolling.
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  })

  const scaled = scaledSize(picture, scale)
  const position = { left: `${x}px`, top: `${y}px`, width: `${scaled.width}px`, height: `${scaled.height}px` }
  const line = 2 / view.shown.scale
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
          <img class="outside" src={url} alt="" draggable={false} style={position} />
          <div class="new-frame">
            <img src={url} alt="" draggable={false} style={position} />
          </div>
          <div class="new-frame-border" style={{ borderWidth: `${line}px` }} />
          {guides.x.map(at => (
            <div
              key={`x${at}`}
              class="guide"
              style={{ left: `${at - line / 2}px`, width: `${line}px`, height: '100%' }}
            />
          ))}
          {guides.y.map(at => (
            <div
              key={`y${at}`}
              class="guide"
              style={{ top: `${at - line / 2}px`, height: `${line}px`, width: '100%' }}
            />
          ))}
        </div>
        <PlaceHandles
          picture={picture}
          placement={placement}
          view={view.shown}
          onFrame={onFrame}
          onPicture={onPicture}
          onEnd={endMove}
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
