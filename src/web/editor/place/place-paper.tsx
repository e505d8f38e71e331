import { type Placement, type Size, scaledSize } from './placement.js'
import type { Guides } from './snap.js'

type Props = {
  readonly url: string
  readonly picture: Size
  readonly placement: Placement
  readonly guides: Guides
  /** Width of the lines, in pixels of the frame. */
  readonly line: number
}

/** The picture, its part inside the frame, the frame's border, and the guides that it snaps to. */
export function PlacePaper({ url, picture, placement, guides, line }: Props) {
  const { x, y, scale } = placement
  const scaled = scaledSize(picture, scale)
  const position = { left: `${x}px`, top: `${y}px`, width: `${scaled.width}px`, height: `${scaled.height}px` }
  return (
    <>
      <img class="outside" src={url} alt="" draggable={false} style={position} />
      <div class="new-frame">
        <img src={url} alt="" draggable={false} style={position} />
      </div>
      <div class="new-frame-border" style={{ borderWidth: `${line}px` }} />
      {guides.x.map(at => (
        <div key={`x${at}`} class="guide" style={{ left: `${at - line / 2}px`, width: `${line}px`, height: '100%' }} />
      ))}
      {guides.y.map(at => (
        <div key={`y${at}`} class="guide" style={{ top: `${at - line / 2}px`, height: `${line}px`, width: '100%' }} />
      ))}
    </>
  )
}
