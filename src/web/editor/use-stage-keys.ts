import { useState } from 'preact/hooks'
import { fill } from '../texts.js'
import { useEditorTexts } from './editor-texts.js'
import type { Point } from './point.js'
import type { Tool } from './tools.js'
import type { StageView } from './use-stage-view.js'
import type { Stroke } from './use-stroke.js'

/** One press of an arrow key, and with Shift, in pixels of the screen. */
const KEY_STEP = 4
const KEY_LEAP = 24

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

type Options = {
  readonly tool: Tool
  readonly isExtending: boolean
  readonly isSpaceHeld: boolean
  readonly view: StageView
  readonly stroke: Stroke
  /** In pixels of the stage. */
  readonly cursor: Point | undefined
  readonly onCursor: (at: Point) => void
  readonly showWholePicture: () => void
}

/** The keys of the stage: arrows move the cursor, Enter begins and ends a stroke or selects an object. */
export function useStageKeys(options: Options) {
  const { tool, isExtending, isSpaceHeld, view, stroke, cursor, onCursor, showWholePicture } = options
  const texts = useEditorTexts()
  const [isDrawing, setIsDrawing] = useState(false)
  const [announcement, announce] = useState('')
  const { toPicture, zoom } = view

  const moveCursor = (from: Point, arrow: Point, step: number) => {
    if (isSpaceHeld || tool === 'hand') return view.pan({ x: -arrow.x * step, y: -arrow.y * step })
    const next = { x: from.x + arrow.x * step, y: from.y + arrow.y * step }
    onCursor(next)
    if (stroke.isActive()) stroke.continue([toPicture(next)])
  }
  const toggleStroke = (point: Point) => {
    if (isDrawing) stroke.end()
    else stroke.begin(point)
    setIsDrawing(!isDrawing)
    const values = { tool: texts.tools[tool], x: Math.round(point.x), y: Math.round(point.y) }
    announce(fill(isDrawing ? texts.strokeEnded : texts.strokeStarted, values))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key]
    const at = cursor ?? view.middle()
    // Space would scroll the page; held, it pans.
    if (event.key === ' ') event.preventDefault()
    else if (arrow && !isExtending) {
      event.preventDefault()
      moveCursor(at, arrow, event.shiftKey ? KEY_LEAP : KEY_STEP)
    } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && !isExtending && tool !== 'hand') {
      event.preventDefault()
      onCursor(at)
      if (tool === 'select') stroke.selectAt(toPicture(at), event.altKey)
      else toggleStroke(toPicture(at))
    } else if (event.key === '+' || event.key === '=') zoom(1.25, at)
    else if (event.key === '-') zoom(0.8, at)
    else if (event.key === '0') showWholePicture()
  }
  return {
    onKeyDown,
    /** A stroke that was begun by a key goes on. */
    isDrawing,
    /** For screen readers. */
    announcement,
  }
}
