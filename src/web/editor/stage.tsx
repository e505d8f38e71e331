import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { MaskCanvas, Point } from './mask-canvas.js'

export type Tool = 'brush' | 'eraser' | 'lasso' | 'rectangle' | 'hand'
export type Sides = { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }
export const SIDES = ['left', 'right', 'top', 'bottom'] as const

type View = { readonly scale: number; readonly x: number; readonly y: number }

/** How far one step of an arrow key goes, and with Shift, in pixels of the screen. */
const STEP = 4
const LEAP = 24

/**
 * The picture, large, to be drawn on: by mouse, pen, finger or keys. Zooming and panning only move what the browser has drawn
 * already, so that they are quick on pictures of any size.
 */
export function Stage({
  url,
  mask,
  tool,
  size,
  grow,
  soften,
  frame,
  setFrame,
  onDrawn,
  onSize,
  version,
}: {
  url: string
  mask: MaskCanvas
  tool: Tool
  size: number
  grow: number
  soften: number
  /** What is added on each side; undefined while the picture is drawn on. */
  frame: Sides | undefined
  setFrame(frame: Sides): void
  /** Something was drawn. */
  onDrawn(): void
  onSize(size: number): void
  /** Goes up with each change of the mask. */
  version: number
}) {
  const stage = useRef<HTMLDivElement>(null)
  const paper = useRef<HTMLDivElement>(null)
  const holder = useRef<HTMLDivElement>(null)
  const preview = useRef<HTMLCanvasElement>(null)
  const lasso = useRef<SVGPolylineElement>(null)
  const view = useRef<View>({ scale: 1, x: 0, y: 0 })
  const pointers = useRef(new Map<number, Point>())
  const drawing = useRef<Point[] | undefined>(undefined)
  const [{ scale: shown, ...place }, show] = useState(view.current)
  const [cursor, setCursor] = useState<Point>()
  const [keysDraw, setKeysDraw] = useState(false)
  const [said, say] = useState('')

  const apply = (next: View) => {
    view.current = next
    const { scale, x, y } = next
    if (paper.current) paper.current.style.transform = `translate(${x}px, ${y}px) scale(${scale})`
    show(next)
  }
  const showAll = () => {
    const { clientWidth, clientHeight } = stage.current!
    const { left, right, top, bottom } = frame ?? { left: 0, right: 0, top: 0, bottom: 0 }
    const [width, height] = [mask.width + left + right, mask.height + top + bottom]
    // Where sides are to be dragged outward there has to be room for that.
    const room = frame ? 0.6 : 1
    const scale = Math.min(((clientWidth - 48) * room) / width, ((clientHeight - 48) * room) / height, 8)
    const x = (clientWidth - width * scale) / 2 + left * scale
    apply({ scale, x, y: (clientHeight - height * scale) / 2 + top * scale })
  }
  const zoom = (by: number, at: Point) => {
    const { scale, x, y } = view.current
    const next = Math.min(32, Math.max(0.02, scale * by))
    apply({ scale: next, x: at.x - ((at.x - x) * next) / scale, y: at.y - ((at.y - y) * next) / scale })
  }
  const middle = () => ({ x: stage.current!.clientWidth / 2, y: stage.current!.clientHeight / 2 })
  /** Where a pointer is, in pixels of the stage and of the picture. */
  const onStage = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const { left, top } = stage.current!.getBoundingClientRect()
    return { x: clientX - left, y: clientY - top }
  }
  const onPicture = ({ x, y }: Point): Point => {
    const { scale, x: left, y: top } = view.current
    return { x: (x - left) / scale, y: (y - top) / scale }
  }

  useLayoutEffect(() => {
    holder.current?.replaceChildren(mask.canvas)
    showAll()
    const sizes = new ResizeObserver(showAll)
    sizes.observe(stage.current!)
    return () => sizes.disconnect()
  }, [mask, frame === undefined])
  useEffect(() => {
    if (preview.current && (grow > 0 || soften > 0)) mask.preview(preview.current, grow, soften)
  }, [mask, grow, soften, version])

  const drawTo = (point: Point) => {
    const points = drawing.current!
    const last = points.at(-1)!
    points.push(point)
    if (tool === 'brush' || tool === 'eraser') mask.stroke(last, point, size, tool === 'eraser')
    else
      lasso.current?.setAttribute(
        'points',
        outline(points)
          .map(({ x, y }) => `${x},${y}`)
          .join(' '),
      )
  }
  /** A rectangle is known by two of its corners. */
  const outline = (points: readonly Point[]): readonly Point[] => {
    if (tool !== 'rectangle') return points
    const [from, to] = [points[0]!, points.at(-1)!]
    return [from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }]
  }
  const begin = (point: Point) => {
    drawing.current = [point]
    if (tool === 'brush' || tool === 'eraser') mask.stroke(point, point, size, tool === 'eraser')
  }
  const end = () => {
    if (!drawing.current) return
    if (tool === 'lasso' || tool === 'rectangle') mask.fill(outline(drawing.current), false)
    lasso.current?.setAttribute('points', '')
    drawing.current = undefined
    mask.commit()
    onDrawn()
  }

  const down = (event: PointerEvent) => {
    if ((event.target as Element).closest('.handle')) return
    stage.current!.setPointerCapture(event.pointerId)
    pointers.current.set(event.pointerId, onStage(event))
    const pans = tool === 'hand' || frame !== undefined || event.button === 1
    if (pointers.current.size === 1 && !pans) return begin(onPicture(onStage(event)))
    // A second finger: it was to be a gesture, not a stroke.
    if (drawing.current) {
      drawing.current = undefined
      lasso.current?.setAttribute('points', '')
      mask.discard()
    }
  }
  const move = (event: PointerEvent) => {
    const at = onStage(event)
    if (event.pointerType !== 'touch') setCursor(at)
    const before = pointers.current.get(event.pointerId)
    if (!before) return
    if (drawing.current) {
      // All that happened since the last frame, not only where it ended.
      const all = event.getCoalescedEvents?.() ?? []
      for (const one of all.length > 0 ? all : [event]) drawTo(onPicture(onStage(one)))
      return
    }
    const [other] = [...pointers.current].flatMap(([id, point]) => (id === event.pointerId ? [] : [point]))
    pointers.current.set(event.pointerId, at)
    const { x, y, scale } = view.current
    apply({ scale, x: x + (at.x - before.x) / (other ? 2 : 1), y: y + (at.y - before.y) / (other ? 2 : 1) })
    if (other) {
      const apart = (point: Point) => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y))
      zoom(apart(at) / apart(before), { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 })
    }
  }
  const up = (event: PointerEvent) => {
    pointers.current.delete(event.pointerId)
    end()
  }
  const wheel = (event: WheelEvent) => {
    event.preventDefault()
    if (event.ctrlKey || event.metaKey || tool === 'hand' || frame) zoom(Math.exp(-event.deltaY / 300), onStage(event))
    else onSize(size * Math.exp(-event.deltaY / 600))
  }

  const keys = (event: KeyboardEvent) => {
    const arrows: Record<string, Point> = {
      ArrowLeft: { x: -1, y: 0 },
      ArrowRight: { x: 1, y: 0 },
      ArrowUp: { x: 0, y: -1 },
      ArrowDown: { x: 0, y: 1 },
    }
    const arrow = arrows[event.key]
    const at = cursor ?? middle()
    if (arrow && !frame) {
      event.preventDefault()
      const by = event.shiftKey ? LEAP : STEP
      const next = { x: at.x + arrow.x * by, y: at.y + arrow.y * by }
      setCursor(next)
      if (drawing.current) drawTo(onPicture(next))
    } else if (event.key === ' ' && !frame && tool !== 'hand') {
      event.preventDefault()
      setCursor(at)
      if (keysDraw) end()
      else begin(onPicture(at))
      setKeysDraw(!keysDraw)
      const { x, y } = onPicture(at)
      say(`${tool} ${keysDraw ? 'up' : 'down'} at ${Math.round(x)}, ${Math.round(y)}`)
    } else if (event.key === '+' || event.key === '=') zoom(1.25, at)
    else if (event.key === '-') zoom(0.8, at)
    else if (event.key === '0') showAll()
  }
  useEffect(() => {
    const element = stage.current!
    // Preact listens passively, and a page must not scroll while its picture does.
    element.addEventListener('wheel', wheel, { passive: false })
    return () => element.removeEventListener('wheel', wheel)
  })

  const isPreviewed = !frame && (grow > 0 || soften > 0)
  const brush = !frame && (tool === 'brush' || tool === 'eraser') ? size * shown : 14
  const { left, right, top, bottom } = frame ?? { left: 0, right: 0, top: 0, bottom: 0 }
  return (
    <div class="stage-holder">
      <div
        ref={stage}
        class={`stage ${frame ? 'framing' : tool}`}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys, to draw with
        tabIndex={0}
        aria-label="The picture. Arrow keys move the brush, with Shift in leaps; Space puts it down and lifts it; + and − zoom, 0 shows all."
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
        onPointerLeave={() => drawing.current === undefined && setCursor(undefined)}
        onKeyDown={keys}
      >
        <div ref={paper} class="paper" style={{ width: `${mask.width}px`, height: `${mask.height}px` }}>
          <img src={url} alt="" draggable={false} />
          <div ref={holder} class={`mask${isPreviewed || frame ? ' hidden' : ''}`} />
          <canvas ref={preview} class={`mask preview${isPreviewed ? '' : ' hidden'}`} />
          <svg class="outline" viewBox={`0 0 ${mask.width} ${mask.height}`} aria-hidden="true">
            <polyline ref={lasso} stroke-width={2 / shown} />
          </svg>
          {frame && (
            <div
              class="frame"
              style={{
                left: `${-left}px`,
                top: `${-top}px`,
                width: `${mask.width + left + right}px`,
                height: `${mask.height + top + bottom}px`,
                borderWidth: `${2 / shown}px`,
              }}
            />
          )}
        </div>
        {frame && <Handles mask={mask} frame={frame} setFrame={setFrame} view={{ scale: shown, ...place }} />}
        {cursor && !frame && tool !== 'hand' && (
          <div
            class={`cursor${keysDraw ? ' down' : ''}`}
            style={{ left: `${cursor.x}px`, top: `${cursor.y}px`, width: `${brush}px`, height: `${brush}px` }}
          />
        )}
      </div>
      <div class="zooming">
        <button type="button" aria-label="Zoom in" onClick={() => zoom(1.25, middle())}>
          +
        </button>
        <span>{Math.round(shown * 100)}%</span>
        <button type="button" aria-label="Zoom out" onClick={() => zoom(0.8, middle())}>
          −
        </button>
        <button type="button" onClick={showAll}>
          Fit
        </button>
      </div>
      <p class="said" role="status">
        {said}
      </p>
    </div>
  )
}

