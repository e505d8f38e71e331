import type { Ref } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { fill } from '../texts.js'
import { useEditorTexts } from './editor-texts.js'
import type { MaskCanvas } from './mask-canvas.js'
import type { Point } from './point.js'
import { NO_SIDES, SideHandles, type Sides } from './side-handles.js'
import { StageCursor } from './stage-cursor.js'
import { StageLayers } from './stage-layers.js'
import type { Tool } from './tools.js'
import { useHeldKey } from './use-held-key.js'
import type { ObjectPlace } from './use-object-selection.js'
import { usePanZoom } from './use-pan-zoom.js'
import { useStageView } from './use-stage-view.js'
import { useStroke } from './use-stroke.js'
import { ZoomButtons } from './zoom-buttons.js'

/** One press of an arrow key, and with Shift, in pixels of the screen. */
const KEY_STEP = 4
const KEY_LEAP = 24

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

/** Sides are dragged outward, which needs room: the share of the stage that the frame takes. */
const EXTENDING_SHARE = 0.6

type StageProps = {
  readonly url: string
  readonly mask: MaskCanvas
  readonly tool: Tool
  /** Diameter, in pixels of the picture. */
  readonly brushSize: number
  /** From 0 to 1. */
  readonly brushHardness: number
  /** Pixels of the picture. */
  readonly grow: number
  /** Pixels of the picture. */
  readonly blur: number
  /** Pixels to add on each side; undefined while a mask is drawn. */
  readonly sides: Sides | undefined
  readonly onSides: (sides: Sides) => void
  readonly onDrawn: () => void
  readonly onBrushSize: (size: number) => void
  /** Increases with each change of the mask. */
  readonly maskVersion: number
  /** @param isAlternative with Alt or the right button */
  readonly onSelect: (place: ObjectPlace, isAlternative: boolean) => void
  /** The pointer's position on the picture, while the tool selects objects; undefined off it. */
  readonly onHover: (point: Point | undefined) => void
  /** The wheel turned, 1 for larger, −1 for smaller. */
  readonly onObjectSize: (step: 1 | -1) => void
  readonly selectionPreview: Ref<HTMLCanvasElement>
  /** The brush is changed elsewhere: show it in the middle. */
  readonly isBrushPreviewed: boolean
  /** Something else is shown in its place. */
  readonly isCovered: boolean
}

