import type { Ref } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { fill, percent } from '../texts.js'
import { useEditorTexts } from './editor-texts.js'
import type { MaskCanvas, Point } from './mask-canvas.js'
import { SideHandles, type Sides } from './side-handles.js'
import type { ObjectPlace } from './use-object-selection.js'

export type Tool = 'select' | 'brush' | 'eraser' | 'lasso' | 'rectangle' | 'hand'

/** The picture's position on the stage: pixels of the screen per pixel of the picture, and where its top left corner is. */
type View = { readonly scale: number; readonly x: number; readonly y: number }

const NO_SIDES: Sides = { left: 0, right: 0, top: 0, bottom: 0 }

/** Zoom factors, both ends included; the largest at which the whole picture is shown. */
const SCALE = { min: 0.02, max: 32, maxFit: 8 }

/** Around the whole picture, in pixels of the screen. */
const MARGIN = 48

/** A drag shorter than this is a click, in pixels of the screen. */
const CLICK_DISTANCE = 6

/** One press of an arrow key, and with Shift, in pixels of the screen. */
const KEY_STEP = 4
const KEY_LEAP = 24

/**
 * The picture to draw on, by mouse, pen, finger or keys. Zooming and panning only transform what the browser has drawn already,
 * so they are fast on pictures of any size.
 */
