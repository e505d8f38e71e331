import type { Ref } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { fill } from '../texts.js'
import { useEditorTexts } from './editor-texts.js'
import type { MaskCanvas, Point } from './mask-canvas.js'
import { NO_SIDES, SideHandles, type Sides } from './side-handles.js'
import { StageLayers } from './stage-layers.js'
import type { Tool } from './tools.js'
import type { ObjectPlace } from './use-object-selection.js'
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
}

/** The picture to draw on, by mouse, pen, finger or keys. */
export function Stage(props: StageProps) {
  const { mask, tool, brushSize, sides, onHover, onObjectSize, onBrushSize } = props
  const texts = useEditorTexts()
  const stage = useRef<HTMLDivElement>(null)
  const paper = useRef<HTMLDivElement>(null)
  const outline = useRef<SVGPolylineElement>(null)
  const pointers = useRef(new Map<number, Point>())
  const [cursor, setCursor] = useState<Point>()
  const [isKeyDrawing, setIsKeyDrawing] = useState(false)
  const [announcement, announce] = useState('')
  const view = useStageView(stage, paper)
  const { toStage, toPicture, middle, zoom } = view
  const stroke = useStroke({ ...props, outline, scale: () => view.current().scale })

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
    stage.current!.setPointerCapture(event.pointerId)
    pointers.current.set(event.pointerId, toStage(event))
    const isPan = tool === 'hand' || sides !== undefined || event.button === 1
    const isAlternative = event.altKey || event.button === 2
    if (pointers.current.size === 1 && !isPan) return stroke.begin(toPicture(toStage(event)), isAlternative)
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
    const before = pointers.current.get(event.pointerId)
    if (!before) return
    if (stroke.isActive()) {
      // All positions since the last frame, not only the last one.
      const events = event.getCoalescedEvents?.() ?? []
      for (const each of events.length > 0 ? events : [event]) stroke.continue(toPicture(toStage(each)))
      return
    }
    const [other] = [...pointers.current].flatMap(([id, point]) => (id === event.pointerId ? [] : [point]))
    pointers.current.set(event.pointerId, at)
    view.pan({ x: (at.x - before.x) / (other ? 2 : 1), y: (at.y - before.y) / (other ? 2 : 1) })
    if (other) {
      const distance = (point: Point) => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y))
      zoom(distance(at) / distance(before), { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 })
    }
  }
  const onPointerUp = (event: PointerEvent) => {
    pointers.current.delete(event.pointerId)
    stroke.end()
  }
  const onPointerCancel = (event: PointerEvent) => {
    // A gesture of the browser is no click.
    if (tool === 'select') stroke.discard()
    onPointerUp(event)
  }
  const onPointerLeave = () => {
    if (!stroke.isActive()) setCursor(undefined)
    onHover(undefined)
  }
  const onWheel = (event: WheelEvent) => {
    event.preventDefault()
    if (event.ctrlKey || event.metaKey || tool === 'hand' || sides) zoom(Math.exp(-event.deltaY / 300), toStage(event))
    else if (tool === 'select') onObjectSize(event.deltaY < 0 ? 1 : -1)
    else onBrushSize(brushSize * Math.exp(-event.deltaY / 600))
  }
  useEffect(() => {
    const element = stage.current!
    // Preact adds passive listeners, which can't keep the page from scrolling.
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  })

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
    if (arrow && !sides) {
      event.preventDefault()
      const step = event.shiftKey ? KEY_LEAP : KEY_STEP
      const next = { x: at.x + arrow.x * step, y: at.y + arrow.y * step }
      setCursor(next)
      if (stroke.isActive()) stroke.continue(toPicture(next))
    } else if ((event.key === ' ' || event.key === 'Enter') && !sides && tool === 'select') {
      event.preventDefault()
      setCursor(at)
      stroke.selectAt(toPicture(at), event.altKey)
    } else if (event.key === ' ' && !sides && tool !== 'hand') {
      event.preventDefault()
      setCursor(at)
      toggleKeyStroke(at)
    } else if (event.key === '+' || event.key === '=') zoom(1.25, at)
    else if (event.key === '-') zoom(0.8, at)
    else if (event.key === '0') showWholePicture()
  }

  const { scale } = view.shown
  const cursorSize = tool === 'brush' || tool === 'eraser' ? brushSize * scale : tool === 'select' ? 22 : 14
  return (
    <div class="stage-holder">
      <div
        ref={stage}
        class={`stage ${sides ? 'extending' : tool}`}
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
        <StageLayers {...props} paper={paper} outline={outline} scale={scale} />
        {sides && <SideHandles mask={mask} sides={sides} onSides={props.onSides} view={view.shown} />}
        {cursor && !sides && tool !== 'hand' && (
          <div
            class={`cursor${isKeyDrawing ? ' down' : ''}${tool === 'select' ? ' cross' : ''}`}
            style={{ left: `${cursor.x}px`, top: `${cursor.y}px`, width: `${cursorSize}px`, height: `${cursorSize}px` }}
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
