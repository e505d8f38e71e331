import { JobPreview } from './job-progress.js'
import type { EditorPicture } from './pictures.js'
import { PlaceStage } from './place/place-stage.js'
import { ResultViewer } from './result-viewer.js'
import { Stage } from './stage.js'
import type { Edit } from './use-edit.js'
import type { Gallery } from './use-gallery.js'
import type { ObjectSelector } from './use-object-selection.js'
import type { Painting } from './use-painting.js'

type Props = {
  readonly token: string
  /** Of the picture to draw on. */
  readonly url: string
  readonly edit: Edit
  readonly gallery: Gallery
  readonly painting: Painting
  readonly objects: ObjectSelector
  readonly onBrushSize: (size: number) => void
  /** The brush is changed elsewhere: show it in the middle. */
  readonly isBrushPreviewed: boolean
  /** The person continues on the picture. */
  readonly onUse: (picture: EditorPicture) => void
}

/** The picture that is worked on, or in its place a result. */
export function StageArea(props: Props) {
  const { token, url, edit, gallery, painting, objects, onBrushSize, isBrushPreviewed, onUse } = props
  const { mask, settings, sides, placement } = edit
  const { job } = painting
  const { picture } = gallery
  const isCovered = picture !== undefined
  return (
    <div class="stage-area">
      {settings.mode === 'place' ? (
        <PlaceStage
          url={url}
          picture={mask}
          placement={placement}
          onPlacement={edit.setPlacement}
          isCovered={isCovered}
        />
      ) : (
        <Stage
          url={url}
          mask={mask}
          {...settings}
          sides={settings.mode === 'extend' ? sides : undefined}
          onSides={edit.setSides}
          onDrawn={edit.onDrawn}
          onBrushSize={onBrushSize}
          maskVersion={edit.maskVersion}
          onSelect={objects.select}
          onHover={objects.preview.hover}
          onObjectSize={objects.stepSize}
          selectionPreview={objects.preview.canvas}
          isBrushPreviewed={isBrushPreviewed}
          isCovered={isCovered}
        />
      )}
      {picture && (
        <ResultViewer
          picture={picture}
          group={gallery.group}
          original={gallery.original}
          onChoose={gallery.view}
          onUse={onUse}
          onUpscale={painting.upscale}
          isBusy={painting.isBusy}
          onClose={gallery.close}
        />
      )}
      {job?.state === 'running' && job.preview && <JobPreview token={token} path={job.preview} />}
    </div>
  )
}
