import type { Ref } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { useEditorTexts } from './editor-texts.js'
import type { MaskCanvas } from './mask-canvas.js'
import type { Point } from './point.js'
import { NO_SIDES, SideHandles, type Sides } from './side-handles.js'
import { StageCursor } from './stage-cursor.js'
import { StageLayers } from './stage-layers.js'
import { stagePointerHandlers } from './stage-pointer.js'
import type { Tool } from './tools.js'
import { useHeldKey } from './use-held-key.js'
import type { ObjectPlace } from './use-object-selection.js'
import { usePanZoom } from './use-pan-zoom.js'
import { useRefit } from './use-refit.js'
import { useStageKeys } from './use-stage-keys.js'
import { useStageView } from './use-stage-view.js'
import { useStroke } from './use-stroke.js'
import { wheelTurn } from './use-wheel.js'
import { ZoomButtons } from './zoom-buttons.js'

/** Sides are dragged outward, which needs room: the share of the stage that the frame takes. */
const EXTENDING_SHARE = 0.6

/** Turns of the wheel, in pixels, that resize the brush by a factor of e. */
const RESIZE_RANGE = 600

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
  const [isBrushDrawing, onBrush] = useState(false)
  const isSpaceHeld = useHeldKey(' ')
  const view = useStageView(stage, paper)
  const stroke = useStroke({ ...props, outline, onBrush, scale: () => view.current().scale })

  /** The wheel zooms. With Shift it changes the size of the brush, or of the object that is selected. */
  const resizeByWheel = (event: WheelEvent): boolean => {
    if (!event.shiftKey || tool === 'hand' || sides) return false
    const turn = wheelTurn(event)
    if (tool === 'select') onObjectSize(turn < 0 ? 1 : -1)
    else onBrushSize(brushSize * Math.exp(-turn / RESIZE_RANGE))
    return true
  }
  const gesture = usePanZoom(stage, view, resizeByWheel)
  const showWholePicture = () => {
    const { left, right, top, bottom } = sides ?? NO_SIDES
    const frame = { x: -left, y: -top, width: mask.width + left + right, height: mask.height + top + bottom }
    view.fit(frame, sides && EXTENDING_SHARE)
  }
  const isExtending = sides !== undefined
  useRefit(stage, showWholePicture, [mask, isExtending])
  const common = { tool, isExtending, isSpaceHeld, view, stroke, onCursor: setCursor }
  const pointerHandlers = stagePointerHandlers({ ...common, gesture, onHover })
  const keys = useStageKeys({ ...common, cursor, showWholePicture })

  const { scale } = view.shown
  const shownCursor = props.isBrushPreviewed ? view.middle() : cursor
  return (
    <div class="stage-holder" inert={props.isCovered}>
      <div
        ref={stage}
        class={`stage ${sides ? 'extending' : isSpaceHeld ? 'hand' : tool}`}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys, to draw with
        tabIndex={0}
        aria-label={texts.stage}
        onKeyDown={keys.onKeyDown}
        {...pointerHandlers}
      >
        <StageLayers {...props} paper={paper} outline={outline} view={view.shown} isBrushDrawing={isBrushDrawing} />
        {sides && <SideHandles mask={mask} sides={sides} onSides={props.onSides} view={view.shown} />}
        {shownCursor && !sides && tool !== 'hand' && !isSpaceHeld && (
          <StageCursor
            tool={tool}
            at={shownCursor}
            size={brushSize * scale}
            hardness={brushHardness}
            isDown={keys.isDrawing}
            isPreview={props.isBrushPreviewed}
          />
        )}
      </div>
      <ZoomButtons scale={scale} onZoom={factor => view.zoom(factor, view.middle())} onFit={showWholePicture} />
      <p class="announcement" role="status">
        {keys.announcement}
      </p>
    </div>
  )
}
