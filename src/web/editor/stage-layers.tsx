import type { Ref } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { MaskCanvas } from './mask-canvas.js'
import { drawMaskPreview } from './mask-preview.js'
import { MaskView } from './mask-view.js'
import { NO_SIDES, type Sides } from './side-handles.js'
import type { Tool } from './tools.js'
import type { View } from './use-stage-view.js'

type Props = {
  readonly url: string
  readonly mask: MaskCanvas
  readonly tool: Tool
  /** Pixels of the picture. */
  readonly grow: number
  /** Pixels of the picture. */
  readonly blur: number
  /** Pixels to add on each side; undefined while a mask is drawn. */
  readonly sides: Sides | undefined
  /** Increases with each change of the mask. */
  readonly maskVersion: number
  readonly selectionPreview: Ref<HTMLCanvasElement>
  readonly paper: Ref<HTMLDivElement>
  readonly outline: Ref<SVGPolylineElement>
  readonly view: View
  /** The mask that is being drawn is shown instead of its preview, which is computed once it is drawn. */
  readonly isBrushDrawing: boolean
}

/** The picture, and over it the mask, of which only what is seen is shown, its preview, the outline of a lasso, the frame of an extension. */
export function StageLayers(props: Props) {
  const { url, mask, tool, grow, blur, sides, maskVersion, view, isBrushDrawing, ...refs } = props
  const holder = useRef<HTMLDivElement>(null)
  const shownMask = useRef<HTMLCanvasElement>(null)
  const preview = useRef<HTMLCanvasElement>(null)
  const { scale } = view
  useLayoutEffect(() => {
    holder.current?.replaceChildren(mask.canvas)
    mask.view = new MaskView(shownMask.current!, mask.canvas)
  }, [mask])
  useLayoutEffect(() => {
    if (preview.current && (grow > 0 || blur > 0)) drawMaskPreview(mask.canvas, preview.current, grow, blur)
  }, [mask, grow, blur, maskVersion])

  const isPreviewed = !sides && !isBrushDrawing && (grow > 0 || blur > 0)
  const isMaskShown = !isPreviewed && !sides
  useLayoutEffect(() => {
    if (isMaskShown) mask.view?.show(view)
  }, [mask, view, isMaskShown])
  const { left, right, top, bottom } = sides ?? NO_SIDES
  return (
    <>
      <div ref={refs.paper} class="paper" style={{ width: `${mask.width}px`, height: `${mask.height}px` }}>
        <img src={url} alt="" draggable={false} />
        <div ref={holder} class="mask hidden" />
        <canvas ref={preview} class={`mask preview${isPreviewed ? '' : ' hidden'}`} />
        <canvas ref={refs.selectionPreview} class={`mask hover${tool === 'select' && !sides ? '' : ' hidden'}`} />
        <svg class="outline" viewBox={`0 0 ${mask.width} ${mask.height}`} aria-hidden="true">
          <polyline ref={refs.outline} stroke-width={2 / scale} />
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
      <canvas ref={shownMask} class={`shown-mask${isMaskShown ? '' : ' hidden'}`} />
    </>
  )
}