export function Stage({
  url,
  mask,
  tool,
  brushSize,
  grow,
  blur,
  sides,
  onSides,
  onDrawn,
  onBrushSize,
  maskVersion,
  onSelect,
  onHover,
  onObjectSize,
  selectionPreview,
}: {
  url: string
  mask: MaskCanvas
  tool: Tool
  /** Diameter, in pixels of the picture. */
  brushSize: number
  /** Pixels of the picture. */
  grow: number
  /** Pixels of the picture. */
  blur: number
  /** Pixels to add on each side; undefined while a mask is drawn. */
  sides: Sides | undefined
  onSides(sides: Sides): void
  onDrawn(): void
  onBrushSize(size: number): void
  /** Increases with each change of the mask. */
  maskVersion: number
  /** @param isAlternative with Alt or the right button */
  onSelect(place: ObjectPlace, isAlternative: boolean): void
  /** The pointer's position on the picture, while the tool selects objects; undefined off it. */
  onHover(point: Point | undefined): void
  /** The wheel turned, 1 for larger, −1 for smaller. */
  onObjectSize(step: 1 | -1): void
  selectionPreview: Ref<HTMLCanvasElement>
}) {
  const texts = useEditorTexts()
  const stage = useRef<HTMLDivElement>(null)
  const paper = useRef<HTMLDivElement>(null)
  const holder = useRef<HTMLDivElement>(null)
  const preview = useRef<HTMLCanvasElement>(null)
  const lasso = useRef<SVGPolylineElement>(null)
  const view = useRef<View>({ scale: 1, x: 0, y: 0 })
  const pointers = useRef(new Map<number, Point>())
  /** The points of the stroke that is being drawn. */
  const stroke = useRef<Point[] | undefined>(undefined)
  /** The stroke began with Alt or the right button. */
  const isAlternative = useRef(false)
  const [shownView, setShownView] = useState(view.current)
  const [cursor, setCursor] = useState<Point>()
  const [isKeyDrawing, setIsKeyDrawing] = useState(false)
  const [announcement, announce] = useState('')

  const apply = (next: View) => {
    view.current = next
    const { scale, x, y } = next
    if (paper.current) paper.current.style.transform = `translate(${x}px, ${y}px) scale(${scale})`
    setShownView(next)
  }
  const showWholePicture = () => {
    const { clientWidth, clientHeight } = stage.current!
    const { left, right, top, bottom } = sides ?? NO_SIDES
    const [width, height] = [mask.width + left + right, mask.height + top + bottom]
    // Sides are dragged outward, which needs room.
    const share = sides ? 0.6 : 1
    const [freeWidth, freeHeight] = [(clientWidth - MARGIN) * share, (clientHeight - MARGIN) * share]
    const scale = Math.min(freeWidth / width, freeHeight / height, SCALE.maxFit)
    const x = (clientWidth - width * scale) / 2 + left * scale
    apply({ scale, x, y: (clientHeight - height * scale) / 2 + top * scale })
  }
  const zoom = (factor: number, at: Point) => {
    const { scale, x, y } = view.current
    const next = Math.min(SCALE.max, Math.max(SCALE.min, scale * factor))
    apply({ scale: next, x: at.x - ((at.x - x) * next) / scale, y: at.y - ((at.y - y) * next) / scale })
  }
  const middle = () => ({ x: stage.current!.clientWidth / 2, y: stage.current!.clientHeight / 2 })
  /** A pointer's position in pixels of the stage. */
  const toStage = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const { left, top } = stage.current!.getBoundingClientRect()
    return { x: clientX - left, y: clientY - top }
  }
  /** From pixels of the stage to pixels of the picture. */
  const toPicture = ({ x, y }: Point): Point => {
    const { scale, x: left, y: top } = view.current
    return { x: (x - left) / scale, y: (y - top) / scale }
  }

  useLayoutEffect(() => {
    holder.current?.replaceChildren(mask.canvas)
    showWholePicture()
    const observer = new ResizeObserver(showWholePicture)
    observer.observe(stage.current!)
    return () => observer.disconnect()
  }, [mask, sides === undefined])
  useEffect(() => {
    if (preview.current && (grow > 0 || blur > 0)) mask.preview(preview.current, grow, blur)
  }, [mask, grow, blur, maskVersion])

  const continueStroke = (point: Point) => {
    const points = stroke.current!
    const last = points.at(-1)!
    points.push(point)
    if (tool === 'brush' || tool === 'eraser') mask.stroke(last, point, brushSize, tool === 'eraser')
    else
      lasso.current?.setAttribute(
        'points',
        outline(points)
          .map(({ x, y }) => `${x},${y}`)
          .join(' '),
      )
  }
  /** A rectangle is drawn by two of its corners. */
  const outline = (points: readonly Point[]): readonly Point[] => {
    if (tool !== 'rectangle' && tool !== 'select') return points
    const [from, to] = [points[0]!, points.at(-1)!]
    return [from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }]
  }
  const beginStroke = (point: Point) => {
    stroke.current = [point]
    if (tool === 'brush' || tool === 'eraser') mask.stroke(point, point, brushSize, tool === 'eraser')
  }
  const endStroke = () => {
    if (!stroke.current) return
    if (tool === 'select') return endSelection(stroke.current)
    if (tool === 'lasso' || tool === 'rectangle') mask.fill(outline(stroke.current), false)
    lasso.current?.setAttribute('points', '')
    stroke.current = undefined
    mask.commit()
    onDrawn()
  }

  /** A click on an object, or a box around it. */
  const endSelection = (points: readonly Point[]) => {
    stroke.current = undefined
    lasso.current?.setAttribute('points', '')
    const [from, to] = [points[0]!, points.at(-1)!]
    const [width, height] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)]
    if (Math.max(width, height) * view.current.scale < CLICK_DISTANCE) return selectAt(from, isAlternative.current)
    const box = { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width, height }
    onSelect({ box }, isAlternative.current)
  }
  const isOnPicture = ({ x, y }: Point) => x >= 0 && y >= 0 && x < mask.width && y < mask.height
  const selectAt = (point: Point, isOther: boolean) => {
    if (isOnPicture(point)) onSelect({ point: { x: Math.floor(point.x), y: Math.floor(point.y) } }, isOther)
  }

  const onPointerDown = (event: PointerEvent) => {
    if ((event.target as Element).closest('.handle')) return
    stage.current!.setPointerCapture(event.pointerId)
    pointers.current.set(event.pointerId, toStage(event))
    isAlternative.current = event.altKey || event.button === 2
    const isPan = tool === 'hand' || sides !== undefined || event.button === 1
    if (pointers.current.size === 1 && !isPan) return beginStroke(toPicture(toStage(event)))
    // A second finger makes it a gesture instead of a stroke.
    if (stroke.current) {
      stroke.current = undefined
      lasso.current?.setAttribute('points', '')
      mask.discard()
    }
  }
  const onPointerMove = (event: PointerEvent) => {
    const at = toStage(event)
    if (event.pointerType !== 'touch') setCursor(at)
    if (tool === 'select' && !sides && event.pointerType === 'mouse' && event.buttons === 0) {
      const point = toPicture(at)
      onHover(isOnPicture(point) ? point : undefined)
    }
    const before = pointers.current.get(event.pointerId)
    if (!before) return
    if (stroke.current) {
      // All positions since the last frame, not only the last one.
      const events = event.getCoalescedEvents?.() ?? []
      for (const each of events.length > 0 ? events : [event]) continueStroke(toPicture(toStage(each)))
      return
    }
    const [other] = [...pointers.current].flatMap(([id, point]) => (id === event.pointerId ? [] : [point]))
    pointers.current.set(event.pointerId, at)
    const { x, y, scale } = view.current
    apply({ scale, x: x + (at.x - before.x) / (other ? 2 : 1), y: y + (at.y - before.y) / (other ? 2 : 1) })
    if (other) {
      const distance = (point: Point) => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y))
      zoom(distance(at) / distance(before), { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 })
    }
  }
  const onPointerUp = (event: PointerEvent) => {
    pointers.current.delete(event.pointerId)
    endStroke()
  }
  const onWheel = (event: WheelEvent) => {
    event.preventDefault()
    if (event.ctrlKey || event.metaKey || tool === 'hand' || sides) zoom(Math.exp(-event.deltaY / 300), toStage(event))
    else if (tool === 'select') onObjectSize(event.deltaY < 0 ? 1 : -1)
    else onBrushSize(brushSize * Math.exp(-event.deltaY / 600))
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const arrows: Record<string, Point> = {
      ArrowLeft: { x: -1, y: 0 },
      ArrowRight: { x: 1, y: 0 },
      ArrowUp: { x: 0, y: -1 },
      ArrowDown: { x: 0, y: 1 },
    }
    const arrow = arrows[event.key]
    const at = cursor ?? middle()
    if (arrow && !sides) {
      event.preventDefault()
      const step = event.shiftKey ? KEY_LEAP : KEY_STEP
      const next = { x: at.x + arrow.x * step, y: at.y + arrow.y * step }
      setCursor(next)
      if (stroke.current) continueStroke(toPicture(next))
    } else if ((event.key === ' ' || event.key === 'Enter') && !sides && tool === 'select') {
      event.preventDefault()
      setCursor(at)
      selectAt(toPicture(at), event.altKey)
    } else if (event.key === ' ' && !sides && tool !== 'hand') {
      event.preventDefault()
      setCursor(at)
      if (isKeyDrawing) endStroke()
      else beginStroke(toPicture(at))
      setIsKeyDrawing(!isKeyDrawing)
      const { x, y } = toPicture(at)
      const values = { tool: texts.tools[tool], x: Math.round(x), y: Math.round(y) }
      announce(fill(isKeyDrawing ? texts.strokeEnded : texts.strokeStarted, values))
    } else if (event.key === '+' || event.key === '=') zoom(1.25, at)
    else if (event.key === '-') zoom(0.8, at)
    else if (event.key === '0') showWholePicture()
  }
  useEffect(() => {
    const element = stage.current!
    // Preact adds passive listeners, which can't keep the page from scrolling.
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  })

  const { scale } = shownView
  const isPreviewed = !sides && (grow > 0 || blur > 0)
  const cursorSize = !sides && (tool === 'brush' || tool === 'eraser') ? brushSize * scale : tool === 'select' ? 22 : 14
  const { left, right, top, bottom } = sides ?? NO_SIDES
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
        onPointerCancel={event => {
          if (tool === 'select') stroke.current = undefined
          onPointerUp(event)
        }}
        onPointerLeave={() => {
          if (stroke.current === undefined) setCursor(undefined)
          onHover(undefined)
        }}
        onContextMenu={event => tool === 'select' && event.preventDefault()}
        onKeyDown={onKeyDown}
      >
        <div ref={paper} class="paper" style={{ width: `${mask.width}px`, height: `${mask.height}px` }}>
          <img src={url} alt="" draggable={false} />
          <div ref={holder} class={`mask${isPreviewed || sides ? ' hidden' : ''}`} />
          <canvas ref={preview} class={`mask preview${isPreviewed ? '' : ' hidden'}`} />
          <canvas ref={selectionPreview} class={`mask hover${tool === 'select' && !sides ? '' : ' hidden'}`} />
          <svg class="outline" viewBox={`0 0 ${mask.width} ${mask.height}`} aria-hidden="true">
            <polyline ref={lasso} stroke-width={2 / scale} />
          </svg>
          {sides && (
            <div
              class="frame"
              style={{
                left: `${-left}px`,
                top: `${-top}px`,
                width: `${mask.width + left + right}px`,
                height: `${mask.height + top + bottom}px`,
                borderWidth: `${2 / scale}px`,
              }}
            />
          )}
        </div>
        {sides && <SideHandles mask={mask} sides={sides} onSides={onSides} view={shownView} />}
        {cursor && !sides && tool !== 'hand' && (
          <div
            class={`cursor${isKeyDrawing ? ' down' : ''}${tool === 'select' ? ' cross' : ''}`}
            style={{ left: `${cursor.x}px`, top: `${cursor.y}px`, width: `${cursorSize}px`, height: `${cursorSize}px` }}
          />
        )}
      </div>
      <div class="zooming">
        <button type="button" aria-label={texts.zoomIn} onClick={() => zoom(1.25, middle())}>
          +
        </button>
        <span>{percent(scale)}</span>
        <button type="button" aria-label={texts.zoomOut} onClick={() => zoom(0.8, middle())}>
          −
        </button>
        <button type="button" onClick={showWholePicture}>
          {texts.fit}
        </button>
      </div>
      <p class="announcement" role="status">
        {announcement}
      </p>
    </div>
  )
}
