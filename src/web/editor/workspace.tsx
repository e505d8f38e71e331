import { useState } from 'preact/hooks'
import type { OpenedDrawing } from '../../protocol/drawing.js'
import { useEditorTexts } from './editor-texts.js'
import { JobProgress } from './job-progress.js'
import type { MaskCanvas } from './mask-canvas.js'
import { MaskTools } from './mask-tools.js'
import { PlaceFields } from './place/place-fields.js'
import { PlaceStage } from './place/place-stage.js'
import { coversFrame, initialPlacement } from './place/placement.js'
import { RequestFields } from './request-fields.js'
import { initialSettings, requestFor, type Settings } from './settings.js'
import { SideFields } from './side-fields.js'
import { NO_SIDES, SIDES, type Sides } from './side-handles.js'
import { Stage } from './stage.js'
import { clampBrushSize } from './tools.js'
import { useDrawingJob } from './use-drawing-job.js'
import { useObjectSelection } from './use-object-selection.js'
import { useShortcuts } from './use-shortcuts.js'

type WorkspaceProps = {
  token: string
  onNext(token: string): void
  drawing: OpenedDrawing
  url: string
  mask: MaskCanvas
}

/** The stage and the form next to it. */
export function Workspace({ token, onNext, drawing, url, mask }: WorkspaceProps) {
  const texts = useEditorTexts()
  const [settings, setSettings] = useState<Settings>(() => initialSettings(drawing, mask))
  const [sides, setSides] = useState<Sides>(NO_SIDES)
  const [placement, setPlacement] = useState(() => initialPlacement(mask))
  const [maskVersion, setMaskVersion] = useState(0)
  const { job, error, setError, submit } = useDrawingJob(token)
  const change = (changes: Partial<Settings>) => setSettings(before => ({ ...before, ...changes }))
  const onDrawn = () => setMaskVersion(version => version + 1)
  const changeMask = (changeIt: () => void) => {
    changeIt()
    onDrawn()
  }
  const resizeBrush = (size: number) => change({ brushSize: clampBrushSize(size) })
  const objects = useObjectSelection(token, mask, onDrawn, setError)
  const { mode } = settings
  const { canSelect } = drawing

  const isBusy = job?.state === 'waiting' || job?.state === 'running'
  const onSubmit = async () => {
    if (isBusy) return
    setError('')
    if (mode === 'extend' && SIDES.every(side => sides[side] === 0)) return setError(texts.sideMissing)
    if (mode === 'place' && coversFrame(placement, mask)) return setError(texts.placeCovers)
    if (mode === 'draw' && mask.coverage() === 0) return setError(texts.maskMissing)
    await submit(requestFor(settings, sides, placement), mode === 'draw' ? mask.png() : undefined)
  }
  useShortcuts({ settings, change, canSelect, mask, changeMask, resizeBrush, submit: onSubmit })

  return (
    <main class="editor">
      {mode === 'place' ? (
        <PlaceStage url={url} picture={mask} placement={placement} onPlacement={setPlacement} />
      ) : (
        <Stage
          url={url}
          mask={mask}
          {...settings}
          sides={mode === 'extend' ? sides : undefined}
          onSides={setSides}
          onDrawn={onDrawn}
          onBrushSize={resizeBrush}
          maskVersion={maskVersion}
          onSelect={objects.select}
          onHover={objects.hover}
          onObjectSize={objects.stepSize}
          selectionPreview={objects.preview}
        />
      )}
      <form
        class="panel"
        aria-label={texts.form}
        onSubmit={event => {
          event.preventDefault()
          void onSubmit()
        }}
      >
        <h1>
          {mask.width} × {mask.height}
        </h1>
        <div class="modes">
          <button type="button" aria-pressed={mode === 'draw'} onClick={() => change({ mode: 'draw' })}>
            {texts.repaint}
          </button>
          <button type="button" aria-pressed={mode === 'extend'} onClick={() => change({ mode: 'extend' })}>
            {texts.extend}
          </button>
          <button type="button" aria-pressed={mode === 'place'} onClick={() => change({ mode: 'place' })}>
            {texts.place}
          </button>
        </div>
        {mode === 'draw' && <MaskTools {...{ mask, settings, change, canSelect, objects, changeMask }} />}
        {mode === 'extend' && <SideFields mask={mask} sides={sides} onSides={setSides} />}
        {mode === 'place' && (
          <PlaceFields
            picture={mask}
            placement={placement}
            onPlacement={setPlacement}
            frameSizes={drawing.frameSizes}
          />
        )}
        <RequestFields drawing={drawing} settings={settings} change={change} />
        {error && (
          <p role="alert" class="error">
            {error}
          </p>
        )}
        {job && <JobProgress token={token} job={job} onNext={onNext} />}
        <div class="submit">
          <button type="submit" class="button primary" title="Ctrl+Enter" disabled={isBusy}>
            {isBusy ? texts.painting : texts.paint}
          </button>
        </div>
      </form>
    </main>
  )
}
