import { useRef } from 'preact/hooks'
import { useEditorTexts } from './editor-texts.js'
import type { EditorPicture } from './pictures.js'
import { useObjectUrl } from './use-object-url.js'
import { usePanZoom } from './use-pan-zoom.js'
import { useRefit } from './use-refit.js'
import { useStageView } from './use-stage-view.js'
import { ZoomButtons } from './zoom-buttons.js'

type Props = {
  readonly picture: EditorPicture
  /** The picture that it was painted from, if there is one. */
  readonly original: EditorPicture | undefined
  /** How much of the original is shown, from 0 to 1 of the width, from the left. */
  readonly share: number
}

/** A picture to zoom and pan, and over its left part the picture that it was painted from, at its place. */
export function CompareStage({ picture, original, share }: Props) {
  const texts = useEditorTexts()
  const stage = useRef<HTMLDivElement>(null)
  const paper = useRef<HTMLDivElement>(null)
  const view = useStageView(stage, paper)
  const gesture = usePanZoom(stage, view)
  const url = useObjectUrl(picture.file)
  const originalUrl = useObjectUrl(original?.file)
  const { width, height, source } = picture
  const showAll = () => view.fit({ x: 0, y: 0, width, height })
  useRefit(stage, showAll, [width, height])
  return (
    <div class="stage-holder">
      <div
        ref={stage}
        class="stage hand"
        role="img"
        aria-label={share === 1 ? texts.before : texts.resultStage}
        onPointerDown={event => gesture.down(event)}
        onPointerMove={event => gesture.move(event)}
        onPointerUp={event => gesture.up(event)}
        onPointerCancel={event => gesture.up(event)}
      >
        <div ref={paper} class="paper" style={{ width: `${width}px`, height: `${height}px` }}>
          {url && <img src={url} alt="" draggable={false} />}
          {originalUrl && (
            <div
              class="before"
              style={share > 0 ? { clipPath: `inset(0 ${100 - share * 100}% 0 0)` } : { visibility: 'hidden' }}
            >
              <img
                src={originalUrl}
                alt=""
                draggable={false}
                style={{
                  left: `${source.x}px`,
                  top: `${source.y}px`,
                  width: `${source.width}px`,
                  height: `${source.height}px`,
                }}
              />
            </div>
          )}
          {share > 0 && share < 1 && (
            <div class="line" style={{ left: `${share * 100}%`, width: `${2 / view.shown.scale}px` }} />
          )}
        </div>
      </div>
      <ZoomButtons scale={view.shown.scale} onZoom={factor => view.zoom(factor, view.middle())} onFit={showAll} />
    </div>
  )
}