/** What a side is dragged outward by. */
function Handles({
  mask,
  frame,
  setFrame,
  view,
}: {
  mask: MaskCanvas
  frame: Sides
  setFrame(frame: Sides): void
  view: View
}) {
  const from = useRef<{ at: Point; frame: Sides; scale: number } | undefined>(undefined)
  const { scale, x, y } = view
  const [across, down] = [mask.width * scale, mask.height * scale]
  const places = {
    left: { x: x - frame.left * scale, y: y + down / 2 },
    right: { x: x + across + frame.right * scale, y: y + down / 2 },
    top: { x: x + across / 2, y: y - frame.top * scale },
    bottom: { x: x + across / 2, y: y + down + frame.bottom * scale },
  }
  const set = (side: keyof Sides, value: number) => setFrame({ ...frame, [side]: clampSide(mask, side, value) })
  return (
    <>
      {SIDES.map(side => {
        const outward = side === 'left' || side === 'top' ? -1 : 1
        const isAcross = side === 'left' || side === 'right'
        return (
          <button
            type="button"
            key={side}
            class={`handle ${side}`}
            aria-label={`Drag the ${side} side outward; now ${frame[side]} pixels. Arrow keys move it.`}
            style={{ left: `${places[side].x}px`, top: `${places[side].y}px` }}
            onPointerDown={event => {
              event.currentTarget.setPointerCapture(event.pointerId)
              from.current = { at: { x: event.clientX, y: event.clientY }, frame, scale }
            }}
            onPointerMove={event => {
              const begun = from.current
              if (!begun) return
              const moved = isAcross ? event.clientX - begun.at.x : event.clientY - begun.at.y
              set(side, begun.frame[side] + (outward * moved) / begun.scale)
            }}
            onPointerUp={() => {
              from.current = undefined
            }}
            onKeyDown={event => {
              const [less, more] = isAcross ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
              const way = event.key === more ? 1 : event.key === less ? -1 : 0
              if (way === 0) return
              event.preventDefault()
              set(side, frame[side] + outward * way * (event.shiftKey ? 64 : 8))
            }}
          />
        )
      })}
    </>
  )
}

/** A side grows by as much as the picture has at most. */
export function clampSide(mask: MaskCanvas, side: keyof Sides, value: number): number {
  const most = side === 'left' || side === 'right' ? mask.width : mask.height
  return Math.round(Math.min(most, Math.max(0, value)))
}
