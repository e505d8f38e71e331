import { useState } from 'preact/hooks'
import type { OpenedDrawing } from '../../protocol/drawing.js'
import type { UpscaleWay } from '../../protocol/drawing-request.js'
import { useEditorTexts } from './editor-texts.js'
import { HistoryStrip } from './history-strip.js'
import { JobPreview, JobProgress } from './job-progress.js'
import type { MaskCanvas } from './mask-canvas.js'
import { MaskTools } from './mask-tools.js'
import type { EditorPicture } from './pictures.js'
import { PlaceFields } from './place/place-fields.js'
import { PlaceStage } from './place/place-stage.js'
import { coversFrame, initialPlacement } from './place/placement.js'
import { RequestFields } from './request-fields.js'
import { ResultViewer } from './result-viewer.js'
import type { Session } from './session.js'
import { engineOf, initialSettings, requestFor, type Settings, upscaleRequest } from './settings.js'
import { ShortcutList } from './shortcut-list.js'
import { SideFields } from './side-fields.js'
import { NO_SIDES, SIDES, type Sides } from './side-handles.js'
import { Stage } from './stage.js'
import { clampBrushSize } from './tools.js'
import { useDrawingJob } from './use-drawing-job.js'
import { useGallery } from './use-gallery.js'
import { useObjectSelection } from './use-object-selection.js'
import { usePrompts } from './use-prompts.js'
import { useSavedWork } from './use-saved-work.js'
import { useShortcuts } from './use-shortcuts.js'

type WorkspaceProps = {
  token: string
  /** Takes the token of another picture, which the person wants to draw on. */
  onOpen(token: string): void
  /** Takes the token of the picture that the person came from. */
  onBack(token: string): void
  drawing: OpenedDrawing
  url: string
  mask: MaskCanvas
  session: Session
}

