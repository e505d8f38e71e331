import type { Point } from './point.js'
import type { Tool } from './tools.js'

type Props = {
  readonly tool: Tool
  /** In pixels of the stage. */
  readonly at: Point
  /** The brush's diameter, in pixels of the stage. */
  readonly size: number
  /** Of the brush, from 0 to 1. */
  readonly hardness: number
  /** A stroke that was begun by a key goes on. */
  readonly isDown: boolean
  /** The brush is being changed: show what it would draw. */
  readonly isPreview: boolean
}

/** Of the cursors that are no brush, in pixels of the stage. */
const CROSS_SIZE = 22
const DOT_SIZE = 14

/** Replaces the pointer: for a brush its edge, and inside it the part that covers fully. */
export function StageCursor({ tool, at, size, hardness, isDown, isPreview }: Props) {
  const isBrush = tool === 'brush' || tool === 'eraser'
  const side = isBrush ? size : tool === 'select' ? CROSS_SIZE : DOT_SIZE
  const core = `${hardness * 100}%`
  const classes = ['cursor', isDown && 'down', tool === 'select' && 'cross', isPreview && isBrush && 'filled']
  return (
    <div
      class={classes.filter(Boolean).join(' ')}
      style={{
        left: `${at.x}px`,
        top: `${at.y}px`,
        width: `${side}px`,
        height: `${side}px`,
        '--core': core,
      }}
    >
      {isBrush && hardness < 1 && <div class="core" style={{ width: core, height: core }} />}
    </div>
  )
}