/** The picture to draw on, by mouse, pen, finger or keys. */
export function Stage(props: StageProps) {
  const { mask, tool, brushSize, brushHardness, sides, onHover, onObjectSize, onBrushSize } = props
  const texts = useEditorTexts()
  const stage = useRef<HTMLDivElement>(null)
  const paper = useRef<HTMLDivElement>(null)
  const outline = useRef<SVGPolylineElement>(null)
  const [cursor, setCursor] = useState<Point>()
  const [isKeyDrawing, setIsKeyDrawing] = useState(false)
  const [announcement, announce] = useState('')
  const view = useStageView(stage, paper)
  const { toStage, toPicture, middle, zoom } = view
  const [isBrushDrawing, onBrush] = useState(false)
  const stroke = useStroke({ ...props, outline, onBrush, scale: () => view.current().scale })

  /** The wheel zooms. With Shift it changes the size of the brush, or of the object that is selected. */
  const resizeByWheel = (event: WheelEvent): boolean => {
    if (!event.shiftKey || tool === 'hand' || sides) return false
    // With Shift some systems turn the wheel sideways.
    const turn = event.deltaY || event.deltaX
    if (tool === 'select') onObjectSize(turn < 0 ? 1 : -1)
    else onBrushSize(brushSize * Math.exp(-turn / 600))
    return true
  }
  const isSpaceHeld = useHeldKey(' ')
  const gesture = usePanZoom(stage, view, resizeByWheel)
  const showWholePicture = () => {
    const { left, right, top, bottom } = sides ?? NO_SIDES
    const frame = { x: -left, y: -top, width: mask.width + left + right, height: mask.height + top + bottom }
    view.fit(frame, sides && EXTENDING_SHARE)
  }
  useLayoutEffect(() => {
    showWholePicture()
    const observer = new ResizeObserver(showWholePicture)
    observer.observe(stage.current!)
    return () => observer.disconnect()
  }, [mask, sides === undefined])

  const onPointerDown = (event: PointerEvent) => {
    if ((event.target as Element).closest('.handle')) return
    const count = gesture.down(event)
    const isPan = tool === 'hand' || sides !== undefined || event.button === 1 || isSpaceHeld
    const isAlternative = event.altKey || event.button === 2
    if (count === 1 && !isPan) return stroke.begin(toPicture(toStage(event)), isAlternative)
    // A second finger makes it a gesture instead of a stroke.
    stroke.discard()
  }
  const onPointerMove = (event: PointerEvent) => {
    const at = toStage(event)
    if (event.pointerType !== 'touch') setCursor(at)
    if (tool === 'select' && !sides && event.pointerType === 'mouse' && event.buttons === 0) {
      const point = toPicture(at)
      onHover(stroke.isOnPicture(point) ? point : undefined)
    }
    if (!gesture.isDown(event)) return
    if (!stroke.isActive()) return gesture.move(event)
    const events = event.getCoalescedEvents?.() ?? []
    stroke.continue((events.length > 0 ? events : [event]).map(each => toPicture(toStage(each))))
  }
  const onPointerUp = (event: PointerEvent) => {
    gesture.up(event)
    stroke.end()
  }
  const onPointerCancel = (event: PointerEvent) => {
    // A gesture of the browser isn't a click.
    if (tool === 'select') stroke.discard()
    onPointerUp(event)
  }
  const onPointerLeave = () => {
    if (!stroke.isActive()) setCursor(undefined)
    onHover(undefined)
  }
  const toggleKeyStroke = (at: Point) => {
    if (isKeyDrawing) stroke.end()
    else stroke.begin(toPicture(at))
    setIsKeyDrawing(!isKeyDrawing)
    const { x, y } = toPicture(at)
    const values = { tool: texts.tools[tool], x: Math.round(x), y: Math.round(y) }
    announce(fill(isKeyDrawing ? texts.strokeEnded : texts.strokeStarted, values))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key]
    const at = cursor ?? middle()
    const step = event.shiftKey ? KEY_LEAP : KEY_STEP
    // Space would scroll the page; held, it pans.
    if (event.key === ' ') event.preventDefault()
    else if (arrow && !sides) {
      event.preventDefault()
      if (isSpaceHeld || tool === 'hand') return view.pan({ x: -arrow.x * step, y: -arrow.y * step })
      const next = { x: at.x + arrow.x * step, y: at.y + arrow.y * step }
      setCursor(next)
      if (stroke.isActive()) stroke.continue([toPicture(next)])
    } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && !sides && tool !== 'hand') {
      event.preventDefault()
      setCursor(at)
      if (tool === 'select') stroke.selectAt(toPicture(at), event.altKey)
      else toggleKeyStroke(at)
    } else if (event.key === '+' || event.key === '=') zoom(1.25, at)
    else if (event.key === '-') zoom(0.8, at)
    else if (event.key === '0') showWholePicture()
  }

  const { scale } = view.shown
  const shownCursor = props.isBrushPreviewed ? middle() : cursor
  return (
    <div class="stage-holder" inert={props.isCovered}>
      <div
        ref={stage}
        class={`stage ${sides ? 'extending' : isSpaceHeld ? 'hand' : tool}`}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys, to draw with
        tabIndex={0}
        aria-label={texts.stage}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onPointerCancel}
        onPointerLeave={onPointerLeave}
        onContextMenu={event => tool === 'select' && event.preventDefault()}
        onKeyDown={onKeyDown}
      >
        <StageLayers {...props} paper={paper} outline={outline} view={view.shown} isBrushDrawing={isBrushDrawing} />
        {sides && <SideHandles mask={mask} sides={sides} onSides={props.onSides} view={view.shown} />}
        {shownCursor && !sides && tool !== 'hand' && !isSpaceHeld && (
          <StageCursor
            tool={tool}
            at={shownCursor}
            size={brushSize * scale}
            hardness={brushHardness}
            isDown={isKeyDrawing}
            isPreview={props.isBrushPreviewed}
          />
        )}
      </div>
      <ZoomButtons scale={scale} onZoom={factor => zoom(factor, middle())} onFit={showWholePicture} />
      <p class="announcement" role="status">
        {announcement}
      </p>
    </div>
  )
}