/** The stage and the form next to it. */
export function Workspace({ token, onOpen, onBack, drawing, url, mask, session }: WorkspaceProps) {
  const texts = useEditorTexts()
  const [settings, setSettings] = useState<Settings>(() => ({ ...initialSettings(drawing, mask), ...session.settings }))
  const [sides, setSides] = useState<Sides>(session.work?.sides ?? NO_SIDES)
  const [placement, setPlacement] = useState(() => session.work?.placement ?? initialPlacement(mask))
  /** On a phone: the sheet with the tools is pulled over the stage. */
  const [isOpen, setIsOpen] = useState(false)
  const [maskVersion, setMaskVersion] = useState(0)
  const [isBrushPreviewed, setIsBrushPreviewed] = useState(false)
  const [areShortcutsShown, setAreShortcutsShown] = useState(false)
  const gallery = useGallery(session)
  const prompts = usePrompts(session)
  const { job, error, setError, submit } = useDrawingJob(token, gallery.add)
  useSavedWork(session, mask, maskVersion, { sides, placement, viewed: gallery.viewed })
  const stopViewing = () => gallery.view(undefined)
  const change = (changes: Partial<Settings>) => {
    const next = { ...settings, ...changes }
    setSettings(next)
    void session.saveSettings(next)
    // Who takes a tool wants to draw.
    if ('tool' in changes || 'mode' in changes) stopViewing()
  }
  const onDrawn = () => setMaskVersion(version => version + 1)
  const changeMask = (changeIt: () => void) => {
    changeIt()
    onDrawn()
    stopViewing()
  }
  const resizeBrush = (size: number) => change({ brushSize: clampBrushSize(size) })
  const objects = useObjectSelection(token, mask, onDrawn, setError)
  const { mode } = settings
  const { canSelect } = drawing
  const { picture } = gallery

  const isBusy = job?.state === 'waiting' || job?.state === 'running'
  const onSubmit = async () => {
    if (isBusy) return
    setError('')
    if (mode === 'extend' && SIDES.every(side => sides[side] === 0)) return setError(texts.sideMissing)
    if (mode === 'place' && coversFrame(placement, mask)) return setError(texts.placeCovers)
    if (mode === 'draw' && mask.coverage() === 0) return setError(texts.maskMissing)
    // Only a model with prompts repaints by part what is grey.
    const keepsGreys = settings.kind === 'inpaint' && (engineOf(drawing, settings)?.supportsPrompt ?? false)
    if (mode === 'draw' && mask.isFull(keepsGreys)) return setError(texts.maskFull)
    prompts.add(settings.prompt)
    await submit(requestFor(settings, sides, placement), mode === 'draw' ? mask.png() : undefined)
  }
  useShortcuts({
    settings,
    change,
    canSelect,
    mask,
    changeMask,
    resizeBrush,
    stepObjectSize: objects.stepSize,
    submit: onSubmit,
    showShortcuts: () => setAreShortcutsShown(true),
    isViewing: picture !== undefined,
  })

  const continueOn = async ({ token: next }: EditorPicture) => {
    if (!next || next === token) return stopViewing()
    await session.continueOn(next)
    onOpen(next)
  }
  const upscale = async ({ token: of }: EditorPicture, way: UpscaleWay) => {
    setError('')
    await submit(upscaleRequest(settings, way), undefined, of)
  }
  const { parent } = session
  /** By a result. */
  const isCovered = picture !== undefined
  return (
    <main class="editor">
      <div class="stage-area">
        {mode === 'place' ? (
          <PlaceStage url={url} picture={mask} placement={placement} onPlacement={setPlacement} isCovered={isCovered} />
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
            onUse={continueOn}
            onUpscale={upscale}
            isBusy={isBusy}
            onClose={stopViewing}
          />
        )}
        {job?.state === 'running' && job.preview && <JobPreview token={token} path={job.preview} />}
      </div>
      <form
        class={`panel${isOpen ? ' open' : ''}`}
        aria-label={texts.form}
        onSubmit={event => {
          event.preventDefault()
          void onSubmit()
        }}
      >
        <button type="button" class="sheet-handle" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? '⌄' : '⌃'} {texts.form}
        </button>
        <div class="panel-head">
          {parent && (
            <button type="button" class="button secondary" onClick={() => onBack(parent)}>
              <span aria-hidden="true">← </span>
              {texts.back}
            </button>
          )}
          <h1>
            {mask.width} × {mask.height}
          </h1>
          <button
            type="button"
            class="button secondary"
            aria-label={texts.shortcuts}
            title={`${texts.shortcuts} (?)`}
            onClick={() => setAreShortcutsShown(true)}
          >
            ?
          </button>
        </div>
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
        {mode === 'draw' && (
          <MaskTools
            {...{ mask, settings, change, canSelect, objects, changeMask, setError }}
            onBrushPreview={setIsBrushPreviewed}
          />
        )}
        {mode === 'extend' && <SideFields mask={mask} sides={sides} onSides={setSides} />}
        {mode === 'place' && (
          <PlaceFields
            picture={mask}
            placement={placement}
            onPlacement={setPlacement}
            frameSizes={drawing.frameSizes}
          />
        )}
        <RequestFields
          drawing={drawing}
          settings={settings}
          change={change}
          prompts={prompts.prompts}
          lastSeed={(picture ?? gallery.pictures.at(-1))?.recipe?.seed}
        />
        <HistoryStrip pictures={gallery.pictures} viewed={picture} onView={gallery.view} />
        <div class="submit">
          {error && (
            <p role="alert" class="error">
              {error}
            </p>
          )}
          {job && <JobProgress job={job} />}
          <button type="submit" class="button primary" title="Ctrl+Enter" disabled={isBusy}>
            {isBusy ? texts.painting : texts.paint}
          </button>
        </div>
      </form>
      {areShortcutsShown && <ShortcutList onClose={() => setAreShortcutsShown(false)} />}
    </main>
  )
}
